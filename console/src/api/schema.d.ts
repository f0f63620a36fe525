// Generated from openapi.json by `npm run generate`.
export interface paths {
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Liveness.
         * @description 200 while the process runs.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain": string;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        /**
         * Liveness.
         * @description 200 while the process runs.
         */
        head: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Readiness.
         * @description 200 while the server accepts requests; 503 once it has been told to stop or its metadata store accepts no writes.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain": string;
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain": string;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        /**
         * Readiness.
         * @description 200 while the server accepts requests; 503 once it has been told to stop or its metadata store accepts no writes.
         */
        head: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Metrics.
         * @description Every instrument in the Prometheus text format, or in the OpenMetrics format if the Accept header asks for it.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain": string;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        /**
         * Metrics.
         * @description Every instrument in the Prometheus text format, or in the OpenMetrics format if the Accept header asks for it.
         */
        head: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        patch?: never;
        trace?: never;
    };
    "/api/shared/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Reads the file or object of a share link, or a range of it. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description The token at the end of the link's URL. */
                    token: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Partial Content */
                206: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Forbidden */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain": string;
                    };
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain": string;
                    };
                };
                /** @description Gone */
                410: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain": string;
                    };
                };
                /** @description Precondition Failed */
                412: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain": string;
                    };
                };
                /** @description Range Not Satisfiable */
                416: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain": string;
                    };
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain": string;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        /** Reads the file or object of a share link, or a range of it. */
        head: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description The token at the end of the link's URL. */
                    token: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Partial Content */
                206: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Forbidden */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Not Found */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Gone */
                410: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Precondition Failed */
                412: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Range Not Satisfiable */
                416: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Service Unavailable */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        patch?: never;
        trace?: never;
    };
    "/openapi/v1.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Writes the document. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["JsonElement"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/organizations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists the organizations: all for the server's root user, its own for any other root user.
         * @description For root users.
         */
        get: operations["ListOrganizations"];
        put?: never;
        /**
         * Creates an organization with a root user and that user's access key.
         * @description The secret key is shown only once. For the server's root user.
         */
        post: operations["CreateOrganization"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/organizations/{organization}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Shows an organization.
         * @description For the organization's root user and the server's.
         */
        get: operations["GetOrganization"];
        put?: never;
        post?: never;
        /**
         * Deletes an organization with its users, access keys, tokens and policies.
         * @description An organization that owns buckets or disks cannot be deleted. For the server's root user.
         */
        delete: operations["DeleteOrganization"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/organizations/{organization}/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists an organization's users.
         * @description For the organization's root user and the server's.
         */
        get: operations["ListUsers"];
        put?: never;
        /**
         * Creates a user with an access key.
         * @description The secret key is shown only once. Only the server's root user may choose `userId`. For the organization's root user and the server's.
         */
        post: operations["CreateUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/organizations/{organization}/users/{user}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Shows a user.
         * @description For the organization's root user and the server's.
         */
        get: operations["GetUser"];
        put?: never;
        post?: never;
        /**
         * Deletes a user with its access keys and tokens.
         * @description For the organization's root user and the server's.
         */
        delete: operations["DeleteUser"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/organizations/{organization}/users/{user}/groups/{group}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Adds a user to a group.
         * @description For the organization's root user and the server's.
         */
        put: operations["AddUserToGroup"];
        post?: never;
        /**
         * Removes a user from a group.
         * @description For the organization's root user and the server's.
         */
        delete: operations["RemoveUserFromGroup"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/organizations/{organization}/policies/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Shows a policy of an organization.
         * @description For the organization's root user and the server's.
         */
        get: operations["GetOrganizationPolicy"];
        /**
         * Puts a policy of an organization.
         * @description The body is the policy's document, or `{"policy":…}`. `warnings` lists probable mistakes in it. For the organization's root user and the server's.
         */
        put: operations["PutOrganizationPolicy"];
        post?: never;
        /**
         * Deletes a policy of an organization.
         * @description For the organization's root user and the server's.
         */
        delete: operations["DeleteOrganizationPolicy"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/organizations/{organization}/policies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists the policies of an organization, with their documents.
         * @description For the organization's root user and the server's.
         */
        get: operations["ListOrganizationPolicies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/issuers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists the issuers that an organization trusts.
         * @description For root users.
         */
        get: operations["ListIssuers"];
        put?: never;
        /**
         * Lets an organization trust an OpenID Connect issuer, whose tokens workloads exchange for temporary credentials.
         * @description The server fetches the issuer's keys: from the hosts that this names, and no others. For the server's root user.
         */
        post: operations["CreateIssuer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/issuers/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Deletes an issuer: credentials that were issued for its tokens stop working at once, also those of roles.
         * @description For the server's root user.
         */
        delete: operations["DeleteIssuer"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/issuers/{name}/console": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Lets people sign in to the console with an issuer, or changes how.
         * @description The issuer must know the client, with the redirect URI `CONSOLE/api/session/oidc/{organization}/{name}/callback`, its own. Sessions that have begun go on until they end. For the server's root user.
         */
        put: operations["SetIssuerConsole"];
        post?: never;
        /**
         * Lets nobody sign in to the console with an issuer any more.
         * @description Sessions that have begun go on until they end, at the latest after twelve hours; deleting the issuer, or the role, ends them. For the server's root user.
         */
        delete: operations["DeleteIssuerConsole"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/organizations/{organization}/roles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists an organization's roles.
         * @description For the organization's root user and the server's.
         */
        get: operations["ListRoles"];
        put?: never;
        /**
         * Creates a role, which workloads assume with a token of an issuer by AssumeRoleWithWebIdentity.
         * @description For the organization's root user and the server's.
         */
        post: operations["CreateRole"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/organizations/{organization}/roles/{role}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Shows a role.
         * @description For the organization's root user and the server's.
         */
        get: operations["GetRole"];
        put?: never;
        post?: never;
        /**
         * Deletes a role: its sessions end at once.
         * @description For the organization's root user and the server's.
         */
        delete: operations["DeleteRole"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists the access keys of a user, or of the whole organization.
         * @description A user sees its own keys, and a key with a policy itself alone. When a key was last used is known to the minute.
         */
        get: operations["ListAccessKeys"];
        put?: never;
        /**
         * Creates an access key for a user, or for the organization's root user.
         * @description The secret key is shown only once. For root users; a user may create keys with a policy for itself. A key with a policy may do what its user may and the policy allows,
         *     cannot administer anything, and cannot create other keys. One that a user creates expires no later than the key that signed the request.
         */
        post: operations["CreateAccessKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Shows an access key, without its secret.
         * @description To root users, and to its user. When it was last used is known to the minute.
         */
        get: operations["GetAccessKey"];
        put?: never;
        post?: never;
        /**
         * Revokes an access key: it stops working at once.
         * @description For root users; a user may revoke its keys with a policy.
         */
        delete: operations["RevokeAccessKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/keys/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Gives an access key a new secret, generated or given; the old one stops working at once.
         * @description For root users; a user may rotate its keys with a policy, by a key that lasts at least as long, and cannot choose the secret.
         */
        post: operations["RotateAccessKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists the tokens of an organization, without their texts.
         * @description A user sees its own. An access key with a policy sees none.
         */
        get: operations["ListTokens"];
        put?: never;
        /**
         * Creates a token for this API.
         * @description Its text is shown this once.
         */
        post: operations["CreateToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Deletes a token: it stops working at once. */
        delete: operations["DeleteToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/applications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Creates what an application needs: a bucket, a user with an access key, and a bucket policy that lets that user use that bucket.
         * @description All of it or, if the request is refused or fails, nothing. The secret key, and the snippets that hold it, are shown only once: if the answer was lost, the same request is
         *     refused because the user exists, and POST /api/keys/{id}/rotate gives its key a new secret. For root users.
         */
        post: operations["CreateApplication"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/disks/{id}/share": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Creates a share link to one file of a disk. */
        post: operations["ShareDiskFile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/buckets/{bucket}/samples": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists what a bucket held at the end of each hour or day, and what requests did to it in that time.
         * @description An hour or day without a sample is one in which no server sampled, which is not a sample of 0. Days of UTC. Shows the server's root user all buckets, an organization's root user those of the organization, and others those of their organization on which they may s3:ListBucket.
         */
        get: operations["ListSamples"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics/buckets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Metrics of buckets.
         * @description What the largest buckets hold and what requests do to them, in the Prometheus text format; and how many buckets are left out. For the server's root user.
         */
        get: operations["GetBucketMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists the requests that ended last, the newest first: those to buckets and disks of the organization for its root user, and the requester's own for everybody; for an access key with a policy those that it, or a session of it, signed.
         * @description The server keeps the last requests of everybody in memory, as many as --recent-requests says. Requests that concern nobody's bucket and were not authenticated are shown to the server's root user.
         */
        get: operations["ListRequests"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/rates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Shows what all S3 requests together did in each of the last seconds.
         * @description A request counts when it ends, with all of its bytes. For the server's root user.
         */
        get: operations["GetRates"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/requests/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Shows where the time of one of the latest requests went and, if it was denied, why.
         * @description For who sent it, for the root user of the bucket's or disk's owner, for the server's, and for those to whom POST /api/access/explain tells why it was denied. That is
         *     shown to the same as there, and as much: the policies of an owner are not the requester's business. Nor is what was looked up before a request was denied.
         */
        get: operations["ExplainRequest"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/trace": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Watches requests: a line of JSON for each that ends, until the client disconnects or the server stops.
         * @description The server's root user sees all; another root user sees those for the buckets and disks of its organization. A client that does not keep up is told by a line
         *     `{"lost":N}` how many it missed. The answer ends when the credentials that asked for it are revoked. Empty lines only show that the connection is alive. For root users.
         */
        get: operations["WatchRequests"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/presign": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Presigns a URL of the S3 endpoint with the session's credentials. S3 decides whether they may when it is used.
         * @description It ends with the session. The body of the request is not signed. In the URL of a key with a segment `.` or `..` every slash is escaped, because browsers resolve such segments.
         *     Refused are a key that is nothing but one, parameters and headers that are a part of signatures, and headers that pages cannot set. For sessions of the console, by their cookie.
         */
        post: operations["Presign"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cwobject/temporary-credentials/api-token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Exchanges a token of this API for credentials of an hour, with the rights of the token's holder.
         * @description For SDKs, with `AWS_CONTAINER_CREDENTIALS_FULL_URI` and `AWS_CONTAINER_AUTHORIZATION_TOKEN` set to `Bearer key-…`. They end with the
         *     token.
         */
        get: operations["CwApiTokenCredentials"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Shows the session: who is signed in, where S3 is, and what the page shows.
         * @description For sessions of the console, by their cookie.
         */
        get: operations["GetSession"];
        put?: never;
        /**
         * Signs in to the console with an access key and its secret, or with a token. The answer sets the cookie that authenticates the session for twelve hours at most.
         * @description The request comes from the console's own origin and has the header `X-Tarn-Console` with a proof of its page: 32 random bytes as Base64url, which each call but GET repeats. The session acts as
         *     the key or token does and ends with it; that which the page began before ends. Keys of disks and temporary credentials are refused like unknown ones. Failed attempts are limited for each key and each address.
         */
        post: operations["BeginSession"];
        /**
         * Signs out: ends the session of the cookie, if there is one, and clears the cookie.
         * @description The request comes from the console's own origin and has the header `X-Tarn-Console` with the proof of the page that began the session.
         */
        delete: operations["EndSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/disks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists the disks of an organization in order of id, or finds the one that `name` names.
         * @description `cursor` is the id of the last disk of the previous page.
         */
        get: operations["ListDisks"];
        put?: never;
        /**
         * Creates a disk with a directory of its own, or attaches an existing directory.
         * @description If the same disk exists already, the answer describes it, with status 200. A different disk of that name is a conflict.
         */
        post: operations["CreateDisk"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/disks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a disk and its users. */
        get: operations["GetDisk"];
        put?: never;
        post?: never;
        /**
         * Deletes a disk with its users and share links.
         * @description A directory that was created for the disk is deleted with it; one that was attached is left alone.
         */
        delete: operations["DeleteDisk"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/disks/{id}/allowed-ips": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows from which addresses a disk may be read over S3; an empty list means from anywhere. */
        get: operations["GetAllowedIps"];
        /** Replaces the list of addresses from which a disk may be read over S3. */
        put: operations["SetAllowedIps"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/disks/{id}/growing-files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Sets whether a file that has become longer counts as appended to. */
        put: operations["SetGrowingFiles"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/disks/{id}/writing": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Sets whether this API may write to a disk.
         * @description Only the server's root user turns it on for a directory that was attached: it is the operator's, who may have meant it to be read only.
         */
        put: operations["SetDiskWriting"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/disks/{id}/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Accepts the file systems that are mounted now as those of the disk.
         * @description Until then a disk whose file system is missing or has been replaced is not served.
         */
        post: operations["AcceptDisk"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/disks/{id}/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Writes a file: the body is its content, of any length.
         * @description It appears, whole and durable, before the answer. If `x-amz-content-sha256` has the SHA-256 of the body, it is compared first. Use an upload for a file that may take longer than its connection lasts.
         */
        put: operations["PutDiskFile"];
        post?: never;
        /**
         * Deletes a file, a link or a directory.
         * @description Of a link the link itself is deleted. A file system that is mounted in a directory keeps it from being deleted.
         */
        delete: operations["DeleteDiskFile"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/disks/{id}/directories": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Creates a directory. */
        post: operations["CreateDiskDirectory"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/disks/{id}/rename": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Renames a file, a link or a directory, within a file system. */
        post: operations["RenameDiskFile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/disks/{id}/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the uploads of a disk. */
        get: operations["ListDiskUploads"];
        put?: never;
        /**
         * Begins a resumable upload of a file.
         * @description It is removed 24 hours after its last byte, unless it is completed.
         */
        post: operations["CreateDiskUpload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/disks/{id}/uploads/{upload}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows an upload and its offset, from which it goes on. */
        get: operations["GetDiskUpload"];
        /**
         * Appends the body, of any length, to an upload.
         * @description What is answered to be there is durable. If the connection breaks, what has arrived is kept, unless `x-amz-content-sha256` has the SHA-256 of the body: then
         *     all of it counts or nothing. Another such request for the same upload interrupts this one.
         */
        put: operations["AppendToDiskUpload"];
        post?: never;
        /** Aborts an upload: what was sent of it is removed. */
        delete: operations["AbortDiskUpload"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/disks/{id}/uploads/{upload}/complete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Completes an upload: the file appears under its path.
         * @description It stays an upload if that is refused. The same request again has the same answer, if the first one was lost.
         */
        post: operations["CompleteDiskUpload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/disks/{id}/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the users of a disk, without their secrets. */
        get: operations["ListDiskUsers"];
        put?: never;
        /**
         * Adds an S3 user: an access key that can read only this disk.
         * @description The secret is shown only once.
         */
        post: operations["AddDiskUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/disks/{id}/users/{type}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Removes a user of a disk: its access key stops working at once. */
        delete: operations["RemoveDiskUser"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/buckets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists buckets with what they hold.
         * @description A page can have fewer buckets than the limit, even none, and still have a nextCursor. A bucket whose row is damaged keeps no other one from being listed: root users see it in a list
         *     of its own. Shows the server's root user all buckets, an organization's root user those of the organization, and others those of their organization on which they may s3:ListBucket.
         */
        get: operations["ListBuckets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/buckets/{bucket}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Shows a bucket and what it holds.
         * @description Shows the server's root user all buckets, an organization's root user those of the organization, and others those of their organization on which they may s3:ListBucket.
         */
        get: operations["GetBucket"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/buckets/recount": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Has what all buckets hold counted anew, within minutes.
         * @description Needed only where a check of the stores found counts to be wrong. Until it has ended the counts are not exact. For the server's root user.
         */
        post: operations["RecountBuckets"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/shares": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the share links of an organization, of a disk or of a bucket. */
        get: operations["ListShareLinks"];
        put?: never;
        /**
         * Creates a share link to an object of a bucket that the requester's organization owns.
         * @description For root users.
         */
        post: operations["CreateShareLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/shares/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revokes a share link: it stops working at once. */
        delete: operations["RevokeShareLink"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Explains why a request was denied, or how a hypothetical one would be decided.
         * @description The body has a `requestId`, or else `principal`, `action` and `resource`, which is for root users. A requester who does not administer the
         *     subject of the question is told that it does not exist. Everyone may ask about their own requests to resources of their organization, and learns which kind of rule denied them.
         */
        post: operations["ExplainAccess"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/missing-principals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Finds the principals that do not exist, among those that a policy names.
         * @description For root users.
         */
        post: operations["FindMissingPrincipals"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/scrub": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Shows the state of scrubbing: the pass under way, the last one, and when the next begins.
         * @description For the server's root user.
         */
        get: operations["GetScrub"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/scrub/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Shows what scrubbing found: counts, what could not be read, and damaged objects.
         * @description For the server's root user.
         */
        get: operations["GetScrubReport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/scrub/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begins a pass at once, or goes on with a paused one.
         * @description For the server's root user.
         */
        post: operations["StartScrub"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/scrub/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Interrupts the pass under way, and begins no other until it is started or resumed, also after a restart of the server.
         * @description For the server's root user.
         */
        post: operations["PauseScrub"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/scrub/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ends a pause: an interrupted pass goes on where it was.
         * @description For the server's root user.
         */
        post: operations["ResumeScrub"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/scrub/orphans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists the blobs that nothing refers to and that were set aside.
         * @description For the server's root user.
         */
        get: operations["ListOrphans"];
        put?: never;
        post?: never;
        /**
         * Begins to remove all of them that no backup needs, and from then on those whose retention is over. Those that rows refer to are put back.
         * @description All rows are read first. It goes on by itself; ask for it to see how far it is. For the server's root user.
         */
        delete: operations["DropOrphans"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/scrub/orphans/drop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Shows the removal that is under way, or was the last one since the server was started.
         * @description For the server's root user.
         */
        get: operations["GetOrphanDrop"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/scrub/orphans/{id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Puts one back in its place.
         * @description For the server's root user.
         */
        post: operations["RestoreOrphan"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/scrub/orphans/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Begins to remove one, unless a row refers to it: then it is put back.
         * @description All rows are read first. It goes on by itself; ask for it to see how far it is. For the server's root user.
         */
        delete: operations["DropOrphan"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/damaged": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists objects and parts of uploads in progress of which stored data is damaged or missing.
         * @description For the server's root user.
         */
        get: operations["ListDamaged"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/damaged/drop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Deletes a damaged version of an object, or a damaged part, for good.
         * @description What is not damaged, or not any more, is left as it is. No delete marker is made. For the server's root user.
         */
        post: operations["DropDamaged"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/backups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists the backups in a directory.
         * @description For the server's root user.
         */
        get: operations["ListBackups"];
        put?: never;
        /**
         * Begins a backup of the server while it runs.
         * @description It goes on by itself; ask for the job to see how far it is. For the server's root user.
         */
        post: operations["CreateBackup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/backups/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begins a verification of a backup: every byte is read.
         * @description For the server's root user.
         */
        post: operations["VerifyBackup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/backups/job": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Shows the job that is under way, or was the last one since the server was started.
         * @description For the server's root user.
         */
        get: operations["GetBackupJob"];
        put?: never;
        post?: never;
        /**
         * Ends the job that is under way.
         * @description What a backup has copied stays, and is not copied again by the next one. For the server's root user.
         */
        delete: operations["CancelBackupJob"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/backups/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Begins the removal of a backup, and of what no other backup in the directory needs.
         * @description For the server's root user.
         */
        delete: operations["DeleteBackup"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists jobs, the newest first: of all of the organization for its root user, and of the requester's own for others. */
        get: operations["ListJobs"];
        put?: never;
        /**
         * Starts a job over many keys of a bucket.
         * @description It works in the background as the requester, whose rights are decided anew for each key, and goes on after a restart of the server. Who may list the keys and might be allowed what it does may start it. That of a session of a role ends with the session.
         */
        post: operations["StartJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a job, with the keys that failed. */
        get: operations["GetJob"];
        put?: never;
        post?: never;
        /**
         * Ends a job once the keys that it works on are done.
         * @description What it has done stays.
         */
        delete: operations["CancelJob"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/archives": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Finds out what an archive of objects, or of files of a disk, would have, and what of it the requester may not read.
         * @description Each key is decided as s3:GetObject of the requester, and each prefix as s3:ListBucket. At most 10,000 keys are looked at. A disk is for its organization's root user. Nothing is stored: the archive is made while it is fetched, which its
         *     requester can do once, with the same credentials or session, within ten minutes.
         */
        post: operations["PrepareArchive"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/archives/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Fetches an archive: a Zip file, stored, Zip64 where it must be.
         * @description Each object is decided again when its turn comes, and after each 64 MiB of it. If one is gone or may not be read any more, or the credentials or the session end, the connection is cut, so that what has arrived is no archive. Names are relative and safe to unpack
         *     on any system, and no two are the same file, unless they differ only in how Unicode composes letters and the system does not tell these apart. Each object is in the logs of requests.
         */
        get: operations["FetchArchive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/mirror": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Shows the state of both sides of the mirror.
         * @description For the server's root user.
         */
        get: operations["GetMirror"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/mirror/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Tries a side that is lost again now, instead of after a while.
         * @description Does not wait for it. Nothing happens if no side is lost. For the server's root user.
         */
        post: operations["RetryMirror"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/accelerators": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists the accelerators that have registered lately, with what they have done.
         * @description For the server's root user.
         */
        get: operations["ListAccelerators"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/accelerators/clears": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists what accelerators are told to remove, and which of those that are there have not done it yet.
         * @description For the server's root user.
         */
        get: operations["ListAcceleratorClears"];
        put?: never;
        /**
         * Has accelerators remove what they have cached.
         * @description They do so when they register next, within seconds; one that is away is told when it comes back, for a week. The list of clears has those that have not done it yet. For the server's root user.
         */
        post: operations["ClearAccelerators"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/accelerators/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists the tokens of accelerators, without their texts.
         * @description For the server's root user.
         */
        get: operations["ListAcceleratorTokens"];
        put?: never;
        /**
         * Creates a token with which an accelerator reaches the server.
         * @description Its text is shown this once. For the server's root user.
         */
        post: operations["CreateAcceleratorToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/accelerators/tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revokes a token: its accelerators are refused from their next request on.
         * @description For the server's root user.
         */
        delete: operations["RevokeAcceleratorToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Shows how the server is: version, space, what it holds, damage, background work and load.
         * @description For the server's root user.
         */
        get: operations["GetStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cwobject/access-key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists the access keys of the organization and of its users, and temporary ones.
         * @description For root users.
         */
        get: operations["CwListAccessKeys"];
        put?: never;
        /**
         * Creates an access key of the root user, without end or for at most 12 hours.
         * @description The secret key is shown only once. For root users.
         */
        post: operations["CwCreateAccessKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cwobject/access-key/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows an access key. */
        get: operations["CwGetAccessKey"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cwobject/revoke-access-key/access-key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Revokes an access key: it stops working at once. */
        post: operations["CwRevokeAccessKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cwobject/revoke-access-key/principal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Revokes all access keys of one principal.
         * @description For root users.
         */
        post: operations["CwRevokePrincipal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cwobject/access-policy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists the policies' documents.
         * @description For root users.
         */
        get: operations["CwListAccessPolicies"];
        put?: never;
        /**
         * Puts a policy under the name in its document.
         * @description The body is `{"policy":…}`. For root users.
         */
        post: operations["CwEnsureAccessPolicy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cwobject/access-policy/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Deletes a policy.
         * @description For root users.
         */
        delete: operations["CwDeleteAccessPolicy"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/disks/{id}/exec": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Not implemented: this server runs no commands on disks. */
        post: operations["ExecOnDisk"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/disks/{id}/grep": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Not implemented: read the files over S3 and search them there. */
        post: operations["GrepDisk"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/exec": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Not implemented: this server runs no commands on disks. */
        post: operations["Exec"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/session/oidc": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists the issuers with which people sign in to the console.
         * @description For everybody: it is what the page shows before somebody signs in. There are none where the server does not know by which URL browsers reach the console.
         */
        get: operations["ListConsoleIssuers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/session/oidc/{organization}/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begins to sign in: returns where the issuer asks who somebody is, which the page goes to.
         * @description The request comes from the console's own origin, at its own URL, and has the header `X-Tarn-Console` with a proof of its page: the session will be of that page. The issuer must know the redirect URI
         *     `CONSOLE/api/session/oidc/{organization}/{name}/callback`.
         */
        post: operations["BeginOidcSignIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/session/oidc/{organization}/{name}/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Ends a sign-in: begins the session and sends the browser to where it wanted to go.
         * @description The issuer sends the browser here, with `code` and `state`, or `error`. What is refused sends it to `/sign-in?error=oidc&amp;reason=…&amp;request=…`, and begins no session; the server's log says why.
         */
        get: operations["FinishOidcSignIn"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cwobject/temporary-credentials/oidc": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Exchanges a workload's OpenID Connect token for a temporary access key, which works without a session token.
         * @description Needs no credentials: the token proves who asks. Its principal is `role/ISSUER:SUBJECT`. The secret key is shown only once.
         */
        post: operations["CwExchangeOidcToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cwobject/temporary-credentials/oidc/{orgId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Exchanges a workload's OpenID Connect token, sent as the whole Authorization header, for credentials of an hour.
         * @description For SDKs, with `AWS_CONTAINER_CREDENTIALS_FULL_URI` and `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`. Needs no other credentials: the token
         *     proves who asks.
         */
        get: operations["CwContainerCredentials"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description What accelerators are to remove from their caches. */
        AcceleratorClearBody: {
            /** @description The bucket whose bytes are to go; null for all, unless its id is given. */
            bucket?: null | string;
            /**
             * Format: uint64
             * @description Its id in the place of its name: of one that was deleted, too.
             */
            bucketId?: null | number;
            /** @description The name of the accelerators that are meant; null for all. */
            name?: null | string;
        };
        AcceleratorClearList: {
            /** @description Those of the last week, the oldest first, without those that a later one includes. */
            clears: components["schemas"]["AcceleratorClearView"][];
        };
        /** @description What accelerators are told to remove from their caches. */
        AcceleratorClearView: {
            /** @description Its id. */
            id: string;
            /** @description The bucket whose bytes are to go; absent for all, and where its id was given. */
            bucket?: null | string;
            /**
             * Format: uint64
             * @description The id of that bucket; absent for all.
             */
            bucketId?: null | number;
            /** @description The name of the accelerators that are meant; absent for all. */
            name?: null | string;
            /**
             * Format: date-time
             * @description When it was asked for.
             */
            createdAt: string;
            /** @description ARN of who asked for it. */
            createdBy: string;
            /**
             * Format: date-time
             * @description Until when accelerators are told that come back.
             */
            until: string;
            /**
             * Format: int32
             * @description How many accelerators there are now that are told. One that is away is not among them.
             */
            accelerators: number;
            /** @description The names of those that have not done it yet. */
            waiting: string[];
        };
        AcceleratorList: {
            /** @description Those that have registered lately, by zone and name. */
            accelerators: components["schemas"]["AcceleratorView"][];
            /** @description What all together sent to clients from caches since the server's start, by the organization whose bucket it is of, the most first. */
            hitBytes: components["schemas"]["OrganizationHitsView"][];
        };
        /** @description A token of an accelerator to create. */
        AcceleratorTokenBody: {
            /** @description Its name. */
            name: string;
            /** @description The only zone that its accelerator may be in; null for the one called default. */
            zone?: null | string;
            /** @description Addresses, and networks in CIDR notation, of the clients for which its accelerator may speak; null for all. */
            networks?: null | string[];
            /** @description The only organizations for which it may speak; null for all, and for anonymous requests. Needs a zone of its own. */
            organizations?: null | string[];
            /** @description The only domains under which its accelerator's clients may name buckets, in lower case; null for any. */
            domains?: null | string[];
        };
        AcceleratorTokenList: {
            /** @description All of them, the oldest first. */
            tokens: components["schemas"]["AcceleratorTokenView"][];
        };
        /** @description A token of an accelerator. */
        AcceleratorTokenView: {
            /** @description Its id. */
            id: string;
            /** @description Its name. */
            name: string;
            /** @description The only zone that its accelerator may be in. */
            zone: string;
            /** @description The networks of the clients for which its accelerator may speak; absent for all. */
            networks?: null | string[];
            /** @description The only organizations for which it may speak; absent for all, and for anonymous requests. */
            organizations?: null | string[];
            /** @description The only domains under which its accelerator's clients may name buckets; absent for any. */
            domains?: null | string[];
            /** @description What its text ends with. */
            tokenSuffix: string;
            /**
             * Format: date-time
             * @description When it was created.
             */
            createdAt: string;
            /** @description ARN of its creator. */
            createdBy: string;
            /** @description Its text, if it has just been created. */
            token?: null | string;
        };
        /** @description An accelerator that is there, and what it has done since its start, as it says itself. */
        AcceleratorView: {
            /** @description Which process it is. */
            instance: string;
            /** @description Its name. */
            name: string;
            /** @description Its zone. */
            zone: string;
            /** @description The version of its program. */
            version: string;
            /** @description Where it connects from. */
            address?: null | string;
            /** @description Where other accelerators of its zone reach it; absent when it does not share. */
            peer?: null | string;
            /** @description The id of its token. */
            tokenId: string;
            /**
             * Format: date-time
             * @description When it registered first since the server's start.
             */
            since: string;
            /**
             * Format: date-time
             * @description When it registered last.
             */
            lastSeen: string;
            /**
             * Format: int64
             * @description Answers whose bytes all came from its cache.
             */
            hits: number;
            /**
             * Format: int64
             * @description Answers of which some bytes did.
             */
            partials: number;
            /**
             * Format: int64
             * @description Answers of which none did.
             */
            misses: number;
            /**
             * Format: int64
             * @description Answers that were forwarded.
             */
            bypasses: number;
            /**
             * Format: int64
             * @description Bytes sent to clients from its cache.
             */
            bytesFromCache: number;
            /**
             * Format: int64
             * @description Bytes sent to clients from caches of other accelerators.
             */
            bytesFromPeers: number;
            /**
             * Format: int64
             * @description Bytes sent to clients from the server.
             */
            bytesFromUpstream: number;
            /**
             * Format: int64
             * @description Bytes sent to other accelerators.
             */
            bytesToPeers: number;
            /**
             * Format: int64
             * @description Bytes in its cache.
             */
            cacheBytes: number;
            /**
             * Format: int64
             * @description The most bytes that its cache may have.
             */
            cacheCapacity: number;
            /**
             * Format: int64
             * @description Bytes that came into its cache.
             */
            filledBytes: number;
            /**
             * Format: int64
             * @description Bytes that were evicted from it.
             */
            evictedBytes: number;
            /**
             * Format: int64
             * @description Blocks on its device that were not what they should be.
             */
            damagedBlocks: number;
            /**
             * Format: int64
             * @description Reads and writes of its device that failed.
             */
            cacheErrors: number;
            /**
             * Format: int64
             * @description Objects that wait to be staged.
             */
            prestageQueue: number;
            /** @description Bytes that it sent to clients from caches, by the organization whose bucket they are of. */
            hitBytes: components["schemas"]["OrganizationHitsView"][];
        };
        /** @description An access key to create. */
        AccessKeyBody: {
            /** @description The organization it belongs to; null for the requester's. */
            organization?: null | string;
            /** @description The user it belongs to; null for the requester if that is a user, and for the organization's root user otherwise. */
            user?: null | string;
            policy?: null | components["schemas"]["JsonElement"];
            /** @description The buckets that a policy given by its name is for; null for all. */
            buckets?: null | string[];
            /**
             * Format: int64
             * @description How many seconds it is valid; null or 0 for no end.
             */
            durationSeconds?: null | number;
            /** @description The access key id; null to generate one. */
            accessKey?: null | string;
            /** @description The secret; null to generate one. */
            secretKey?: null | string;
        };
        AccessKeyList: {
            /** @description One page of them. */
            keys: components["schemas"]["AccessKeyView"][];
            /** @description Where to continue; absent on the last page. */
            nextCursor: null | string;
        };
        /** @description An access key. */
        AccessKeyView: {
            /** @description The access key id. */
            accessKey: string;
            /** @description The secret, if it has just been created or changed. */
            secretKey?: null | string;
            /** @description The organization it belongs to. */
            organization: string;
            /** @description The user it belongs to; absent for the organization's root user. */
            user?: null | string;
            /**
             * Format: date-time
             * @description When it was created.
             */
            created: string;
            /**
             * Format: date-time
             * @description When it last got another secret; absent if it has its first one.
             */
            rotated?: null | string;
            /**
             * Format: date-time
             * @description When it expires; absent if never.
             */
            expires?: null | string;
            /** @description The only disk that it can read; absent if it is not a key of a disk. */
            disk?: null | string;
            policy?: null | components["schemas"]["JsonElement"];
            /** @description The Id of its policy, which is the name of a canned one, or `custom`; `unreadable` for a stored one that allows nothing, since it is damaged; absent if it has no policy. */
            policyId?: null | string;
            /**
             * Format: date-time
             * @description The minute in which it last signed a request that was authenticated; absent if it never did.
             */
            lastUsed?: null | string;
            /** @description The address that the first request in that minute came from. */
            lastUsedFrom?: null | string;
        };
        /** @description The answer to a request that succeeded and returns nothing. */
        Acknowledgement: {
            /** @description True. */
            success: boolean;
        };
        /** @description The addresses from which a disk may be read. */
        AllowedIps: {
            /** @description Addresses and networks in CIDR notation; empty for anywhere. */
            allowedIps: string[];
        };
        /** @description An application to create. */
        ApplicationBody: {
            /** @description Its name, which its user gets. */
            name: string;
            /** @description The organization it belongs to; null for the requester's. */
            organization?: null | string;
            /** @description The name of its bucket, which is created; null for its own name. */
            bucket?: null | string;
            /** @description What it may do with the bucket: `read-write`, `read-only` or `write-only`; null for read-write. */
            access?: null | string;
            /** @description The URL by which it reaches S3, for the snippets; null for the one that the server is configured with. */
            endpointUrl?: null | string;
        };
        /** @description An application that was just created. */
        ApplicationView: {
            /** @description Its name. */
            name: string;
            /** @description The organization it belongs to. */
            organization: string;
            /** @description The ARN of its user. */
            user: string;
            /** @description Its bucket. */
            bucket: string;
            /** @description The policy of the bucket, which lets the user use it. */
            policy: components["schemas"]["JsonElement"];
            /** @description The access key id of its user. */
            accessKey: string;
            /** @description The secret of that key, shown this once. */
            secretKey: string;
            /** @description The URL by which it reaches S3. */
            endpointUrl: string;
            /** @description The server's region. */
            region: string;
            /** @description What to paste into programs. Contains the secret. */
            snippets: components["schemas"]["SnippetsView"];
        };
        /** @description What to put into an archive. */
        ArchiveBody: {
            /** @description The bucket, or the id of a disk. */
            bucket: string;
            /** @description Keys of objects or files. */
            keys?: null | string[];
            /** @description Beginnings of keys, such as folders: everything below them. */
            prefixes?: null | string[];
        };
        /** @description An archive that can be fetched. */
        ArchiveView: {
            /** @description For GET /api/archives/{id}, once, within ten minutes. */
            id: string;
            /**
             * Format: int32
             * @description How many objects it will have.
             */
            objects: number;
            /**
             * Format: int64
             * @description Their length together, now.
             */
            bytes: number;
            /**
             * Format: int32
             * @description How many keys and prefixes are left out.
             */
            refusedCount: number;
            /** @description The first 100 of those. */
            refused: components["schemas"]["RefusedKeyView"][];
        };
        /** @description A backup to create. */
        BackupBody: {
            /** @description The directory, below the server's backup root; absolute, or relative to it. */
            target: string;
            /** @description Whether only the metadata is copied. */
            metadataOnly?: boolean;
            /** @description Whether the files of made disks are left out. */
            withoutDisks?: boolean;
            /** @description Whether the master key is put into the backup. */
            includeMasterKey?: boolean;
            /** @description Whether the backup may share files with the server's data by hard links, so that damage to one is damage to both. */
            sameDevice?: boolean;
        };
        /** @description Work on backups, under way or ended. */
        BackupJobView: {
            /** @description Its id; of a new backup also its name. */
            id: string;
            /** @description `create`, `verify` or `delete`. */
            work: string;
            /** @description The directory of the backups, as it was asked for. */
            target: string;
            /** @description `running`, `succeeded`, `damaged` (it went to its end, and something is damaged), `failed` or `cancelled`. */
            state: string;
            /** @description What is being done, or was done last. */
            phase: string;
            /**
             * Format: date-time
             * @description When it was begun.
             */
            started: string;
            /**
             * Format: date-time
             * @description When it ended.
             */
            finished?: null | string;
            /**
             * Format: int64
             * @description Bytes that are done.
             */
            doneBytes: number;
            /**
             * Format: int64
             * @description Bytes of everything, as far as known.
             */
            totalBytes: number;
            /**
             * Format: int64
             * @description Blobs that are done.
             */
            doneBlobs: number;
            /**
             * Format: int64
             * @description All blobs, as far as known.
             */
            totalBlobs: number;
            /**
             * Format: int64
             * @description Bytes that were written.
             */
            copiedBytes: number;
            /** @description Why it failed. */
            error?: null | string;
            /** @description What is damaged: at most 1000 of it. */
            problems: components["schemas"]["BackupProblem"][];
            /**
             * Format: int32
             * @description How much is damaged.
             */
            problemCount: number;
            /** @description What is in the new backup otherwise than it was, or cannot be in one, and what could not be tidied: at most 1000 of it. */
            notices?: string[];
        };
        BackupList: {
            /** @description All of them, the oldest first, and then what is left of others. */
            backups: components["schemas"]["BackupView"][];
        };
        /** @description Something that is damaged. */
        BackupProblem: {
            /** @description The kind, as `tarn fsck` names it. */
            kind: string;
            /** @description The same for people, in a sentence. */
            detail: string;
            /** @description The id of the blob, or the name of the file. */
            data?: null | string;
            /** @description The bucket that is affected. */
            bucket?: null | string;
            /** @description The key of the object or upload. */
            key?: null | string;
            /** @description The version of that object. */
            versionId?: null | string;
            /** @description The multipart upload. */
            uploadId?: null | string;
            /**
             * Format: int32
             * @description The number of the part; 0 when none is.
             */
            part?: number;
        };
        BackupStatusView: {
            /** @description Whether a job on backups is under way. */
            running: boolean;
            /**
             * Format: date-time
             * @description When the last full backup without damage was begun; absent before the first since the start.
             */
            lastFull: null | string;
            /**
             * Format: date-time
             * @description The same of backups of the metadata alone.
             */
            lastMetadata: null | string;
        };
        /** @description A backup to verify. */
        BackupVerifyBody: {
            /** @description The directory of the backups. */
            target: string;
            /** @description The name of the backup; null for the newest. */
            name?: null | string;
        };
        /** @description A backup. */
        BackupView: {
            /** @description Its name. */
            name: string;
            /**
             * Format: date-time
             * @description When it was begun.
             */
            started?: null | string;
            /** @description `full` or `metadata`. */
            kind?: null | string;
            /** @description `complete`; `incomplete` if damaged data was left out; `unreadable` if its manifest is damaged; `unfinished` if it came to no end, or its removal did: nothing can be restored of it. */
            state: string;
            /** @description Whether the files of made disks were left out because that was asked for. */
            withoutDisks?: null | boolean;
            /**
             * Format: int64
             * @description The size of what it has, in bytes.
             */
            bytes?: null | number;
            /**
             * Format: int64
             * @description How many blobs it has.
             */
            blobs?: null | number;
            /**
             * Format: int64
             * @description Bytes of blobs that were copied for it.
             */
            copiedBytes?: null | number;
            /** @description Whether the master key is in it. */
            masterKey?: null | boolean;
            /**
             * Format: int32
             * @description How many objects, versions and parts have data that is not in it because it was damaged.
             */
            damaged?: null | number;
            /** @description Why its manifest cannot be read. */
            error?: null | string;
        };
        BucketList: {
            /** @description One page of buckets. */
            buckets: components["schemas"]["BucketView"][];
            /** @description Buckets of the same page whose rows are damaged. */
            damaged: components["schemas"]["DamagedBucketView"][];
            /** @description Where to continue; absent on the last page. */
            nextCursor: null | string;
        };
        /** @description A bucket and what it holds. */
        BucketView: {
            /** @description The name. */
            name: string;
            /**
             * Format: uint64
             * @description The id, which no other bucket ever has.
             */
            id: number;
            /** @description Canonical user id of the owner. */
            ownerId: string;
            /** @description The owner's display name. */
            ownerName: string;
            /**
             * Format: date-time
             * @description When it was created.
             */
            createdAt: string;
            /** @description `never`, `enabled` or `suspended`. */
            versioning: string;
            /** @description Whether the counts are exact; otherwise they are being counted, and are not right until that has ended. */
            isExact: boolean;
            /**
             * Format: int64
             * @description Objects, without older versions and delete markers.
             */
            objects: number;
            /**
             * Format: int64
             * @description Their sizes together, in bytes.
             */
            bytes: number;
            /**
             * Format: int64
             * @description Older versions.
             */
            noncurrentVersions: number;
            /**
             * Format: int64
             * @description Their sizes together, in bytes.
             */
            noncurrentBytes: number;
            /**
             * Format: int64
             * @description Delete markers.
             */
            deleteMarkers: number;
            /**
             * Format: int64
             * @description Multipart uploads in progress.
             */
            uploads: number;
            /**
             * Format: int64
             * @description The sizes of their parts together, in bytes.
             */
            uploadBytes: number;
        };
        ConsoleIssuerList: {
            /** @description All of them, in order of organizations and names. */
            issuers: components["schemas"]["ConsoleIssuerView"][];
        };
        /** @description An issuer with which people sign in to the console. */
        ConsoleIssuerView: {
            /** @description The organization that trusts it. */
            organization: string;
            /** @description Its name. */
            name: string;
            /** @description What people read. */
            title: string;
        };
        /** @description Temporary credentials, with the names that the container credential provider of AWS's SDKs reads. */
        CwContainerCredentials: {
            /** @description The access key id. */
            AccessKeyId: string;
            /** @description Its secret, which is shown only once. */
            SecretAccessKey: string;
            /** @description The session token that every request must carry. */
            Token: string;
            /**
             * Format: date-time
             * @description When they expire.
             */
            Expiration: string;
        };
        /** @description Nothing: an object without members. */
        CwDone: Record<string, never>;
        /** @description A workload's token to exchange. */
        CwExchangeBody: {
            /**
             * Format: int64
             * @description How many seconds the key is valid, at most 43200; 0 for an hour.
             */
            durationSeconds: number;
            /** @description The organization's name. */
            orgId: string;
            /** @description The token: a JSON Web Token of an issuer that the organization trusts. */
            oidcToken: string;
            /** @description Texts to attach to the key, such as a name. */
            attributes?: null | {
                [key: string]: string;
            };
        };
        /** @description An access key to create. */
        CwKeyBody: {
            /**
             * Format: int64
             * @description How many seconds it is valid, at most 43200; 0 for no end.
             */
            durationSeconds: number;
        };
        /** @description An access key. */
        CwKeyInfo: {
            /** @description The access key id. */
            accessKeyId: string;
            /** @description Its principal: `ORGANIZATION/USER`, `ORGANIZATION/root`, `ORGANIZATION/user/root` of a user of that name, `role/ISSUER:SUBJECT`, or `role/ROLE/SUBJECT` of a session of a role. */
            principalName: string;
            /**
             * Format: date-time
             * @description When it expires; 1970-01-01T00:00:00Z for never.
             */
            expiry: string;
            /** @description True for a session of Tarn's console; absent for others. */
            console?: null | boolean;
        };
        CwKeyList: {
            /** @description All of them. */
            accessKeys: components["schemas"]["CwKeyInfo"][];
        };
        CwKeyRevocation: {
            /** @description The access key id. */
            accessKey: string;
        };
        /** @description An access key that has just been created. */
        CwNewKey: {
            /** @description The access key id. */
            accessKeyId: string;
            /** @description Its secret, which is shown only once. */
            secretKey: string;
        };
        CwPolicyList: {
            /** @description The documents of all of them. */
            policies: unknown[];
        };
        CwPrincipalRevocation: {
            /** @description As keys are listed with it. */
            principalName: string;
        };
        /** @description A temporary access key that has just been created. */
        CwTemporaryKey: {
            /** @description The access key id. */
            accessKeyId: string;
            /** @description Its secret, which is shown only once. */
            secretKey: string;
            /** @description Its principal: `role/ISSUER:SUBJECT`. */
            principalName: string;
            /**
             * Format: date-time
             * @description When it expires.
             */
            expiry: string;
            /** @description The texts that are attached to it. */
            attributes: {
                [key: string]: string;
            };
        };
        DamagedBucketView: {
            /** @description The bucket's name. */
            name: string;
            /** @description What is wrong with its row. */
            error: string;
        };
        DamagedList: {
            /** @description One page of damaged objects and parts. */
            damaged: components["schemas"]["DamagedView"][];
            /** @description Where to continue; absent on the last page. */
            nextCursor: null | string;
        };
        /** @description An object, or a part of an upload in progress, of which stored data is damaged. */
        DamagedView: {
            /** @description The bucket; absent when it is not known. */
            bucket?: null | string;
            /** @description The key. */
            key: string;
            /** @description The version as clients name it; absent for a part. */
            versionId?: null | string;
            /** @description The upload of a part. */
            uploadId?: null | string;
            /**
             * Format: int32
             * @description The number of a part.
             */
            partNumber?: null | number;
            /** @description What is wrong: `missing`, `wrong-length`, `damaged`, `wrong-blob`, or `tail`: only what the blob says of itself, or checksums. */
            kind: string;
            /** @description The id of the damaged data. */
            data: string;
            /**
             * Format: int64
             * @description The first damaged byte of that data.
             */
            offset: number;
            /**
             * Format: int64
             * @description Bytes from there on that hold all the damage; absent: all the rest.
             */
            length?: null | number;
            /**
             * Format: date-time
             * @description When the damage was found.
             */
            firstSeen: string;
            /**
             * Format: date-time
             * @description When it was last met.
             */
            lastSeen: string;
            /** @description Whether the object is gone, and others still share the damaged data. */
            isGone: boolean;
        };
        /** @description A directory to create. */
        DirectoryBody: {
            /** @description Its path below the disk's root. */
            path: string;
            /** @description Whether missing directories above it are created too, and an existing one is left as it is; null for no. */
            parents?: null | boolean;
        };
        DirectoryView: {
            /** @description The path of the directory. */
            path: string;
            /** @description False if it was there already. */
            created: boolean;
        };
        /** @description A disk to create. */
        DiskBody: {
            /** @description Its name, unique in the organization: letters, digits, '-' and '_'. */
            name: string;
            /** @description The one directory to attach; null or empty to create a directory for it. */
            mounts?: null | components["schemas"]["MountBody"][];
            /** @description The addresses and networks from which it may be read over S3; null or empty for anywhere. */
            allowedIps?: null | string[];
            /** @description Not implemented; present so that the refusal can say so. */
            authMethods?: null | unknown[];
            /** @description The organization it belongs to; null for the requester's. */
            organization?: null | string;
            /** @description Whether a file that has become longer counts as appended to; null for no. */
            growingFiles?: null | boolean;
        };
        /** @description The file systems that a disk consists of. */
        DiskFileSystems: {
            /** @description Its root's, and those mounted below it. */
            fileSystems: components["schemas"]["FileSystemView"][];
        };
        /** @description A file that has been written. */
        DiskFileView: {
            /** @description Its path below the disk's root. */
            path: string;
            /**
             * Format: int64
             * @description Its size in bytes.
             */
            size: number;
            /** @description The entity tag that readers over S3 get, without quotes. */
            eTag: string;
            /**
             * Format: date-time
             * @description When it was written.
             */
            lastModified: string;
        };
        /** @description Whether a file that has become longer counts as appended to. */
        DiskGrowingFiles: {
            /** @description Whether it does. */
            growingFiles: boolean;
        };
        /** @description A resumable upload to begin. */
        DiskUploadBody: {
            /** @description The path of the file below the disk's root. */
            path: string;
            /** @description Whether a file that is there when the upload is completed is replaced; null for no. */
            replace?: null | boolean;
            /**
             * Format: int64
             * @description How long the file will be, in bytes; null: not known.
             */
            length?: null | number;
            /** @description A text to recognize the upload by, at most 256 characters; null for none. */
            label?: null | string;
        };
        DiskUploadList: {
            /** @description All uploads of the disk, the oldest first. */
            uploads: components["schemas"]["DiskUploadView"][];
        };
        /** @description A resumable upload. */
        DiskUploadView: {
            /** @description Its id. */
            uploadId: string;
            /** @description The path of the file below the disk's root. */
            path: string;
            /**
             * Format: int64
             * @description How many bytes the server has durably: where the next ones go.
             */
            offset: number;
            /**
             * Format: int64
             * @description How long the file will be, in bytes; absent if that is not known.
             */
            length?: null | number;
            /** @description Whether a file that is there when the upload is completed is replaced. */
            replace: boolean;
            /** @description The text to recognize the upload by; absent for none. */
            label?: null | string;
            /**
             * Format: date-time
             * @description When it was begun.
             */
            createdAt: string;
        };
        /** @description A user to add to a disk. */
        DiskUserBody: {
            /** @description `s3`. */
            type: string;
            /** @description The user's display name. */
            nickname?: null | string;
            /** @description Not for users of type s3; present so that the refusal can say so. */
            principal?: null | string;
            /** @description Not for users of type s3; present so that the refusal can say so. */
            tokenSuffix?: null | string;
        };
        DiskUserList: {
            /** @description All of them. */
            users: components["schemas"]["DiskUserView"][];
        };
        /** @description A user who may read a disk over S3. */
        DiskUserView: {
            /** @description `s3`. */
            type: string;
            /** @description The user's display name. */
            nickname?: null | string;
            /** @description The identifier by which the user is removed: its access key id. */
            identifier: string;
            /** @description Its access key id. */
            accessKeyId: string;
            /** @description Its secret, if it has just been added. */
            secretAccessKey?: null | string;
            /**
             * Format: date-time
             * @description When it was added.
             */
            createdAt: string;
        };
        /** @description A disk. */
        DiskView: {
            /** @description Its id, which is also the name of its bucket. */
            id: string;
            /** @description Its name. */
            name: string;
            /** @description The organization it belongs to. */
            organization: string;
            /** @description `available`. */
            status: string;
            /** @description `tarn`. */
            provider: string;
            /** @description The server's region. */
            region: string;
            /**
             * Format: date-time
             * @description When it was created.
             */
            createdAt: string;
            /** @description The directory that it shows. */
            mounts: components["schemas"]["MountView"][];
            /** @description The addresses and networks from which it may be read over S3; empty for anywhere. */
            allowedIps: string[];
            /** @description Whether a file that has become longer counts as appended to. */
            growingFiles: boolean;
            /** @description Whether this API may write to it. */
            writing: boolean;
            /** @description Its users; absent where many disks are listed. */
            authorizedUsers?: null | components["schemas"]["DiskUserView"][];
        };
        /** @description Whether this API may write to a disk. */
        DiskWriting: {
            /** @description Whether it may. */
            writing: boolean;
        };
        /** @description What to drop: a version, or a part of an upload in progress. */
        DropBody: {
            /** @description The bucket. */
            bucket: string;
            /** @description The key. */
            key: string;
            /** @description The version, or `null` as text; not for a part. */
            versionId?: null | string;
            /** @description The upload of a part. */
            uploadId?: null | string;
            /**
             * Format: int32
             * @description The number of a part.
             */
            partNumber?: null | number;
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfAcceleratorClearList: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["AcceleratorClearList"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfAcceleratorClearView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["AcceleratorClearView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfAcceleratorList: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["AcceleratorList"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfAcceleratorTokenList: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["AcceleratorTokenList"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfAcceleratorTokenView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["AcceleratorTokenView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfAccessKeyList: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["AccessKeyList"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfAccessKeyView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["AccessKeyView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfAllowedIps: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["AllowedIps"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfApplicationView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["ApplicationView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfArchiveView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["ArchiveView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfBackupJobView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["BackupJobView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfBackupList: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["BackupList"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfBucketList: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["BucketList"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfBucketView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["BucketView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfConsoleIssuerList: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["ConsoleIssuerList"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfDamagedList: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["DamagedList"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfDirectoryView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["DirectoryView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfDiskFileSystems: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["DiskFileSystems"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfDiskFileView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["DiskFileView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfDiskGrowingFiles: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["DiskGrowingFiles"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfDiskUploadList: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["DiskUploadList"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfDiskUploadView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["DiskUploadView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfDiskUserList: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["DiskUserList"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfDiskUserView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["DiskUserView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfDiskView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["DiskView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfDiskWriting: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["DiskWriting"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfExplainedRequestView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["ExplainedRequestView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfExplanationView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["ExplanationView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfIReadOnlyListOfDiskView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: null | components["schemas"]["DiskView"][];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfIssuerList: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["IssuerList"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfIssuerView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["IssuerView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfJobList: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["JobList"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfJobView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["JobView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfMessageView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["MessageView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfMirrorView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["MirrorView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfMissingView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["MissingView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfNewDiskView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["NewDiskView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfNewShareView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["NewShareView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfOidcSignInView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["OidcSignInView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfOrganizationList: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["OrganizationList"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfOrganizationView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["OrganizationView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfOrphanDropView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["OrphanDropView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfOrphanList: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["OrphanList"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfPolicyList: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["PolicyList"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfPolicyView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["PolicyView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfPresignedView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["PresignedView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfRateList: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["RateList"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfRequestList: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["RequestList"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfRoleList: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["RoleList"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfRoleView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["RoleView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfSampleList: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["SampleList"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfScrubReport: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["ScrubReport"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfScrubView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["ScrubView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfSessionView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["SessionView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfShareList: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["ShareList"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfStatusView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["StatusView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfTokenList: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["TokenList"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfTokenView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["TokenView"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfUserList: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["UserList"];
        };
        /** @description The answer to a request that succeeded. */
        EnvelopeOfUserView: {
            /** @description True. */
            success: boolean;
            /** @description What was asked for. */
            data: components["schemas"]["UserView"];
        };
        /** @description What to explain: a denied request by its id, or else a principal, an action and a resource. */
        ExplainBody: {
            /** @description The x-amz-request-id of one of the latest 1,000 requests that were denied. Nothing else may come with it. */
            requestId?: null | string;
            /** @description An ARN, ORG for its root user, ORG/USER, an access key id, or anonymous. */
            principal?: null | string;
            /** @description As policies name it: s3:GetObject. */
            action?: null | string;
            /** @description arn:aws:s3:::BUCKET/KEY or BUCKET/KEY; without a key the bucket; null for s3:ListAllMyBuckets. */
            resource?: null | string;
            /** @description The version that the request names. */
            versionId?: null | string;
            /** @description Condition keys, each with a text or a list of texts. A key that is not here is absent. */
            context?: null | Record<string, never>;
        };
        /** @description One of the latest requests, and where its time went. */
        ExplainedRequestView: {
            /** @description Its x-amz-request-id. */
            requestId: string;
            /**
             * Format: date-time
             * @description When it began.
             */
            time: string;
            /** @description The operation's name; absent if it matched none. */
            operation?: null | string;
            /** @description The HTTP method. */
            method: string;
            bucket?: null | string;
            key?: null | string;
            /**
             * Format: int32
             * @description The status of the answer; 499 if the client left before its end.
             */
            status: number;
            /** @description The code of S3's error; absent if it was served. */
            error?: null | string;
            /** @description ARN of who sent it; absent if it is anonymous or was not authenticated. */
            requester?: null | string;
            /** @description The client's address. */
            remote?: null | string;
            /** @description The name of the accelerator that passed it on; absent for other requests. */
            accelerator?: null | string;
            /**
             * Format: int64
             * @description Bytes of the object in whose place the accelerator was sent a plan; absent for other requests.
             */
            plannedBytes?: null | number;
            /** Format: int64 */
            bytesIn: number;
            /** Format: int64 */
            bytesOut: number;
            /**
             * Format: double
             * @description From its start to its end.
             */
            milliseconds: number;
            /**
             * Format: double
             * @description From its start until the first byte of the object was sent; absent for other answers.
             */
            firstByteMilliseconds?: null | number;
            /** @description Where the time went, in the order in which a request goes through the stages. */
            stages: components["schemas"]["StageView"][];
            denial?: null | components["schemas"]["ExplanationView"];
        };
        /** @description A decision and its reason. */
        ExplanationView: {
            /** @description `allowed` or `denied`. */
            decision: string;
            /** @description What decided; the reference of this API lists the names. */
            by: string;
            /** @description Why, in sentences. */
            reason: string;
            /** @description The name of the organization policy that decided, or the Id of the bucket policy. */
            policy?: null | string;
            /** @description The statement's Sid or name. */
            statement?: null | string;
            /**
             * Format: int32
             * @description The statement's position in its policy, from 0.
             */
            statementIndex?: null | number;
            grant?: null | components["schemas"]["GrantView"];
            /** @description ARN, or `anonymous`; absent if the request does not prove who sent it. */
            principal?: null | string;
            /** @description The action of the decision. */
            action?: null | string;
            /** @description The resource of the decision. */
            resource?: null | string;
            /** @description The condition keys that policies looked up, and their values. */
            context?: null | {
                [key: string]: string;
            };
            /** @description The x-amz-request-id of the request that was denied. */
            requestId?: null | string;
            /**
             * Format: date-time
             * @description When it was denied.
             */
            time?: null | string;
            /** @description Its operation. */
            operation?: null | string;
            /** @description The access key id that it named. */
            accessKey?: null | string;
            signature?: null | components["schemas"]["SignatureView"];
        };
        /** @description The answer to a request that failed. */
        Failure: {
            /** @description False. */
            success: boolean;
            /** @description What is wrong, for people to read. */
            error: string;
        };
        FileSystemView: {
            /** @description Below the disk's root; empty for the root. */
            path: string;
            /** @description What it is; shown only to the server's root user. */
            description: null | string;
        };
        /** @description A grant of an access control list. */
        GrantView: {
            /** @description Canonical user id, or the URI of a group. */
            grantee: string;
            /** @description As in the XML of access control lists. */
            permission: string;
        };
        HeldView: {
            /**
             * Format: int64
             * @description Buckets.
             */
            buckets: number;
            /**
             * Format: int64
             * @description Objects, without older versions and delete markers.
             */
            objects: number;
            /**
             * Format: int64
             * @description Their sizes together.
             */
            bytes: number;
            /**
             * Format: int64
             * @description Older versions.
             */
            noncurrentVersions: number;
            /**
             * Format: int64
             * @description Their sizes together.
             */
            noncurrentBytes: number;
            /**
             * Format: int64
             * @description Delete markers.
             */
            deleteMarkers: number;
            /**
             * Format: int64
             * @description Multipart uploads in progress.
             */
            uploads: number;
            /**
             * Format: int64
             * @description The sizes of their parts together.
             */
            uploadBytes: number;
            /** @description Whether the counts are exact; otherwise they are being counted. */
            isExact: boolean;
        };
        /** @description An issuer to trust. */
        IssuerBody: {
            /** @description Its name, unique in the organization. */
            name: string;
            /** @description The organization that trusts it; null for the requester's. */
            organization?: null | string;
            /** @description Its URL, exactly as the claim `iss` of its tokens. */
            url: string;
            /** @description The values of the claim `aud` of which a token must have one. */
            audiences: string[];
            /** @description The URL of its keys; null to find it in the issuer's discovery document. */
            jwksUrl?: null | string;
            /** @description Hosts that the discovery document may name besides the issuer's own, with a port where it is not 443. */
            hosts?: null | string[];
            conditions?: null | components["schemas"]["JsonElement"];
            /** @description Whether tokens of all subjects are exchanged: only for an issuer all of whose subjects belong to the organization. */
            anySubject?: boolean;
            console?: null | components["schemas"]["IssuerConsoleBody"];
        };
        /** @description How the console signs people in with an issuer. */
        IssuerConsoleBody: {
            /** @description The id that the issuer has given to the console: the claim aud of its tokens. */
            clientId: string;
            /** @description The client's secret, which is never shown; empty for none. Null: none for a new client, and no change for the same one. */
            clientSecret?: null | string;
            /** @description What people read where they sign in; null for the issuer's name. */
            title?: null | string;
            /** @description What is asked for, with openid; null for openid, profile and email. */
            scopes?: null | string[];
            /** @description The name of the role that sign-ins assume; null: the first one, by name, that the token may assume. */
            role?: null | string;
        };
        /** @description How the console signs people in with an issuer. */
        IssuerConsoleView: {
            /** @description The id of the console at the issuer. */
            clientId: string;
            /** @description Whether the client has a secret. */
            hasClientSecret: boolean;
            /** @description What people read where they sign in. */
            title: string;
            /** @description What is asked for. */
            scopes: string[];
            /** @description The role that sign-ins assume; absent: the first one, by name, that the token may assume. */
            role: null | string;
        };
        IssuerList: {
            /** @description All of them. */
            issuers: components["schemas"]["IssuerView"][];
        };
        /** @description An issuer that an organization trusts. */
        IssuerView: {
            /** @description The organization that trusts it. */
            organization: string;
            /** @description Its name. */
            name: string;
            /** @description Its URL. */
            url: string;
            /** @description The audiences of which a token must have one. */
            audiences: string[];
            /** @description The URL of its keys, if it is not found in the discovery document. */
            jwksUrl?: null | string;
            /** @description Hosts that the discovery document may name besides the issuer's own. */
            hosts: string[];
            conditions?: null | components["schemas"]["JsonElement"];
            /** @description Whether tokens of all subjects are exchanged. */
            anySubject: boolean;
            console?: null | components["schemas"]["IssuerConsoleView"];
            /**
             * Format: date-time
             * @description When it was created.
             */
            created: string;
        };
        /** @description A job to start. */
        JobBody: {
            /** @description `delete`, `empty`, `copy`, `rename`, `tag` or `restore`. */
            kind: string;
            /** @description The bucket. */
            bucket: string;
            /** @description The keys that begin with it; absent for all. `delete` needs one, `empty` has none. */
            prefix?: null | string;
            /** @description For `delete` and `empty` in a bucket that keeps versions: `markers` hides each object behind a delete marker, `all` deletes every version permanently. Absent in a bucket that never kept versions, where objects are deleted permanently. */
            versions?: null | string;
            /** @description For `copy` and `rename`: the bucket that gets the copies; absent for the same. */
            toBucket?: null | string;
            /** @description For `copy` and `rename`: replaces the prefix in the keys of the copies. */
            toPrefix?: null | string;
            /** @description For `copy` and `rename`: whether an object that is at the destination is replaced; otherwise the key fails. */
            overwrite?: boolean;
            /** @description For `tag`: the tags, at most ten; empty to remove all. */
            tags?: null | {
                [key: string]: string;
            };
            /** @description For `tag`: whether an object's other tags stay. */
            merge?: boolean;
            /**
             * Format: date-time
             * @description For `restore`: the version that was the newest then; absent for the one that delete markers hide.
             */
            at?: null | string;
            /** @description Whether nothing is changed, and what would be done or denied is counted. */
            dryRun?: boolean;
            /** @description What the requester calls the job, 1 to 128 printable ASCII characters: a request with the same makes no second job, as long as the first is kept. */
            requestToken?: null | string;
        };
        /** @description A key that failed. */
        JobErrorView: {
            /** @description The key. */
            key: string;
            /** @description The code of S3's error. */
            code: string;
            /** @description What is wrong. */
            message: string;
            /** @description The version, where each version is deleted. */
            versionId?: null | string;
        };
        JobList: {
            /** @description The newest first. */
            jobs: components["schemas"]["JobView"][];
            /** @description Where the next page continues; absent after the last page. */
            nextCursor: null | string;
        };
        /** @description A job. */
        JobView: {
            /** @description Its id. */
            id: string;
            /** @description What it does: `delete`, `empty`, `copy`, `rename`, `tag` or `restore`. */
            kind: string;
            /** @description `queued`, `running`, `succeeded` (it came to its end; single keys may have failed), `failed` or `cancelled`. */
            state: string;
            /** @description Why it failed, or why it waits to be tried again. */
            reason?: null | string;
            /** @description Whether somebody asked to end it, and it has not ended yet. */
            cancelRequested: boolean;
            /** @description The bucket. */
            bucket: string;
            /** @description The prefix of the keys. */
            prefix: string;
            /** @description What it deletes of a bucket that keeps versions. */
            versions?: null | string;
            /** @description The bucket that gets the copies. */
            toBucket?: null | string;
            /** @description The prefix of the copies. */
            toPrefix?: null | string;
            /** @description Whether objects at the destination are replaced. */
            overwrite?: null | boolean;
            /** @description The tags that it sets. */
            tags?: null | {
                [key: string]: string;
            };
            /** @description Whether other tags stay. */
            merge?: null | boolean;
            /**
             * Format: date-time
             * @description The time whose versions it restores.
             */
            at?: null | string;
            /** @description Whether it changes nothing. */
            dryRun: boolean;
            /** @description The requester's organization. */
            organization: string;
            /** @description ARN of the requester, as whom it works. */
            requester: string;
            /**
             * Format: date-time
             * @description When it was asked for.
             */
            created: string;
            /**
             * Format: date-time
             * @description When it was begun.
             */
            started?: null | string;
            /**
             * Format: date-time
             * @description When it ended.
             */
            finished?: null | string;
            /**
             * Format: int64
             * @description Keys, or versions where each is deleted, that are done. Of a job under way it is counted every 256 keys.
             */
            done: number;
            /**
             * Format: int64
             * @description Those that failed.
             */
            failed: number;
            /**
             * Format: int64
             * @description Those with which there was nothing to do.
             */
            skipped: number;
            /**
             * Format: int64
             * @description The size of the objects that are done, in bytes.
             */
            bytes: number;
            /**
             * Format: int64
             * @description How many keys there were when it was asked for, if it concerns all of a bucket.
             */
            expected?: null | number;
            /** @description The first 1000 keys that failed; only where one job is shown. */
            errors?: null | components["schemas"]["JobErrorView"][];
            /**
             * Format: int64
             * @description How many more failed.
             */
            omittedErrors?: null | number;
        };
        JsonElement: unknown;
        LifecycleView: {
            /**
             * Format: int64
             * @description Versions and uploads looked at.
             */
            examined: number;
            /**
             * Format: int64
             * @description Current versions expired.
             */
            expired: number;
            /**
             * Format: int64
             * @description Noncurrent versions deleted.
             */
            versionsDeleted: number;
            /**
             * Format: int64
             * @description Delete markers removed.
             */
            markersRemoved: number;
            /**
             * Format: int64
             * @description Multipart uploads aborted.
             */
            uploadsAborted: number;
        };
        LoadView: {
            /**
             * Format: int32
             * @description Open connections.
             */
            connections: number;
            /**
             * Format: int32
             * @description As many may be open.
             */
            maxConnections: number;
            /**
             * Format: int32
             * @description Requests being served.
             */
            requests: number;
        };
        MessageView: {
            /** @description What was done, for people to read. */
            message: string;
        };
        /** @description One side of the mirror. */
        MirrorSideView: {
            /** @description Its directory. */
            directory: string;
            /** @description whole: it has everything; filling: it is being filled from the other side; lost: it is not used. */
            state: string;
            /** @description Why it is not whole, if it failed. */
            cause?: null | string;
            /**
             * Format: int64
             * @description Rows of metadata compared so far, while it is being filled.
             */
            rowsCompared?: null | number;
            /**
             * Format: int32
             * @description Directories of blobs compared so far, of 256, while it is being filled.
             */
            directoriesCompared?: null | number;
            /**
             * Format: int64
             * @description Bytes of blobs copied so far, while it is being filled.
             */
            bytesCopied?: null | number;
        };
        /** @description The mirror. */
        MirrorView: {
            /** @description Whether both sides have everything. */
            isWhole: boolean;
            /** @description The data directory, then its mirror. */
            sides: components["schemas"]["MirrorSideView"][];
        };
        /** @description Principals that do not exist. */
        MissingView: {
            /** @description Those of them that do not exist. */
            missing: string[];
        };
        /** @description What a disk shows. Unknown members are kept, since the refusal depends on the type. */
        MountBody: {
            /** @description `local`. */
            type: string;
            /** @description An absolute path on the server's machine. */
            path?: null | string;
        };
        MountView: {
            /** @description `local`. */
            type: string;
            /** @description An absolute path on the server's machine. */
            path: string;
            /** @description `ro`: over S3, disks are read-only. */
            accessMode: string;
        };
        NewDiskView: {
            /** @description The disk's id. */
            diskId: string;
            /** @description None yet. */
            authorizedUsers: components["schemas"]["DiskUserView"][];
        };
        /** @description A share link that has just been created. */
        NewShareView: {
            /** @description The link itself, which is shown only once. */
            url: string;
            /**
             * Format: int64
             * @description How many seconds it lasts.
             */
            expiresIn: number;
            /** @description Its id. */
            id: string;
            /**
             * Format: date-time
             * @description When it expires.
             */
            expiresAt: string;
        };
        /** @description A share link to create, to an object. */
        ObjectShareBody: {
            /** @description The bucket. */
            bucket: string;
            /** @description The object's key. */
            key: string;
            /** @description The version to share; null for the one that is current when the link is used. */
            versionId?: null | string;
            /**
             * Format: int64
             * @description How many seconds the link lasts, 1 to 604800; null for a day.
             */
            expiresIn?: null | number;
        };
        /** @description A sign-in with an issuer that begins. */
        OidcSignInBody: {
            /** @description The path of the console to go to then: it begins with one slash that no slash or backslash follows. Any other is taken for `/`. */
            to?: null | string;
        };
        OidcSignInView: {
            /** @description Where the issuer asks who somebody is. */
            url: string;
        };
        /** @description An organization to create. */
        OrganizationBody: {
            /** @description Its name, unique on the server. */
            name: string;
            /** @description Its canonical user id, 64 hexadecimal digits; null to generate one. */
            canonicalId?: null | string;
            /** @description The name that listings show; null for its name. */
            displayName?: null | string;
            /** @description An e-mail address, unique on the server, by which access control lists may name it. */
            email?: null | string;
            /** @description The access key id of its root user; null to generate one. */
            accessKey?: null | string;
            /** @description The secret of that access key; null to generate one. */
            secretKey?: null | string;
        };
        /** @description Bytes that accelerators sent to clients from caches, of buckets of an organization. */
        OrganizationHitsView: {
            /** @description The organization; absent for all that are not named. */
            organization: null | string;
            /**
             * Format: int64
             * @description Bytes.
             */
            bytes: number;
        };
        OrganizationList: {
            /** @description One page of them. */
            organizations: components["schemas"]["OrganizationView"][];
            /** @description Where to continue; absent on the last page. */
            nextCursor: null | string;
        };
        /** @description An organization. */
        OrganizationView: {
            /** @description Its name. */
            name: string;
            /** @description Its canonical user id. */
            canonicalId: string;
            /** @description The name that listings show. */
            displayName: string;
            /** @description Its e-mail address. */
            email?: null | string;
            /** @description ARN of its root user. */
            arn: string;
            /**
             * Format: date-time
             * @description When it was created.
             */
            created: string;
            /** @description The access key id of its root user, if it has just been created. */
            accessKey?: null | string;
            /** @description The secret of that access key, if it has just been created. */
            secretKey?: null | string;
        };
        /** @description An order to remove blobs that were set aside, which goes on by itself. */
        OrphanDropView: {
            /** @description The blob; absent: all. */
            id?: null | string;
            /** @description How far it is: `running`, `done` or `failed`. */
            state: string;
            /**
             * Format: int64
             * @description Rows read so far to see whether any refers to them.
             */
            rows: number;
            /**
             * Format: int64
             * @description How many blobs were removed.
             */
            blobs: number;
            /**
             * Format: int64
             * @description Their size in bytes.
             */
            bytes: number;
            /**
             * Format: int64
             * @description How many were put back, because objects need them.
             */
            broughtBack: number;
            /** @description Why it failed. */
            error?: null | string;
        };
        OrphanList: {
            /** @description One page of them. */
            orphans: components["schemas"]["OrphanView"][];
            /** @description Why none is removed by itself; absent when they are, once their retention is over. */
            keptBecause: null | string;
            /** @description Where to continue; absent on the last page. */
            nextCursor: null | string;
        };
        /** @description A blob that nothing refers to and that was set aside. */
        OrphanView: {
            /** @description The blob's id. */
            id: string;
            /**
             * Format: int64
             * @description Bytes stored.
             */
            size: number;
            /**
             * Format: date-time
             * @description When it was set aside.
             */
            since: string;
            /** @description The bucket that it was written for, as the blob says itself. */
            bucket?: null | string;
            /** @description The key that it was written for. */
            key?: null | string;
            /** @description The upload of which it is a part. */
            uploadId?: null | string;
            /**
             * Format: int32
             * @description The number of that part.
             */
            partNumber?: null | number;
            /**
             * Format: date-time
             * @description When it was written.
             */
            written?: null | string;
        };
        PolicyList: {
            /** @description All of them. */
            policies: components["schemas"]["PolicyView"][];
        };
        /** @description A policy of an organization. */
        PolicyView: {
            /** @description Its name. */
            name: string;
            /** @description The organization it belongs to. */
            organization: string;
            /**
             * Format: date-time
             * @description When it was first put.
             */
            created: string;
            /**
             * Format: date-time
             * @description When it was last put.
             */
            updated: string;
            /** @description The document as it was put. */
            policy: components["schemas"]["JsonElement"];
            /** @description Probable mistakes in a policy that was just put; absent if there are none. */
            warnings?: null | string[];
        };
        /** @description A URL to presign. */
        PresignBody: {
            /** @description `GET`, `HEAD`, `PUT`, `POST` or `DELETE`. */
            method: string;
            /** @description The bucket or disk; absent for the list of buckets. */
            bucket?: null | string;
            /** @description The key, at most 1024 bytes as UTF-8; absent for the bucket. */
            key?: null | string;
            /** @description The query; a setting is a name with an empty text. */
            query?: null | {
                [key: string]: string;
            };
            /** @description Headers of the request; all are signed. */
            headers?: null | {
                [key: string]: string;
            };
            /**
             * Format: int32
             * @description How many seconds it is valid, 1 to 900; 300 by default, and never longer than the session.
             */
            expiresIn?: null | number;
        };
        /** @description A presigned URL. */
        PresignedView: {
            /** @description The URL. */
            url: string;
            /** @description The headers that the request must have, with names in lower case. */
            headers: {
                [key: string]: string;
            };
        };
        /** @description Principals to look up. */
        PrincipalsBody: {
            /** @description ARNs and canonical user ids. */
            principals: string[];
        };
        RateList: {
            /**
             * Format: int32
             * @description S3 requests in flight now.
             */
            inFlight: number;
            /** @description The last seconds, from the oldest on. */
            rates: components["schemas"]["RateView"][];
        };
        /** @description What all requests together did in about a second. */
        RateView: {
            /**
             * Format: date-time
             * @description When the second ended.
             */
            time: string;
            /**
             * Format: double
             * @description How long it was.
             */
            seconds: number;
            /**
             * Format: int64
             * @description Requests that ended.
             */
            requests: number;
            /**
             * Format: int64
             * @description Those with a status of 400 or above, and those whose client left before the end.
             */
            errors: number;
            /**
             * Format: int64
             * @description Those with a status of 500 or above.
             */
            serverErrors: number;
            /**
             * Format: int64
             * @description Bytes of their bodies.
             */
            bytesIn: number;
            /**
             * Format: int64
             * @description Bytes of their answers' bodies.
             */
            bytesOut: number;
            /**
             * Format: double
             * @description The time that half of them took at most, bodies included, to an eighth; absent if none ended.
             */
            p50Milliseconds: null | number;
            /**
             * Format: double
             * @description The time that 99 of 100 of them took at most, bodies included, to an eighth; absent if none ended.
             */
            p99Milliseconds: null | number;
        };
        /** @description A key, or a prefix, that is left out. */
        RefusedKeyView: {
            /** @description The key, or the prefix. */
            key: string;
            /** @description Why. */
            reason: string;
        };
        /** @description A file or directory to rename. */
        RenameBody: {
            /** @description Its path below the disk's root. */
            from: string;
            /** @description Its new path. */
            to: string;
            /** @description Whether what has the new path is replaced; null for no. */
            replace?: null | boolean;
        };
        RequestList: {
            /** @description One page of requests, the newest first. */
            requests: components["schemas"]["RequestView"][];
            /**
             * Format: int32
             * @description How many requests of everybody the server keeps; none of them is left out.
             */
            capacity: number;
            /** @description Where to continue; absent on the last page. */
            nextCursor: null | string;
        };
        /** @description A request that has ended. */
        RequestView: {
            /**
             * Format: date-time
             * @description When it started.
             */
            time: string;
            /** @description Its id, as in `x-amz-request-id`; of a share link's use, only here. */
            requestId?: null | string;
            /** @description The operation; absent when it matched none. */
            operation?: null | string;
            /** @description The HTTP method. */
            method: string;
            /** @description The bucket or disk as sent. */
            bucket?: null | string;
            /** @description The key as sent. */
            key?: null | string;
            /**
             * Format: int32
             * @description The status that was answered; 499: the client left before the end.
             */
            status: number;
            /** @description S3's error code, when it was refused; ClientClosedRequest, when the client left before the end; of a refused share link, the status. */
            error?: null | string;
            /**
             * Format: int64
             * @description Bytes of its body that were read.
             */
            bytesIn: number;
            /**
             * Format: int64
             * @description Bytes of the answer's body that were sent.
             */
            bytesOut: number;
            /**
             * Format: double
             * @description From its start to its end, in milliseconds.
             */
            milliseconds: number;
            /**
             * Format: double
             * @description From its start to the first byte of an object, in milliseconds.
             */
            firstByteMilliseconds?: null | number;
            /** @description ARN of the requester; absent when it is anonymous or was not authenticated. */
            requester?: null | string;
            /** @description The client's address. */
            remote?: null | string;
            /** @description The name of the accelerator that passed it on; absent for other requests. */
            accelerator?: null | string;
            /**
             * Format: int64
             * @description Bytes of the object in whose place the accelerator was sent a plan; absent for other requests.
             */
            plannedBytes?: null | number;
        };
        /** @description A role to create. */
        RoleBody: {
            /** @description Its name, unique in the organization. */
            name: string;
            /** @description The name of the issuer whose tokens assume it. */
            issuer: string;
            /** @description The audiences of which a token must have one; null for those of the issuer. */
            audiences?: null | string[];
            /** @description What the claims of a token must be, as the Condition of a policy with names of claims: `{"StringLike":{"sub":"system:serviceaccount:data:*"}}`. */
            conditions: components["schemas"]["JsonElement"];
            /** @description Policies of the form that AWS has for roles, without principals: what its sessions may do with the organization's buckets. */
            policies?: null | unknown[];
            /**
             * Format: int32
             * @description The longest session, in seconds: 900 to 43200; null for 3600.
             */
            maxSessionSeconds?: null | number;
        };
        RoleList: {
            /** @description One page of them. */
            roles: components["schemas"]["RoleView"][];
            /** @description Where to continue; absent on the last page. */
            nextCursor: null | string;
        };
        /** @description A role. */
        RoleView: {
            /** @description The organization it belongs to. */
            organization: string;
            /** @description Its name. */
            name: string;
            /** @description Its unique id. */
            roleId: string;
            /** @description Its ARN, for AssumeRoleWithWebIdentity and for policies. */
            arn: string;
            /** @description The name of the issuer whose tokens assume it. */
            issuer: string;
            /** @description The audiences of which a token must have one; empty for those of the issuer. */
            audiences: string[];
            /** @description What the claims of a token must be. */
            conditions: components["schemas"]["JsonElement"];
            /** @description Its policies. */
            policies: unknown[];
            /**
             * Format: int32
             * @description The longest session, in seconds.
             */
            maxSessionSeconds: number;
            /**
             * Format: date-time
             * @description When it was created.
             */
            created: string;
        };
        /** @description A new secret for an access key. */
        RotationBody: {
            /** @description The new secret; null to generate one. */
            secretKey?: null | string;
        };
        SampleList: {
            /** @description One page of samples, in order of time. */
            samples: components["schemas"]["SampleView"][];
            /**
             * Format: int32
             * @description The length of the time of each: 3600 or 86400.
             */
            stepSeconds: number;
            /** @description Where to continue; absent on the last page. */
            nextCursor: null | string;
        };
        /** @description What a bucket held at the end of an hour or day, and what requests did to it in that time. */
        SampleView: {
            /**
             * Format: date-time
             * @description When the hour or day began.
             */
            time: string;
            /**
             * Format: int64
             * @description For how many seconds of it requests were counted.
             */
            observedSeconds: number;
            /** @description Whether what the bucket held is exact; otherwise it was being counted. */
            isExact: boolean;
            /**
             * Format: int64
             * @description Objects, without older versions and delete markers.
             */
            objects: number;
            /**
             * Format: int64
             * @description Their sizes together, in bytes.
             */
            bytes: number;
            /**
             * Format: int64
             * @description Older versions.
             */
            noncurrentVersions: number;
            /**
             * Format: int64
             * @description Their sizes together, in bytes.
             */
            noncurrentBytes: number;
            /**
             * Format: int64
             * @description Delete markers.
             */
            deleteMarkers: number;
            /**
             * Format: int64
             * @description Multipart uploads in progress.
             */
            uploads: number;
            /**
             * Format: int64
             * @description The sizes of their parts together, in bytes.
             */
            uploadBytes: number;
            /**
             * Format: int64
             * @description Requests that ended.
             */
            requests: number;
            /**
             * Format: int64
             * @description Those with a status of 400 or above, and those whose client left before the end.
             */
            errors: number;
            /**
             * Format: int64
             * @description Those with a status of 500 or above.
             */
            serverErrors: number;
            /**
             * Format: int64
             * @description Bytes of request bodies.
             */
            bytesIn: number;
            /**
             * Format: int64
             * @description Bytes of answers' bodies.
             */
            bytesOut: number;
        };
        /** @description A pass over all data. */
        ScrubPassView: {
            /**
             * Format: date-time
             * @description When it began.
             */
            began: string;
            /**
             * Format: date-time
             * @description When it ended.
             */
            finished?: null | string;
            /**
             * Format: int64
             * @description Objects, versions and parts of uploads in progress that were looked at.
             */
            objects: number;
            /**
             * Format: int64
             * @description Bytes read and verified.
             */
            bytes: number;
            /**
             * Format: int64
             * @description Pieces of data found damaged.
             */
            damaged: number;
            /**
             * Format: int64
             * @description Blobs of older builds that cannot be verified.
             */
            notVerifiable: number;
            /**
             * Format: int64
             * @description Blobs of older builds that were verified and got checksums.
             */
            sealed: number;
            /**
             * Format: int64
             * @description Blobs that were written anew, since the device had wrong bytes of them and the right ones could still be had.
             */
            rewritten: number;
            /**
             * Format: int64
             * @description Blobs that were needed and brought back from among those set aside.
             */
            broughtBack: number;
            /**
             * Format: int64
             * @description Blobs of which a damaged or missing copy was rewritten from the other side of the mirror.
             */
            repaired: number;
            /**
             * Format: int64
             * @description How many times something could not be read.
             */
            failures: number;
            /**
             * Format: int64
             * @description Blobs that nothing refers to.
             */
            orphans: number;
            /**
             * Format: int64
             * @description Their size in bytes.
             */
            orphanBytes: number;
        };
        /** @description What scrubbing found. */
        ScrubReport: {
            /** @description The state of scrubbing. */
            scrub: components["schemas"]["ScrubView"];
            /** @description What could not be read in the pass under way; at most 50 of them. */
            currentFailures: string[];
            /** @description What could not be read in the last pass that ended; at most 50 of them. */
            lastFailures: string[];
            /** @description The first damaged objects and parts. */
            damaged: components["schemas"]["DamagedView"][];
            /** @description Whether there are more of them, which the list of damage has. */
            hasMoreDamaged: boolean;
        };
        /** @description The state of scrubbing. */
        ScrubView: {
            /** @description What it does: `off`, `waiting`, `running` or `paused`. */
            state: string;
            current?: null | components["schemas"]["ScrubPassView"];
            last?: null | components["schemas"]["ScrubPassView"];
            /**
             * Format: date-time
             * @description When the next pass begins, if that is known.
             */
            next?: null | string;
            /** @description Why nothing that was set aside is removed by itself at present; absent when it is, once its retention is over. */
            orphansKeptBecause?: null | string;
        };
        /** @description A session of the console. */
        SessionView: {
            /** @description Who is signed in, as people say it: `ORGANIZATION` for its root user, `ORGANIZATION/USER`, or `ORGANIZATION/role/ROLE`. */
            principal: string;
            /** @description Their ARN. */
            arn: string;
            /** @description Their organization. */
            organization: string;
            /** @description The user's name; null for a root user and for a role. */
            user: null | string;
            /** @description The access key that signed in; null without one. */
            accessKey: null | string;
            /** @description Whether it is the organization's root user, whose key has no policy. */
            isRoot: boolean;
            /** @description Whether it is the server's root user, whose key has no policy. */
            isServerRoot: boolean;
            /**
             * Format: date-time
             * @description When the session ends at the latest.
             */
            expiresAt: string;
            /** @description The URL of the S3 endpoint as this browser reaches it, as far as the server knows, without a slash at its end; null where that would be an IPv6 address, which no content security policy can name. */
            s3Url: null | string;
            /** @description The region of the server. */
            region: string;
            /** @description What to show: names of pages and features. Each call is decided anew. */
            may: string[];
        };
        /** @description A share link to create, to a file of a disk. */
        ShareBody: {
            /** @description Path of the file below the disk's root. */
            key: string;
            /**
             * Format: int64
             * @description How many seconds the link lasts, 1 to 604800; null for a day.
             */
            expiresIn?: null | number;
        };
        ShareList: {
            /** @description One page of them. */
            links: components["schemas"]["ShareView"][];
            /** @description Where to continue; absent on the last page. */
            nextCursor: null | string;
        };
        /** @description A share link. */
        ShareView: {
            /** @description Its id. */
            id: string;
            /** @description The organization it belongs to. */
            organization: string;
            /** @description The disk that the file is on; absent for an object. */
            disk?: null | string;
            /** @description The bucket that the object is in; absent for a file. */
            bucket?: null | string;
            /** @description The object's key, or the file's path below the disk's root. */
            key: string;
            /** @description The version that it shares; absent for the current one. */
            versionId?: null | string;
            /**
             * Format: date-time
             * @description When it was created.
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description When it expires.
             */
            expiresAt: string;
            /** @description ARN of the principal that created it. */
            createdBy: string;
        };
        /** @description Who signs in to the console: an access key and its secret, or a token. */
        SignInBody: {
            /** @description The access key id; with `secretKey`. */
            accessKey?: null | string;
            /** @description Its secret. */
            secretKey?: null | string;
            /** @description A token, `key-…`, instead of both. */
            token?: null | string;
        };
        /** @description What the signature should have covered, as the server received it. */
        SignatureView: {
            /** @description The canonical request. */
            canonicalRequest: string;
            /** @description The string to sign. */
            stringToSign: string;
            /** @description The host that the request was sent to. */
            host: string;
        };
        /** @description What to paste into programs to use a bucket. */
        SnippetsView: {
            /** @description Shell commands for the AWS CLI. */
            aws: string;
            /** @description Python for boto3. */
            boto3: string;
            /** @description A section of rclone's configuration file; absent for an application that only writes, since rclone lists and reads what it writes. */
            rclone?: null | string;
            /** @description Shell commands for restic; absent for an application that only writes. */
            restic?: null | string;
            /** @description JavaScript for the AWS SDK, version 3. */
            javaScript: string;
        };
        /** @description A stage of a request. */
        StageView: {
            /** @description `authentication`, `authorization`, `metadata`, `blob`, `receive` (of the body), `wait` (for other requests), `send`, or `other`: computing, and all that is not measured. */
            stage: string;
            /**
             * Format: double
             * @description Its time, without that of stages inside it.
             */
            milliseconds: number;
            /**
             * Format: int32
             * @description How often it was entered; absent for a request that was denied, but to its bucket's owner.
             */
            calls: null | number;
        };
        /** @description The server at this moment. */
        StatusView: {
            /** @description The version of the program. */
            version: string;
            /**
             * Format: date-time
             * @description When the process began to serve.
             */
            startedAt: string;
            /**
             * Format: int64
             * @description Seconds since then.
             */
            uptimeSeconds: number;
            /** @description The region. */
            region: string;
            /** @description The URL by which clients reach S3: the external one if there is one, or else that of the endpoint on the server's machine. */
            s3: string;
            /** @description The URL of the control address on the server's machine. */
            control: string;
            /** @description Whether the root user has the key of the documentation. */
            usesDevKey: boolean;
            /** @description The data directory. */
            dataDirectory: string;
            /**
             * Format: int32
             * @description The version of its layout.
             */
            storeFormat: number;
            /** @description The file systems of the stores. */
            stores: components["schemas"]["StoreSpaceView"][];
            /** @description Whether a write to the metadata has failed, so that none is accepted until a restart. */
            metadataFailed: boolean;
            /**
             * Format: int64
             * @description Reads of the metadata that met damage since the start.
             */
            metadataDamagedReads: number;
            /**
             * Format: int64
             * @description Objects, rows of small objects and manifests known to be damaged.
             */
            damaged: number;
            held: null | components["schemas"]["HeldView"];
            /** @description Why it cannot be read. */
            heldError: null | string;
            /** @description Scrubbing. */
            scrub: components["schemas"]["ScrubView"];
            /**
             * Format: int64
             * @description Removals of data that are due and not done.
             */
            reclaimBacklog: number;
            /** @description What lifecycle rules did since the start. */
            lifecycle: components["schemas"]["LifecycleView"];
            /** @description Backups that this process made. */
            backup: components["schemas"]["BackupStatusView"];
            /** @description The load of the S3 endpoint. */
            s3Load: components["schemas"]["LoadView"];
            /** @description The load of the control address. */
            controlLoad: components["schemas"]["LoadView"];
        };
        StoreSpaceView: {
            /** @description `metadata` or `blobs`; of a mirror, `mirror_metadata` or `mirror_blobs`. */
            store: string;
            /** @description Its directory. */
            path: string;
            /**
             * Format: int64
             * @description Bytes that can still be written.
             */
            freeBytes: number;
            /**
             * Format: int64
             * @description The size of the file system.
             */
            totalBytes: number;
            /**
             * Format: int64
             * @description Files that can still be created; absent where that is not limited.
             */
            freeInodes: null | number;
            /** @description Why it could not be measured; the other figures are then 0. */
            error: null | string;
        };
        /** @description A token to create. */
        TokenBody: {
            /** @description Its name. */
            name: string;
            /** @description What it is for. */
            description?: null | string;
            /** @description The organization it belongs to; null for the requester's. */
            organization?: null | string;
            /** @description The user it belongs to; null for the organization's root user. */
            user?: null | string;
        };
        TokenList: {
            /** @description One page of them. */
            tokens: components["schemas"]["TokenView"][];
            /** @description Where to continue; absent on the last page. */
            nextCursor: null | string;
        };
        /** @description A token for the control API. */
        TokenView: {
            /** @description Its id. */
            id: string;
            /** @description Its name. */
            name: string;
            /** @description What it is for. */
            description?: null | string;
            /** @description What its text ends with. */
            tokenSuffix: string;
            /**
             * Format: date-time
             * @description When it was created.
             */
            createdAt: string;
            /** @description The organization it belongs to. */
            organization: string;
            /** @description The user it belongs to; absent for the organization's root user. */
            user?: null | string;
            /** @description Its text, if it has just been created. */
            token?: null | string;
        };
        /** @description The end of a resumable upload. */
        UploadCompletionBody: {
            /** @description The SHA-256 that the file must have, in hexadecimal; null: it is not compared. */
            sha256?: null | string;
            /** @description Whether a file that is there is replaced, also if the upload was begun without that; null for no. */
            replace?: null | boolean;
        };
        /** @description A user to create. */
        UserBody: {
            /** @description Its name, unique in the organization. */
            name: string;
            /** @description Its unique id; null to generate one. Only the server's root user may choose it. */
            userId?: null | string;
            /** @description The name that people see; null for its name. */
            displayName?: null | string;
            /** @description Its e-mail address. */
            email?: null | string;
            /** @description The groups that it belongs to. */
            groups?: null | string[];
            /** @description Its access key id; null to generate one. */
            accessKey?: null | string;
            /** @description The secret of that access key; null to generate one. */
            secretKey?: null | string;
        };
        UserList: {
            /** @description One page of them. */
            users: components["schemas"]["UserView"][];
            /** @description Where to continue; absent on the last page. */
            nextCursor: null | string;
        };
        /** @description A user. */
        UserView: {
            /** @description The organization it belongs to. */
            organization: string;
            /** @description Its name. */
            name: string;
            /** @description Its unique id. */
            userId: string;
            /** @description The name that people see. */
            displayName: string;
            /** @description Its e-mail address. */
            email?: null | string;
            /** @description The groups that it belongs to. */
            groups: string[];
            /** @description Its ARN. */
            arn: string;
            /**
             * Format: date-time
             * @description When it was created.
             */
            created: string;
            /** @description Its access key id, if it has just been created. */
            accessKey?: null | string;
            /** @description The secret of that access key, if it has just been created. */
            secretKey?: null | string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    ListOrganizations: {
        parameters: {
            query?: {
                /** @description The largest number of items in the answer; by default 1000. */
                limit?: number;
                /** @description Where to continue: nextCursor of the previous answer. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfOrganizationList"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    CreateOrganization: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OrganizationBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfOrganizationView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A name, id, e-mail address or key is taken, or something is still in use. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    GetOrganization: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its name. */
                organization: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfOrganizationView"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    DeleteOrganization: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its name. */
                organization: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Acknowledgement"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A name, id, e-mail address or key is taken, or something is still in use. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    ListUsers: {
        parameters: {
            query?: {
                /** @description The largest number of items in the answer; by default 1000. */
                limit?: number;
                /** @description Where to continue: nextCursor of the previous answer. */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The organization's name. */
                organization: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfUserList"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    CreateUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The organization's name. */
                organization: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfUserView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A name, id, e-mail address or key is taken, or something is still in use. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    GetUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The organization's name. */
                organization: string;
                /** @description The user's name. */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfUserView"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    DeleteUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The organization's name. */
                organization: string;
                /** @description The user's name. */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Acknowledgement"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    AddUserToGroup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The organization's name. */
                organization: string;
                /** @description The user's name. */
                user: string;
                /** @description The group's name. */
                group: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfUserView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    RemoveUserFromGroup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The organization's name. */
                organization: string;
                /** @description The user's name. */
                user: string;
                /** @description The group's name. */
                group: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfUserView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    GetOrganizationPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The organization's name. */
                organization: string;
                /** @description The policy's name. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfPolicyView"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    PutOrganizationPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The organization's name. */
                organization: string;
                /** @description The policy's name, as in its document. */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["JsonElement"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfPolicyView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    DeleteOrganizationPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The organization's name. */
                organization: string;
                /** @description The policy's name. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Acknowledgement"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    ListOrganizationPolicies: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The organization's name. */
                organization: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfPolicyList"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    ListIssuers: {
        parameters: {
            query?: {
                /** @description The organization whose issuers are listed; by default the requester's. */
                organization?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfIssuerList"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    CreateIssuer: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["IssuerBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfIssuerView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A name, id, e-mail address or key is taken, or something is still in use. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    DeleteIssuer: {
        parameters: {
            query?: {
                /** @description The organization that trusts it; by default the requester's. */
                organization?: string;
            };
            header?: never;
            path: {
                /** @description The issuer's name. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Acknowledgement"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    SetIssuerConsole: {
        parameters: {
            query?: {
                /** @description The organization that trusts it; by default the requester's. */
                organization?: string;
            };
            header?: never;
            path: {
                /** @description The issuer's name. */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["IssuerConsoleBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfIssuerView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A name, id, e-mail address or key is taken, or something is still in use. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    DeleteIssuerConsole: {
        parameters: {
            query?: {
                /** @description The organization that trusts it; by default the requester's. */
                organization?: string;
            };
            header?: never;
            path: {
                /** @description The issuer's name. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfIssuerView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A name, id, e-mail address or key is taken, or something is still in use. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    ListRoles: {
        parameters: {
            query?: {
                /** @description The largest number of items in the answer; by default 1000. */
                limit?: number;
                /** @description Where to continue: nextCursor of the previous answer. */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The organization's name. */
                organization: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfRoleList"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    CreateRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The organization's name. */
                organization: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RoleBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfRoleView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A name, id, e-mail address or key is taken, or something is still in use. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    GetRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The organization's name. */
                organization: string;
                /** @description The role's name. */
                role: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfRoleView"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    DeleteRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The organization's name. */
                organization: string;
                /** @description The role's name. */
                role: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Acknowledgement"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    ListAccessKeys: {
        parameters: {
            query?: {
                /** @description The largest number of items in the answer; by default 1000. */
                limit?: number;
                /** @description Where to continue: nextCursor of the previous answer. */
                cursor?: string;
                /** @description The organization whose keys are listed; by default the requester's. */
                organization?: string;
                /** @description The user whose keys are listed; by default all users. */
                user?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfAccessKeyList"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    CreateAccessKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AccessKeyBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfAccessKeyView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A name, id, e-mail address or key is taken, or something is still in use. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    GetAccessKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The access key id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfAccessKeyView"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    RevokeAccessKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The access key id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Acknowledgement"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    RotateAccessKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The access key id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RotationBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfAccessKeyView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A name, id, e-mail address or key is taken, or something is still in use. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    ListTokens: {
        parameters: {
            query?: {
                /** @description The largest number of items in the answer; by default 1000. */
                limit?: number;
                /** @description Where to continue: nextCursor of the previous answer. */
                cursor?: string;
                /** @description The organization whose tokens are listed; by default the requester's. */
                organization?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfTokenList"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    CreateToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TokenBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfTokenView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    DeleteToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The token's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfMessageView"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    CreateApplication: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApplicationBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfApplicationView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A name, id, e-mail address or key is taken, or something is still in use. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    ShareDiskFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The disk's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ShareBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfNewShareView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    ListSamples: {
        parameters: {
            query?: {
                /** @description The largest number of items in the answer; by default 1000. */
                limit?: number;
                /** @description Where to continue: nextCursor of the previous answer. */
                cursor?: string;
                /** @description hour (kept for 90 days) or day (kept for three years); by default hour. */
                step?: string;
                /** @description The first hour or day, as 2026-11-29T12:00:00Z; by default 24 hours or 31 days before the last. */
                from?: string;
                /** @description The last hour or day; by default the present one, of which there is a sample only where a server was stopped in it, or, of a day, once an hour of it is over. */
                to?: string;
            };
            header?: never;
            path: {
                /** @description Its name. */
                bucket: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfSampleList"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    GetBucketMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    ListRequests: {
        parameters: {
            query?: {
                /** @description The largest number of items in the answer; by default 1000. */
                limit?: number;
                /** @description Where to continue: nextCursor of the previous answer. */
                cursor?: string;
                /** @description Only requests that name this bucket or disk. */
                bucket?: string;
                /** @description Only requests for these operations, separated by commas: GetObject,PutObject. */
                operation?: string;
                /** @description Only requests with this status, such as 404, all of one kind, such as 5xx, or error for 400 and above. */
                status?: string;
                /** @description Only the request with this id. */
                requestId?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfRequestList"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    GetRates: {
        parameters: {
            query?: {
                /** @description How many seconds; by default 60. */
                seconds?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfRateList"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    ExplainRequest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The x-amz-request-id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfExplainedRequestView"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    WatchRequests: {
        parameters: {
            query?: {
                /** @description Names of operations, separated by commas. */
                operation?: string;
                /** @description The bucket. */
                bucket?: string;
                /** @description The beginning of the key. */
                prefix?: string;
                /** @description A status such as 404, all of one kind such as 5xx, or error for 400 and above. */
                status?: string;
                /** @description The shortest duration. */
                minMilliseconds?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": components["schemas"]["JsonElement"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description As many others do this as may at a time. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    Presign: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PresignBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfPresignedView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    CwApiTokenCredentials: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CwContainerCredentials"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A name, id, e-mail address or key is taken, or something is still in use. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    GetSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfSessionView"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    BeginSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignInBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfSessionView"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Request Timeout */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Payload Too Large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Too Many Requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Insufficient Storage */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    EndSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Acknowledgement"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    ListDisks: {
        parameters: {
            query?: {
                /** @description The largest number of items in the answer; by default 1000. */
                limit?: number;
                /** @description Where to continue: nextCursor of the previous answer. */
                cursor?: string;
                /** @description The name of the one disk to find. */
                name?: string;
                /** @description The organization whose disks are listed; by default the requester's. */
                organization?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfIReadOnlyListOfDiskView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    CreateDisk: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DiskBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfNewDiskView"];
                };
            };
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfNewDiskView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A name, id, e-mail address or key is taken, or something is still in use. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description This is not implemented; the message says what. */
            501: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    GetDisk: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The disk's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfDiskView"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    DeleteDisk: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The disk's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Acknowledgement"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    GetAllowedIps: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The disk's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfAllowedIps"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    SetAllowedIps: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The disk's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AllowedIps"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfAllowedIps"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    SetGrowingFiles: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The disk's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DiskGrowingFiles"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfDiskGrowingFiles"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    SetDiskWriting: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The disk's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DiskWriting"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfDiskWriting"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    AcceptDisk: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The disk's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfDiskFileSystems"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    PutDiskFile: {
        parameters: {
            query?: {
                /** @description The path of the file below the disk's root. */
                path?: string;
                /** @description Whether a file that is there is replaced: true, or false, the default. */
                replace?: string;
            };
            header?: never;
            path: {
                /** @description The disk's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfDiskFileView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A name, id, e-mail address or key is taken, or something is still in use. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description As many others do this as may at a time. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    DeleteDiskFile: {
        parameters: {
            query?: {
                /** @description The path of the file or directory below the disk's root. */
                path?: string;
                /** @description Whether a directory that is not empty is deleted with everything in it: true, or false, the default. */
                recursive?: string;
            };
            header?: never;
            path: {
                /** @description The disk's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Acknowledgement"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A name, id, e-mail address or key is taken, or something is still in use. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    CreateDiskDirectory: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The disk's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DirectoryBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfDirectoryView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A name, id, e-mail address or key is taken, or something is still in use. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    RenameDiskFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The disk's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RenameBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Acknowledgement"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A name, id, e-mail address or key is taken, or something is still in use. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    ListDiskUploads: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The disk's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfDiskUploadList"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    CreateDiskUpload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The disk's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DiskUploadBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfDiskUploadView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A name, id, e-mail address or key is taken, or something is still in use. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description As many others do this as may at a time. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    GetDiskUpload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The disk's id. */
                id: string;
                /** @description The upload's id. */
                upload: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfDiskUploadView"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    AppendToDiskUpload: {
        parameters: {
            query?: {
                /** @description Where the bytes go: the offset of the upload. */
                offset?: string;
            };
            header?: never;
            path: {
                /** @description The disk's id. */
                id: string;
                /** @description The upload's id. */
                upload: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfDiskUploadView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description As many others do this as may at a time. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    AbortDiskUpload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The disk's id. */
                id: string;
                /** @description The upload's id. */
                upload: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Acknowledgement"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    CompleteDiskUpload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The disk's id. */
                id: string;
                /** @description The upload's id. */
                upload: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["UploadCompletionBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfDiskFileView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A name, id, e-mail address or key is taken, or something is still in use. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    ListDiskUsers: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The disk's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfDiskUserList"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    AddDiskUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The disk's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DiskUserBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfDiskUserView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description This is not implemented; the message says what. */
            501: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    RemoveDiskUser: {
        parameters: {
            query?: {
                /** @description The user's identifier: its access key id. */
                identifier?: string;
                /** @description The identifier, under the name that it has for other types of users. */
                principal?: string;
            };
            header?: never;
            path: {
                /** @description The disk's id. */
                id: string;
                /** @description The user's type: `s3`. */
                type: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfMessageView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    ListBuckets: {
        parameters: {
            query?: {
                /** @description The largest number of items in the answer; by default 1000. */
                limit?: number;
                /** @description Where to continue: nextCursor of the previous answer. */
                cursor?: string;
                /** @description The organization whose buckets are listed; by default the requester's, or all for the server's root user. */
                organization?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfBucketList"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    GetBucket: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its name. */
                bucket: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfBucketView"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    RecountBuckets: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Acknowledgement"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    ListShareLinks: {
        parameters: {
            query?: {
                /** @description The largest number of items in the answer; by default 1000. */
                limit?: number;
                /** @description Where to continue: nextCursor of the previous answer. */
                cursor?: string;
                /** @description The disk whose links are listed. */
                disk?: string;
                /** @description The bucket whose links are listed; excludes disk. */
                bucket?: string;
                /** @description The organization whose links are listed; by default the requester's. */
                organization?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfShareList"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    CreateShareLink: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ObjectShareBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfNewShareView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    RevokeShareLink: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The link's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Acknowledgement"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    ExplainAccess: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExplainBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfExplanationView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    FindMissingPrincipals: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PrincipalsBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfMissingView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    GetScrub: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfScrubView"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    GetScrubReport: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfScrubReport"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    StartScrub: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfScrubView"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A name, id, e-mail address or key is taken, or something is still in use. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    PauseScrub: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfScrubView"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    ResumeScrub: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfScrubView"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    ListOrphans: {
        parameters: {
            query?: {
                /** @description The largest number of items in the answer; by default 1000. */
                limit?: number;
                /** @description Where to continue: nextCursor of the previous answer. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfOrphanList"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    DropOrphans: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfOrphanDropView"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A name, id, e-mail address or key is taken, or something is still in use. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    GetOrphanDrop: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfOrphanDropView"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    RestoreOrphan: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The blob's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Acknowledgement"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    DropOrphan: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The blob's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfOrphanDropView"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A name, id, e-mail address or key is taken, or something is still in use. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    ListDamaged: {
        parameters: {
            query?: {
                /** @description The largest number of items in the answer; by default 1000. */
                limit?: number;
                /** @description Where to continue: nextCursor of the previous answer. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfDamagedList"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    DropDamaged: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DropBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Acknowledgement"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A name, id, e-mail address or key is taken, or something is still in use. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    ListBackups: {
        parameters: {
            query?: {
                /** @description The directory of the backups. */
                target?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfBackupList"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    CreateBackup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BackupBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfBackupJobView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A name, id, e-mail address or key is taken, or something is still in use. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    VerifyBackup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BackupVerifyBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfBackupJobView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A name, id, e-mail address or key is taken, or something is still in use. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    GetBackupJob: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfBackupJobView"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    CancelBackupJob: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Acknowledgement"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    DeleteBackup: {
        parameters: {
            query?: {
                /** @description The directory of the backups. */
                target?: string;
            };
            header?: never;
            path: {
                /** @description Its name. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfBackupJobView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A name, id, e-mail address or key is taken, or something is still in use. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    ListJobs: {
        parameters: {
            query?: {
                /** @description The largest number of items in the answer; by default 1000. */
                limit?: number;
                /** @description Where to continue: nextCursor of the previous answer. */
                cursor?: string;
                /** @description The organization whose jobs are listed; by default the requester's. */
                organization?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfJobList"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    StartJob: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["JobBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfJobView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A name, id, e-mail address or key is taken, or something is still in use. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description As many others do this as may at a time. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    GetJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfJobView"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    CancelJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfJobView"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A name, id, e-mail address or key is taken, or something is still in use. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    PrepareArchive: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ArchiveBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfArchiveView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description As many others do this as may at a time. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    FetchArchive: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The archive's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/zip": string;
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description As many others do this as may at a time. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    GetMirror: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfMirrorView"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    RetryMirror: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Acknowledgement"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    ListAccelerators: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfAcceleratorList"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    ListAcceleratorClears: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfAcceleratorClearList"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    ClearAccelerators: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AcceleratorClearBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfAcceleratorClearView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A name, id, e-mail address or key is taken, or something is still in use. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    ListAcceleratorTokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfAcceleratorTokenList"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    CreateAcceleratorToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AcceleratorTokenBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfAcceleratorTokenView"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    RevokeAcceleratorToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The token's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Acknowledgement"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    GetStatus: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfStatusView"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    CwListAccessKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CwKeyList"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    CwCreateAccessKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CwKeyBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CwNewKey"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    CwGetAccessKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The access key id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CwKeyInfo"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    CwRevokeAccessKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CwKeyRevocation"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CwDone"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    CwRevokePrincipal: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CwPrincipalRevocation"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CwDone"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    CwListAccessPolicies: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CwPolicyList"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    CwEnsureAccessPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["JsonElement"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CwDone"];
                };
            };
            /** @description The body or a parameter is not as expected. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body did not arrive within 30 seconds, or that of a file stalled. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body is longer than 1 MiB, or a file longer than its file system allows. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server's storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    CwDeleteAccessPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The policy's name. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CwDone"];
                };
            };
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    ExecOnDisk: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The disk's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description This is not implemented; the message says what. */
            501: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    GrepDisk: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The disk's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is none, or none that the requester may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description This is not implemented; the message says what. */
            501: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    Exec: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The credentials are missing, unknown or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The requester may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server failed, and its log says why. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description This is not implemented; the message says what. */
            501: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The server, its metadata or the directory of the disk is not available. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    ListConsoleIssuers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfConsoleIssuerList"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    BeginOidcSignIn: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The organization that trusts the issuer. */
                organization: string;
                /** @description The issuer's name. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["OidcSignInBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvelopeOfOidcSignInView"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Request Timeout */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Payload Too Large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Insufficient Storage */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    FinishOidcSignIn: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The organization that trusts the issuer. */
                organization: string;
                /** @description The issuer's name. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Found */
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    CwExchangeOidcToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CwExchangeBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CwTemporaryKey"];
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Request Timeout */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Payload Too Large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Insufficient Storage */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    CwContainerCredentials: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The organization's name. */
                orgId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CwContainerCredentials"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
}
