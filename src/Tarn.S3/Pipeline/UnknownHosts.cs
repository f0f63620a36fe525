using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Tarn.Core.Errors;
using Tarn.S3.Requests;
using Tarn.S3.Routing;
using Tarn.S3.Telemetry;

namespace Tarn.S3.Pipeline;

/// <summary>
/// Explains refusals of requests whose host may contain a bucket's name but is under no configured domain: they are treated as path style, since the names
/// of services in container networks are hosts too, and the refusal alone does not show why.
/// </summary>
internal sealed partial class UnknownHosts(S3Domains domains, ILogger<S3Middleware> logger)
{
    /// <summary>The maximum number of hosts logged: clients can invent any number of names.</summary>
    public const int MaxLogged = 100;

    private readonly ConcurrentDictionary<string, bool> _logged = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A hint to add to the message of a refusal; empty when the host does not explain it.</summary>
    public string Explain(S3Request request, S3Error error)
    {
        if (request.Address.IsVirtualHost || request.Public is { IsExternal: true } || request.Accelerator is not null || !IsExplained(request, error) || Candidate(request.Host) is not { } host)
        {
            return "";
        }

        string domain = host[(host.IndexOf('.', StringComparison.Ordinal) + 1)..];
        if (_logged.Count < MaxLogged && _logged.TryAdd(host, true))
        {
            LogUnknown(logger, host, domain);
        }

        return $" The host {host} is not under a domain of this server, so the bucket was taken from the path. If the host names the bucket, start the server with --domain {domain}.";
    }

    /// <summary>Whether a refusal is one that a request with the bucket in its host gets when the bucket is taken from its path.</summary>
    private static bool IsExplained(S3Request request, S3Error error) =>
        error == S3Error.NoSuchBucket || error == S3Error.InvalidBucketName || error == S3Error.MethodNotAllowed
        || (request.Operation is { ChangesCatalog: true } && error.Status is >= 400 and < 500);

    /// <summary>The host name, when it has several labels and is not a configured domain.</summary>
    private string? Candidate(string? authority)
    {
        string host = S3Domains.HostName(authority).ToString();
        return host.Length is > 0 and <= 253 && host.Contains('.', StringComparison.Ordinal) && !domains.Contains(host)
            && Uri.CheckHostName(host) == UriHostNameType.Dns && host.Split('.').All(static label => label.Length > 0)
                ? host.ToLowerInvariant()
                : null;
    }

    [LoggerMessage(EventIds.UnknownHost, LogLevel.Warning, "Requests to {Host} were refused as path style. If its first label is a bucket, start the server with --domain {Domain}")]
    private static partial void LogUnknown(ILogger logger, string host, string domain);
}
