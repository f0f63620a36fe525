using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tarn.TestKit.Servers;

/// <summary>
/// A certificate authority of the test's own and a server certificate it signed for <c>localhost</c>,
/// <c>*.localhost</c>, 127.0.0.1 and ::1, as PEM files.
/// </summary>
public sealed class TestCertificates
{
    private TestCertificates(string directory)
    {
        AuthorityFile = Path.Combine(directory, "ca.pem");
        CertificateFile = Path.Combine(directory, "server.pem");
        KeyFile = Path.Combine(directory, "server.key");
    }

    /// <summary>The authority's certificate: what a client must trust.</summary>
    public string AuthorityFile { get; }

    /// <summary>The server's certificate followed by the authority's.</summary>
    public string CertificateFile { get; }

    /// <summary>The server's private key (PKCS #8).</summary>
    public string KeyFile { get; }

    /// <summary>Creates the authority and the certificate, valid from yesterday for thirty days.</summary>
    /// <param name="directory">Where the three files are written; must exist.</param>
    public static TestCertificates Create(string directory)
    {
        var files = new TestCertificates(directory);
        var from = DateTimeOffset.UtcNow.AddDays(-1);
        var until = from.AddDays(30);

        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=Tarn test authority", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        authorityRequest.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true)
        );
        authorityRequest.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(authorityRequest.PublicKey, false));
        using var authority = authorityRequest.CreateSelfSigned(from, until);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false)
        );
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddDnsName("*.localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, from, until, RandomNumberGenerator.GetBytes(16));

        File.WriteAllText(files.AuthorityFile, authority.ExportCertificatePem() + "\n");
        File.WriteAllText(
            files.CertificateFile,
            certificate.ExportCertificatePem() + "\n" + authority.ExportCertificatePem() + "\n"
        );
        File.WriteAllText(files.KeyFile, key.ExportPkcs8PrivateKeyPem() + "\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(files.KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return files;
    }
}
