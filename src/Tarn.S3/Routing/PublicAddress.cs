namespace Tarn.S3.Routing;

/// <summary>A name under which a request may have been signed: what its client sent as Host, and what its path began with.</summary>
/// <param name="Authority">Host, with the port where it is not the scheme's own.</param>
/// <param name="Prefix">Empty, or a slash and what follows it, without one at the end.</param>
public readonly record struct SignedName(string Authority, string Prefix);

/// <summary>
/// How a client of a proxy knows this server, a feature of requests whose target and host may not be what their client sent. It is worked
/// out before the request is anyone's; without it they are as they were sent.
/// </summary>
/// <param name="Scheme">Of URLs in answers.</param>
/// <param name="Authority">Of URLs in answers.</param>
/// <param name="Prefix">What the paths of URLs in answers begin with; empty, or without a slash at the end.</param>
public sealed record PublicAddress(string Scheme, string Authority, string Prefix)
{
    /// <summary>What the signature may be for, the most likely first; never empty. The request's path is without any of the prefixes.</summary>
    public required IReadOnlyList<SignedName> Names { get; init; }

    /// <summary>Whether the connection is of a proxy, and so its TLS not the client's.</summary>
    public bool IsForwarded { get; init; }

    /// <summary>Whether it is the address that was configured, so that no bucket's name is in its host.</summary>
    public bool IsExternal { get; init; }

    /// <summary>Why the request cannot be served, what the proxy said of it being unreadable; null when it can.</summary>
    public string? Refusal { get; init; }
}
