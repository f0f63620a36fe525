using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Tarn.TestKit.Servers;

/// <summary>TLS for clients that trust one authority, and none of the system's.</summary>
public static class TrustedAuthority
{
    /// <summary>The options of a client.</summary>
    /// <param name="authorityFile">The authority's certificate, a PEM file.</param>
    public static SslClientAuthenticationOptions Only(string authorityFile)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(authorityFile);
        return new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
    }
}
