namespace Tarn.S3.Routing;

/// <summary>An address for which a request may have been signed: the client's Host header and the prefix of its path.</summary>
/// <param name="Authority">The host, with the port if it is not the scheme's default.</param>
/// <param name="Prefix">The path prefix: empty, or with a leading slash and without a trailing one.</param>
public readonly record struct SignedName(string Authority, string Prefix);

/// <summary>
/// This server's address as clients of a proxy see it: a feature of requests whose target and host may differ from what the client sent. It is
/// computed before authentication; without it target and host are as sent.
/// </summary>
/// <param name="Scheme">The scheme of URLs in answers.</param>
/// <param name="Authority">The host and port of URLs in answers.</param>
/// <param name="Prefix">The path prefix of URLs in answers; empty, or without a trailing slash.</param>
public sealed record PublicAddress(string Scheme, string Authority, string Prefix)
{
    /// <summary>The addresses that the signature may cover, the most likely first; never empty. The request's path has none of the prefixes.</summary>
    public required IReadOnlyList<SignedName> Names { get; init; }

    /// <summary>Whether the connection comes from a proxy, so that its TLS is not the client's.</summary>
    public bool IsForwarded { get; init; }

    /// <summary>Whether it is the configured address, so that its host holds no bucket name.</summary>
    public bool IsExternal { get; init; }

    /// <summary>Why the request cannot be served, because the proxy's headers are malformed; null when it can.</summary>
    public string? Refusal { get; init; }
}
