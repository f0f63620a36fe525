namespace Tarn.S3.Routing;

/// <summary>
/// The host names under which this server answers virtual-host requests: <c>bucket.domain</c> names a bucket,
/// the bare domain does not, and any other host is path style.
/// </summary>
public sealed class S3Domains
{
    /// <summary>No domain: every request is path style.</summary>
    public static readonly S3Domains None = new([]);

    private readonly string[] _suffixes;

    /// <param name="domains">Host names; a port or a leading dot is ignored.</param>
    public S3Domains(IEnumerable<string> domains)
    {
        ArgumentNullException.ThrowIfNull(domains);
        _suffixes = [.. domains
            .Select(d => HostName(d.AsSpan().Trim()).TrimStart('.').ToString())
            .Where(d => d.Length > 0)
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .OrderByDescending(d => d.Length)
            .Select(d => "." + d)];
    }

    /// <summary>The bucket in a Host header, in its original case; empty when the request is path style.</summary>
    public ReadOnlySpan<char> BucketOf(ReadOnlySpan<char> host)
    {
        if (_suffixes.Length == 0)
        {
            return default;
        }

        host = HostName(host);
        foreach (string suffix in _suffixes)
        {
            if (host.Equals(suffix.AsSpan(1), StringComparison.OrdinalIgnoreCase))
            {
                return default;
            }
        }

        foreach (string suffix in _suffixes)
        {
            if (host.Length > suffix.Length && host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
            {
                return host[..^suffix.Length];
            }
        }

        return default;
    }

    /// <summary>The domain under which a host names a bucket; null for any other host.</summary>
    /// <param name="host">A host without a port.</param>
    public string? DomainOf(string host)
    {
        ArgumentNullException.ThrowIfNull(host);
        return BucketOf(host) is { Length: > 0 } bucket ? host[(bucket.Length + 1)..] : null;
    }

    /// <summary>Whether a name is one of the domains, or under one.</summary>
    public bool Contains(string name) =>
        Array.Exists(_suffixes, suffix => name.Equals(suffix[1..], StringComparison.OrdinalIgnoreCase) || name.EndsWith(suffix, StringComparison.OrdinalIgnoreCase));

    /// <summary>Removes the port and the root dot. An IPv6 literal keeps its brackets.</summary>
    internal static ReadOnlySpan<char> HostName(ReadOnlySpan<char> host)
    {
        int bracket = host.LastIndexOf(']');
        int colon = host.LastIndexOf(':');
        if (colon > bracket)
        {
            host = host[..colon];
        }

        return host.EndsWith(".") ? host[..^1] : host;
    }
}
