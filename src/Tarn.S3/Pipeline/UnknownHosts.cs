using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Tarn.Core.Errors;
using Tarn.S3.Requests;
using Tarn.S3.Routing;
using Tarn.S3.Telemetry;

namespace Tarn.S3.Pipeline;

/// <summary>
/// Tells of hosts that may have a bucket's name in them, though no domain says so: their requests are taken as path style, since the names
/// that containers give to services are hosts too, and what then is refused cannot be understood without knowing that.
/// </summary>
internal sealed partial class UnknownHosts(S3Domains domains, ILogger logger)
{
    /// <summary>How many are logged: whoever sends requests thinks the names up.</summary>
    public const int MaxLogged = 100;

    private readonly ConcurrentDictionary<string, bool> _logged = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What is to be added to the message of a refusal; empty when the host explains nothing.</summary>
    public string Explain(S3Request request, S3Error error)
    {
        if (request.Address.IsVirtualHost || request.Public is { IsExternal: true } || !IsExplained(request, error) || Candidate(request.Host.Value) is not { } host)
        {
            return "";
        }

        string domain = host[(host.IndexOf('.', StringComparison.Ordinal) + 1)..];
        if (_logged.Count < MaxLogged && _logged.TryAdd(host, true))
        {
            LogUnknown(logger, host, domain);
        }

        return $" The host {host} is under no domain of this server, so the bucket was looked for in the path; if the host names it, start the server with --domain {domain}.";
    }

    /// <summary>What a request with the bucket in its host is refused with when the bucket is looked for in its path.</summary>
    private static bool IsExplained(S3Request request, S3Error error) =>
        error == S3Error.NoSuchBucket || error == S3Error.InvalidBucketName || error == S3Error.MethodNotAllowed
        || (request.Operation is { ChangesCatalog: true } && error.Status is >= 400 and < 500);

    /// <summary>The host's name, when it has several labels and is not a domain's own.</summary>
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
