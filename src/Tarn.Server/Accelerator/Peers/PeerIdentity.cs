using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Tarn.Server.Accelerator.Registration;

namespace Tarn.Server.Accelerator.Peers;

/// <summary>
/// Who this accelerator is to the others of its zone: a certificate of its own, made at its start, which they know from its registration. Nothing else makes one
/// trusted, and no authority is asked.
/// </summary>
internal sealed class PeerIdentity : IDisposable
{
    private static readonly TimeSpan Validity = TimeSpan.FromDays(3650);

    private readonly X509Certificate2 _certificate;

    /// <param name="address">HOST:PORT at which the others reach it.</param>
    /// <param name="now">The time.</param>
    public PeerIdentity(string address, DateTimeOffset now)
    {
        Address = address;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=tarn accelerator", key, HashAlgorithmName.SHA256);
        using X509Certificate2 made = request.CreateSelfSigned(now.AddDays(-1), now + Validity);

        // A key that was made in memory is not used for TLS by every platform; one that was imported is.
        _certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        Fingerprint = FingerprintOf(_certificate);
    }

    /// <summary>HOST:PORT at which the others reach it.</summary>
    public string Address { get; }

    /// <summary>SHA-256 of the certificate's DER form: 64 lower-case hexadecimal digits.</summary>
    public string Fingerprint { get; }

    /// <summary>TLS towards one of the others, which has to have that certificate.</summary>
    public SslClientAuthenticationOptions ClientOptions(string fingerprint) => new()
    {
        TargetHost = "accelerator",
        ClientCertificates = [_certificate],
        LocalCertificateSelectionCallback = (_, _, _, _, _) => _certificate,
        RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null && FingerprintOf(certificate) == fingerprint,
        ApplicationProtocols = [SslApplicationProtocol.Http11],
    };

    /// <summary>TLS for the others, of which each has to have the certificate that it registered with.</summary>
    public SslServerAuthenticationOptions ServerOptions(ZoneState zone) => new()
    {
        ServerCertificate = _certificate,
        ClientCertificateRequired = true,
        RemoteCertificateValidationCallback = (_, certificate, _, _) => IsRegistered(certificate, zone),
        ApplicationProtocols = [SslApplicationProtocol.Http11],
    };

    /// <summary>Whether a certificate is that of one of the others, as the upstream knows them now.</summary>
    public static bool IsRegistered(X509Certificate? certificate, ZoneState zone) =>
        certificate is not null && FingerprintOf(certificate) is var fingerprint && zone.Peers.Any(peer => peer.Certificate == fingerprint);

    public void Dispose() => _certificate.Dispose();

    private static string FingerprintOf(X509Certificate certificate) => Convert.ToHexStringLower(SHA256.HashData(certificate.GetRawCertData()));
}
