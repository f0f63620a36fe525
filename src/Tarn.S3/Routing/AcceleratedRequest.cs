namespace Tarn.S3.Routing;

/// <summary>
/// A request that an accelerator passes on for its client: a feature of the web server's request, set once its envelope was found to be genuine. docs/design/accelerator.md
/// </summary>
/// <param name="Name">The accelerator's name.</param>
/// <param name="Zone">Its zone.</param>
/// <param name="Domains">The domains under which its clients name buckets, in the place of the server's.</param>
/// <param name="IsResolve">Whether the bytes of blobs may be replaced by a plan.</param>
public sealed record AcceleratedRequest(string Name, string Zone, S3Domains Domains, bool IsResolve)
{
    /// <summary>The id of its token.</summary>
    public required string TokenId { get; init; }

    /// <summary>Whether the client's own connection, which is to the accelerator, uses TLS.</summary>
    public required bool IsClientTls { get; init; }

    /// <summary>The names of the only organizations for whose principals it may speak; empty: of all, and for anonymous requests too.</summary>
    public IReadOnlyList<string> Organizations { get; init; } = [];

    /// <summary>
    /// Refuses the request when the token was revoked since it came, with AcceleratorRefused: for what waits for the client's bytes before it decides. Cancelling cancels looking it up.
    /// </summary>
    public required Func<CancellationToken, ValueTask> ThrowIfRevokedAsync { get; init; }

    /// <summary>Whether it may speak for a requester.</summary>
    /// <param name="organization">The name of the requester's organization; null when the request is anonymous.</param>
    public bool SpeaksFor(string? organization) => Organizations.Count == 0 || (organization is not null && Organizations.Contains(organization, StringComparer.Ordinal));
}
