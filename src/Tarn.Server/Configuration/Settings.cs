namespace Tarn.Server.Configuration;

/// <summary>All settings of <c>tarn serve</c>; docs/reference/configuration.md explains each.</summary>
internal static class Settings
{
    public static readonly Setting Config =
        new("config", "FILE", null, "A JSON configuration file whose keys are the names of these flags.");

    public static readonly Setting Data =
        new("data", "DIR", "./tarn-data", "The data directory; created if it is missing.");

    public static readonly Setting ExpectData =
        new("expect-data", "true|false", "false", "Refuse to start if there is no store yet, instead of creating one: its file system may not be mounted. The flag alone means true.")
        {
            IsSwitch = true,
        };

    public static readonly Setting Dev =
        new("dev", "true|false", "false", "For a laptop and for CI: the root user has the key of the documentation, and all listeners must be on loopback. The flag alone means true.")
        {
            IsSwitch = true,
        };

    public static readonly Setting CreateBucket =
        new("create-bucket", "NAME", null, "A bucket of the root user that is created at start unless it exists; repeatable.")
        {
            Repeatable = true,
        };

    public static readonly Setting S3 =
        new("s3", "ADDR:PORT", "127.0.0.1:9000", "Where the S3 endpoint listens; port 0 takes a free one.");

    public static readonly Setting Control =
        new("control", "ADDR:PORT", "127.0.0.1:9001", "Where health, metrics and the control plane listen.");

    public static readonly Setting Accelerators =
        new("accelerators", "ADDR:PORT", null, "Where accelerators reach the server; without it there is no listener for them.");

    public static readonly Setting InsecureAccelerators =
        new("insecure-accelerators", "true|false", "false", "Serve accelerators of other machines without TLS: whoever can read the network reads their tokens. The flag alone means true.")
        {
            IsSwitch = true,
        };

    public static readonly Setting Region =
        new("region", "NAME", "us-east-1", "The region that clients sign for.");

    public static readonly Setting Domain =
        new("domain", "NAME", null, "A domain whose subdomains name buckets (virtual-host addressing); repeatable.")
        {
            Repeatable = true,
        };

    public static readonly Setting Metadata =
        new("metadata", "ENGINE", "rocksdb", "Where metadata is kept: rocksdb.");

    public static readonly Setting Blobs =
        new("blobs", "ENGINE", "files", "Where object data is kept: files.");

    public static readonly Setting Durability =
        new("durability", "full|relaxed", "full", "full: an acknowledged write survives power loss; relaxed: it survives a crash of the server.");

    public static readonly Setting VerifyReads =
        new("verify-reads", "always|device|off", "device", "When reads are compared with the checksums of the data: always; when it comes from the device; or never.");

    public static readonly Setting AcceptLogLoss =
        new("accept-log-loss", "N", null, "Start although the metadata's log is damaged, losing what follows change N; the error at startup names N.");

    public static readonly Setting Mirror =
        new("mirror", "DIR", null, "A second directory, on another device: everything is on both before it is acknowledged, and either may be lost.");

    public static readonly Setting MirrorAcceptStale =
        new("mirror-accept-stale", "SIDE", null, "Start with one side of the mirror although the other may have later writes; the error at startup names SIDE.");

    public static readonly Setting MirrorRebuild =
        new("mirror-rebuild", "true|false", "false", "Fill an empty directory where a side of the mirror was, such as a new disk; otherwise it is taken for a file system that is not mounted. The flag alone means true.")
        {
            IsSwitch = true,
        };

    public static readonly Setting LifecycleDay =
        new("lifecycle-day", "SECONDS", "86400", "How long a day of lifecycle rules lasts; shorter days are for tests.");

    public static readonly Setting LifecycleRate =
        new("lifecycle-rate", "N", "18000", "The maximum number of versions and uploads that lifecycle rules are applied to per second.");

    public static readonly Setting ScrubRate =
        new("scrub-rate", "MIB", "50", "The maximum number of MiB per second that scrubbing reads to verify stored data, a quarter of it while requests are served; 0 turns scrubbing off.");

    public static readonly Setting ScrubIops =
        new("scrub-iops", "N", "200", "The maximum number of reads per second of scrubbing, a quarter of it while requests are served.");

    public static readonly Setting ScrubInterval =
        new("scrub-interval", "DURATION", "7d", "The time from the start of one scrub of all data to the start of the next: 12h or 7d.");

    public static readonly Setting OrphanRetention =
        new("orphan-retention", "DURATION", "30d", "How long blobs to which no metadata refers are kept once scrubbing has set them aside: 12h or 30d.");

    public static readonly Setting ObjectOwnership =
        new("object-ownership", "SETTING", "BucketOwnerEnforced", "Object ownership of new buckets: BucketOwnerEnforced (no ACLs), BucketOwnerPreferred or ObjectWriter.");

    public static readonly Setting SignatureV2 =
        new("signature-v2", "off|presigned|all", "presigned", "Where Signature Version 2 is accepted: nowhere, in presigned URLs and forms, or in the Authorization header too.");

    public static readonly Setting SignatureV2MaxExpiry =
        new("signature-v2-max-expiry", "DURATION", "7d", "The longest validity of a URL or form signed with Signature Version 2: 90s, 15m, 12h or 7d.");

    public static readonly Setting OidcPlainLoopback =
        new("oidc-plain-loopback", "true|false", "false", "Accept issuers of workloads' tokens by http where their URL names a loopback address. The flag alone means true.")
        {
            IsSwitch = true,
        };

    public static readonly Setting DiskRoot =
        new("disk-root", "[ORG=]DIR", null, "A directory that every organization, or one, may attach as a disk, including all below it; repeatable.")
        {
            Repeatable = true,
        };

    public static readonly Setting BackupRoot =
        new("backup-root", "PLACE", null, "A directory, or s3://BUCKET/PREFIX, below which the server may write backups; repeatable. Without one it writes none.")
        {
            Repeatable = true,
        };

    public static readonly Setting ShareUrl =
        new("share-url", "URL", null, "The URL that share links begin with; the S3 endpoint answers them too under its host. Without it, the external URL; without that, the control address.");

    public static readonly Setting ConsoleUrl =
        new("console-url", "URL", null, "The URL at which browsers open the console, without a path: https://console.example.com. Without it, the control address. S3 answers its pages, and identity providers lead back to it.");

    public static readonly Setting ExternalUrl =
        new("external-url", "URL", null, "The URL by which clients reach the S3 endpoint through a proxy: https://s3.example.com, with a port or path prefix if there is one.");

    public static readonly Setting TrustedProxy =
        new("trusted-proxy", "NETWORK", null, "An address or network of proxies whose headers about their clients (X-Forwarded-*, Forwarded) are trusted; repeatable.")
        {
            Repeatable = true,
        };

    public static readonly Setting ProxyProtocol =
        new("proxy-protocol", "true|false", "false", "Connections of trusted proxies to the S3 endpoint begin with a PROXY header, version 1 or 2. The flag alone means true.")
        {
            IsSwitch = true,
        };

    public static readonly Setting TlsCert =
        new("tls-cert", "FILE", null, "TLS certificate chain, PEM, leaf first; reloaded when it changes.");

    public static readonly Setting TlsKey =
        new("tls-key", "FILE", null, "The certificate's private key, PEM.");

    public static readonly Setting TlsPfx =
        new("tls-pfx", "FILE", null, "TLS certificate chain and key in one PKCS #12 file, instead of PEM.");

    public static readonly Setting TlsPasswordFile =
        new("tls-password-file", "FILE", null, "A file whose first line is the password of the key or PKCS #12 file.");

    public static readonly Setting TlsPassword =
        new("tls-password", "TEXT", null, "The password of the key or PKCS #12 file; environment or configuration file only.") { Secret = true, InFile = TlsPasswordFile };

    public static readonly Setting TlsOn =
        new("tls-on", "auto|s3|control|both", "auto", "Which listeners use the certificate; auto: S3, and control unless it is on loopback.");

    public static readonly Setting MaxConnections =
        new("max-connections", "N", "auto", "The maximum number of connections of the S3 endpoint; auto: as many as the limit of open files allows, which is also the upper bound.");

    public static readonly Setting RequestMemory =
        new("request-memory", "MIB", "auto", "Memory budget of the S3 requests in flight, in MiB, beyond which more are refused; auto: a quarter of the memory, at most 4096.");

    public static readonly Setting S3HealthPath =
        new("s3-health-path", "PATH", null, "A path of the S3 endpoint that answers as /health/ready does, as do PATH/live and PATH/ready; without it, health is on the control address only.");

    public static readonly Setting DrainDelay =
        new("drain-delay", "SECONDS", "0", "How long the server keeps serving, no longer ready, between SIGTERM and closing its listeners.");

    public static readonly Setting RecentRequests =
        new("recent-requests", "N", "10000", "How many of the last S3 requests are kept in memory, for tarn request list; 0 keeps none.");

    public static readonly Setting BucketMetrics =
        new("bucket-metrics", "N", "100", "How many buckets, the largest, have series of their own in /metrics/buckets; at most 1000.");

    public static readonly Setting LogLevel =
        new("log-level", "LEVEL", "information", "trace, debug, information, warning, error, critical or none.");

    public static readonly Setting AccessLog =
        new("access-log", "FILE|-", null, "Where a line for each S3 request is appended; - is standard output. The file may be moved at any time: the next line is in a new one.");

    public static readonly Setting AccessLogFormat =
        new("access-log-format", "json|s3", "json", "The lines of the access log: JSON objects, or those of S3's server access logs.");

    public static readonly Setting AuditLog =
        new("audit-log", "FILE", null, "Where a JSON line for each change through the control API, and for each change of access through S3, is appended and synced.");

    public static readonly Setting BucketLogInterval =
        new("bucket-log-interval", "DURATION", "4m", "How long the lines of buckets with server access logging are collected before they are delivered as objects: 1s to 4m.");

    public static readonly Setting BucketLogSpool =
        new("bucket-log-spool", "MIB", "256", "The maximum size of these lines in the data directory, in MiB, while they cannot be delivered; what does not fit is lost.");

    public static readonly Setting TraceRate =
        new("trace-rate", "N", "100", "The maximum number of requests per second of which spans are recorded, whatever clients ask for; spans are recorded only where traces are exported.");

    public static readonly Setting RootAccessKeyFile =
        new("root-access-key-file", "FILE", null, "A file whose first line is the access key id of the root user.");

    public static readonly Setting RootAccessKey =
        new("root-access-key", "ID", null, "Access key id of the root user, 3 to 128 characters; environment or configuration file only.") { Secret = true, InFile = RootAccessKeyFile };

    public static readonly Setting RootSecretKeyFile =
        new("root-secret-key-file", "FILE", null, "A file whose first line is the secret key of the root user.");

    public static readonly Setting RootSecretKey =
        new("root-secret-key", "SECRET", null, "Secret key of the root user, at least 8 characters; environment or configuration file only.") { Secret = true, InFile = RootSecretKeyFile };

    public static readonly Setting MasterKeyFile =
        new("master-key-file", "FILE", null, "A file that contains the master key, instead of the generated one in the data directory.");

    public static readonly Setting MasterKey =
        new("master-key", "TEXT", null, "The key that encrypts the stored secrets, at least 32 characters; environment or configuration file only.") { Secret = true, InFile = MasterKeyFile };

    /// <summary>Every setting, in the order of the help text.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Config, Data, ExpectData, Dev, CreateBucket, S3, Control, Accelerators, InsecureAccelerators, Region, Domain, Metadata, Blobs, Durability, VerifyReads, AcceptLogLoss,
        Mirror, MirrorAcceptStale, MirrorRebuild, LifecycleDay, LifecycleRate, ScrubRate, ScrubIops, ScrubInterval, OrphanRetention,
        ObjectOwnership, SignatureV2, SignatureV2MaxExpiry, OidcPlainLoopback, DiskRoot, BackupRoot, ShareUrl, ConsoleUrl, ExternalUrl, TrustedProxy, ProxyProtocol, TlsCert, TlsKey, TlsPfx,
        TlsPassword, TlsPasswordFile, TlsOn, MaxConnections, RequestMemory, S3HealthPath, DrainDelay, RecentRequests, BucketMetrics, LogLevel, AccessLog, AccessLogFormat, AuditLog, BucketLogInterval, BucketLogSpool, TraceRate, RootAccessKey, RootAccessKeyFile,
        RootSecretKey, RootSecretKeyFile, MasterKey, MasterKeyFile,
    ];
}
