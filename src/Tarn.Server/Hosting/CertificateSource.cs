using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Tarn.Server.Configuration;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Hosting;

/// <summary>
/// The certificate for new TLS connections. It follows its files: their content is compared every few seconds, which
/// also detects a symbolic link that was changed. While new files are unusable, the old certificate stays in use.
/// </summary>
internal sealed partial class CertificateSource : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly TlsOptions _options;
    private volatile SslStreamCertificateContext _current;
    private byte[] _seen;
    private ITimer? _timer;

    private CertificateSource(TlsOptions options, SslStreamCertificateContext current, byte[] seen)
    {
        _options = options;
        _current = current;
        _seen = seen;
    }

    /// <summary>The certificate with its intermediates.</summary>
    public SslStreamCertificateContext Current => _current;

    /// <exception cref="StartupException">The files cannot be read or do not fit together.</exception>
    public static CertificateSource Load(TlsOptions options)
    {
        try
        {
            return new CertificateSource(options, Read(options), Fingerprint(options));
        }
        catch (Exception e) when (IsUnusable(e))
        {
            throw new StartupException($"cannot use the certificate {options.CertificateFile}: {e.Message}", e);
        }
    }

    /// <summary>Starts to follow the files.</summary>
    public void Watch(TimeProvider time, ILogger logger) =>
        _timer = time.CreateTimer(_ => Refresh(logger), null, Interval, Interval);

    /// <summary>Loads the files if their content changed. Unusable content is logged once and ignored.</summary>
    internal void Refresh(ILogger logger)
    {
        try
        {
            byte[] fingerprint = Fingerprint(_options);
            if (fingerprint.AsSpan().SequenceEqual(_seen))
            {
                return;
            }

            _seen = fingerprint;
            _current = Read(_options);
            LogRenewed(logger, _options.CertificateFile, _current.TargetCertificate.NotAfter);
        }
        catch (Exception e) when (IsUnusable(e))
        {
            // A missing file has no fingerprint: an empty one stands for it, so that this too is logged once.
            if (e is IOException or UnauthorizedAccessException)
            {
                if (_seen.Length == 0)
                {
                    return;
                }

                _seen = [];
            }

            LogKept(logger, _options.CertificateFile, e.Message);
        }
    }

    public void Dispose() => _timer?.Dispose();

    private static bool IsUnusable(Exception e) =>
        e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException or InvalidOperationException;

    private static byte[] Fingerprint(TlsOptions options)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(SHA256.HashData(File.ReadAllBytes(options.CertificateFile)));
        if (options.KeyFile is not null)
        {
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(options.KeyFile)));
        }

        return hash.GetHashAndReset();
    }

    private static SslStreamCertificateContext Read(TlsOptions options)
    {
        (X509Certificate2 leaf, X509Certificate2Collection chain) = TlsFiles.Read(options);
        return SslStreamCertificateContext.Create(leaf, chain, offline: true);
    }

    [LoggerMessage(EventIds.CertificateRenewed, LogLevel.Information, "TLS certificate {File} renewed; valid until {NotAfter:u}")]
    private static partial void LogRenewed(ILogger logger, string file, DateTime notAfter);

    [LoggerMessage(EventIds.CertificateRejected, LogLevel.Error, "TLS certificate {File} cannot be used, the old one stays in use: {Reason}")]
    private static partial void LogKept(ILogger logger, string file, string reason);
}
