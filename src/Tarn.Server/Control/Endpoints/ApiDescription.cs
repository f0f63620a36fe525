using System.Globalization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Control.Endpoints;

/// <summary>Completes the OpenAPI document with what the types of handlers do not show: roles, query parameters, authentication, refusals.</summary>
internal static class ApiDescription
{
    private static readonly Dictionary<string, string> Refusals = new(StringComparer.Ordinal)
    {
        ["400"] = "The body or a parameter is not as expected.",
        ["401"] = "The credentials are missing, unknown or wrong.",
        ["403"] = "The requester may not do this.",
        ["404"] = "There is none, or none that the requester may see.",
        ["408"] = "The body did not arrive within 30 seconds, or that of a file stalled.",
        ["409"] = "A name, id, e-mail address or key is taken, or something is still in use.",
        ["413"] = "The body is longer than 1 MiB, or a file longer than its file system allows.",
        ["429"] = "As many others do this as may at a time.",
        ["500"] = "The server failed, and its log says why.",
        ["501"] = "This is not implemented; the message says what.",
        ["503"] = "The server, its metadata or the directory of the disk is not available.",
        ["507"] = "The server's storage is full.",
    };

    private const string ConsoleScheme = "console";

    /// <summary>The tags that the document shows last, in this order.</summary>
    private static readonly string[] LastTags = [Tags.NotImplemented, Tags.Health, Tags.Description];

    private static readonly (string Name, OpenApiSecurityScheme Scheme)[] Schemes =
    [
        ("token", new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "A token, `key-…`, made by POST /api/tokens. It is also accepted without the word Bearer.",
        }),
        ("signature", new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Header,
            Name = "Authorization",
            Description = "AWS Signature Version 4 with an access key, for the service `tarn` and any region, with the SHA-256 of the body in `x-amz-content-sha256`.",
        }),
        (ConsoleScheme, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Cookie,
            Name = ConsoleCookie.SecureName,
            Description = $"A session of the console, begun by POST /api/session; without TLS the cookie is `{ConsoleCookie.PlainName}`. Every request but GET also has the header `{PageProof.Header}` with the proof of the page that began the session "
                + "and comes from the console's own origin, by `Sec-Fetch-Site` or `Origin`.",
        }),
    ];

    public static Task CompleteAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        IList<object> metadata = context.Description.ActionDescriptor.EndpointMetadata;
        bool isHead = string.Equals(context.Description.HttpMethod, HttpMethods.Head, StringComparison.OrdinalIgnoreCase);
        foreach (QueryParameter parameter in metadata.OfType<QueryParameter>())
        {
            (operation.Parameters ??= []).Add(Parameter(parameter));
        }

        if (metadata.OfType<StreamsBody>().Any())
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
                {
                    ["application/octet-stream"] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" } },
                },
            };
        }

        if (metadata.OfType<Role>().FirstOrDefault() is { } role)
        {
            operation.Description = string.IsNullOrEmpty(operation.Description) ? role.Sentence : $"{operation.Description} {role.Sentence}";
        }

        if (metadata.OfType<Authenticated>().Any())
        {
            operation.Security = [.. Schemes.Where(scheme => scheme.Name == ConsoleScheme || !metadata.OfType<ConsoleOnly>().Any()).Select(scheme => new OpenApiSecurityRequirement
            {
                [new OpenApiSecuritySchemeReference(scheme.Name, context.Document)] = [],
            })];
        }

        foreach ((string status, IOpenApiResponse answer) in operation.Responses ?? [])
        {
            if (answer is OpenApiResponse response)
            {
                response.Description = metadata.OfType<Authenticated>().Any() && Refusals.TryGetValue(status, out string? text) ? text : response.Description;
                response.Content = isHead ? null : response.Content;
                if (response.Content?.TryGetValue(ArchiveAnswer.MediaType, out OpenApiMediaType? archive) == true)
                {
                    // Bytes, of which the JSON serializer knows nothing: a text until here.
                    archive.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" };
                }
            }
        }

        return Task.CompletedTask;
    }

    public static Task CompleteAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Tarn control API",
            Version = ApiDocument.Name,
            Description = "Organizations, users, access keys, tokens, policies, disks and share links of a Tarn server, and its health.",
        };

        // Relative to the document's own URL: a server does not know every name by which it is reached.
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Tags = new HashSet<OpenApiTag>((document.Tags ?? Enumerable.Empty<OpenApiTag>()).OrderBy(tag => Array.IndexOf(LastTags, tag.Name)));
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
        foreach ((string name, OpenApiSecurityScheme scheme) in Schemes)
        {
            document.Components.SecuritySchemes[name] = scheme;
        }

        return Task.CompletedTask;
    }

    private static OpenApiParameter Parameter(QueryParameter parameter) => new()
    {
        Name = parameter.Name,
        In = ParameterLocation.Query,
        Description = parameter.Description,
        Schema = parameter.Max is { } max
            ? new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = max.ToString(CultureInfo.InvariantCulture) }
            : new OpenApiSchema { Type = JsonSchemaType.String },
    };
}
