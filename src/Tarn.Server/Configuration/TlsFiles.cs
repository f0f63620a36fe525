using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tarn.Server.Configuration;

/// <summary>Reads a certificate, its key and its chain.</summary>
internal static class TlsFiles
{
    /// <summary>The certificate with its key, and all certificates of the file in their order.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    /// <exception cref="CryptographicException">A file is not what it should be, or the password or the key is wrong.</exception>
    /// <exception cref="ArgumentException">The key is not that of the certificate.</exception>
    public static (X509Certificate2 Leaf, X509Certificate2Collection Chain) Read(TlsOptions options)
    {
        var chain = new X509Certificate2Collection();
        if (options.KeyFile is null)
        {
            chain = X509CertificateLoader.LoadPkcs12CollectionFromFile(options.CertificateFile, options.Password);
            return (chain.FirstOrDefault(static one => one.HasPrivateKey) ?? throw new CryptographicException("it holds no private key"), chain);
        }

        chain.ImportFromPemFile(options.CertificateFile);
        return (options.Password is null
            ? X509Certificate2.CreateFromPemFile(options.CertificateFile, options.KeyFile)
            : X509Certificate2.CreateFromEncryptedPemFile(options.CertificateFile, options.Password, options.KeyFile), chain);
    }
}
