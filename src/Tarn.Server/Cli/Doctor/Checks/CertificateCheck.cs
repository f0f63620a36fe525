using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Tarn.Server.Configuration;

namespace Tarn.Server.Cli.Doctor.Checks;

/// <summary>The TLS certificate: its dates, its names, its key, its chain, and who can read the key.</summary>
internal sealed class CertificateCheck : SimpleCheck
{
    private const UnixFileMode ForOthers = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    public override string Name => "certificate";

    protected override IEnumerable<Finding> Look(Examined examined)
    {
        if (examined.Options is not { } options)
        {
            return [Finding.Skipped(SettingsCheck.AreWrong)];
        }

        if (options.Tls is not { } tls)
        {
            return [Finding.Skipped("none is configured")];
        }

        X509Certificate2Collection chain;
        X509Certificate2 leaf;
        try
        {
            (leaf, chain) = TlsFiles.Read(tls);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [Finding.Problem($"{tls.CertificateFile}: {e.Message}", "let the server's user read the certificate and the key, and the directories above them")];
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return [Finding.Problem($"{tls.CertificateFile} cannot be used: {e.Message}", "check that both files are PEM, that the password is right, and that the key is that of the first certificate of the chain")];
        }

        using (leaf)
        {
            return [Dates(leaf, examined.Time.GetUtcNow(), tls), .. Names(leaf, options), .. Order(leaf, chain, tls), .. Secrecy(tls)];
        }
    }

    private static Finding Dates(X509Certificate2 leaf, DateTimeOffset now, TlsOptions tls)
    {
        var until = new DateTimeOffset(leaf.NotAfter.ToUniversalTime(), TimeSpan.Zero);
        string what = string.Create(CultureInfo.InvariantCulture, $"{tls.CertificateFile} is valid until {until:u}");
        const string advice = "renew it and replace the files: the server takes them within seconds, without a restart";
        return now > until ? Finding.Problem($"{what}: clients refuse it", advice)
            : now < leaf.NotBefore.ToUniversalTime() ? Finding.Problem(string.Create(CultureInfo.InvariantCulture, $"{tls.CertificateFile} is valid from {leaf.NotBefore.ToUniversalTime():u} on only"), "set the clock right, or use another certificate")
            : until - now < Soon ? Finding.Warning(what, advice)
            : Finding.Ok(what);
    }

    private static IEnumerable<Finding> Names(X509Certificate2 leaf, ServerOptions options)
    {
        string[] missing =
        [
            .. options.Domains.SelectMany(static domain => (string[])[domain, $"bucket.{domain}"]).Where(name => !leaf.MatchesHostname(name))
                .Select(static name => name.StartsWith("bucket.", StringComparison.Ordinal) ? $"*{name["bucket".Length..]}" : name),
        ];
        if (missing.Length > 0)
        {
            yield return Finding.Warning($"it is not for {string.Join(" and ", missing)}, by which --domain lets clients reach buckets", "get one that has these names, or leave out --domain");
        }
    }

    private static IEnumerable<Finding> Order(X509Certificate2 leaf, X509Certificate2Collection chain, TlsOptions tls)
    {
        if (tls.KeyFile is null)
        {
            yield break;
        }

        for (int i = 0; i + 1 < chain.Count; i++)
        {
            if (!chain[i].IssuerName.RawData.AsSpan().SequenceEqual(chain[i + 1].SubjectName.RawData))
            {
                yield return Finding.Warning($"{tls.CertificateFile}: certificate {i + 1} ({chain[i].Subject}) is not issued by the next ({chain[i + 1].Subject})", "order them: the server's own first, then each one's issuer");
                yield break;
            }
        }

        if (chain.Count == 1 && !leaf.IssuerName.RawData.AsSpan().SequenceEqual(leaf.SubjectName.RawData))
        {
            yield return Finding.Warning($"{tls.CertificateFile} has no intermediate certificate: many clients cannot verify it", "use the file with the whole chain (fullchain.pem); nothing, if a root that your clients trust issued it directly");
        }
    }

    private static IEnumerable<Finding> Secrecy(TlsOptions tls)
    {
        string key = tls.KeyFile ?? tls.CertificateFile;
        if ((File.GetUnixFileMode(key) & ForOthers) != 0)
        {
            yield return Finding.Problem($"{key} can be read by every user of this machine", $"chmod 640 {key}, with the server's group; if others had access, replace the key and the certificate");
        }
    }
}
