using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Tarn.Server.Configuration;
using Tarn.Server.Hosting;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Server;

public sealed class CertificateSourceTests
{
    [Fact]
    public void A_renewed_pem_is_taken_and_a_bad_one_passed_over_with_one_line()
    {
        using var directory = new TemporaryDirectory();
        var options = new TlsOptions(directory.PathOf("c.pem"), directory.PathOf("k.pem"), null, true, false);
        WritePem(options, "one");
        using CertificateSource source = CertificateSource.Load(options);
        var log = new ListLogger();
        source.Refresh(log);
        Assert.Equal("CN=one", source.Current.TargetCertificate.Subject);
        Assert.Empty(log.Lines);

        File.WriteAllText(options.CertificateFile, "not a certificate");
        source.Refresh(log);
        source.Refresh(log);
        Assert.Equal("CN=one", source.Current.TargetCertificate.Subject);
        Assert.Single(log.Lines);

        File.Delete(options.KeyFile!);
        source.Refresh(log);
        source.Refresh(log);
        Assert.Equal(2, log.Lines.Count);

        WritePem(options, "two");
        source.Refresh(log);
        Assert.Equal("CN=two", source.Current.TargetCertificate.Subject);
        Assert.Equal(3, log.Lines.Count);
    }

    [Fact]
    public void Pkcs12_loads_with_its_password_only()
    {
        using var directory = new TemporaryDirectory();
        using X509Certificate2 certificate = Create("pfx");
        File.WriteAllBytes(directory.PathOf("c.pfx"), certificate.Export(X509ContentType.Pfx, "right"));
        var options = new TlsOptions(directory.PathOf("c.pfx"), null, "right", true, false);
        using CertificateSource source = CertificateSource.Load(options);
        Assert.Equal("CN=pfx", source.Current.TargetCertificate.Subject);
        Assert.Throws<StartupException>(() => CertificateSource.Load(options with { Password = "wrong" }));
    }

    internal static void WritePem(TlsOptions options, string name)
    {
        using X509Certificate2 certificate = Create(name);
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        File.WriteAllText(options.CertificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(options.KeyFile!, key.ExportPkcs8PrivateKeyPem());
    }

    private static X509Certificate2 Create(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private sealed class ListLogger : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
