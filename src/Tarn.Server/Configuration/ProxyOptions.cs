using Tarn.Core.Disks.Catalog;

namespace Tarn.Server.Configuration;

/// <summary>The proxies in front of the server.</summary>
/// <param name="Trusted">The networks of proxies whose statements about their clients are trusted; null: none.</param>
/// <param name="External">How clients reach the S3 endpoint; null: as they reach the listener.</param>
/// <param name="ProxyProtocol">Whether connections of trusted peers to the S3 listener begin with a PROXY header.</param>
internal sealed record ProxyOptions(AddressList? Trusted, ExternalUrl? External, bool ProxyProtocol)
{
    public static readonly ProxyOptions None = new(null, null, false);

    /// <summary>Whether requests may be addressed to another address than the one they arrive at.</summary>
    public bool IsConfigured => Trusted is not null || External is not null;

    public bool Trusts(System.Net.IPAddress? peer) => Trusted is not null && peer is not null && Trusted.Admits(peer);
}
