using Microsoft.Extensions.Time.Testing;
using Tarn.Backends.Files;
using Tarn.Server.Cli.Doctor.Checks;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Cli.Doctor;

/// <summary>What the doctor finds in a server's settings, and in what they name.</summary>
public sealed class SettingCheckTests : IDisposable
{
    private readonly Examination _examination = new();

    public void Dispose() => _examination.Dispose();

    [Fact]
    public async Task The_default_settings_are_right() => await _examination.ExpectAsync(new SettingsCheck(), Verdict.Ok, "S3 on 127.0.0.1:9000");

    [Fact]
    public async Task Wrong_settings_are_a_problem_and_others_do_not_guess()
    {
        _examination.Examined = _examination.Examined with { Options = null, SettingsProblem = "unknown variable 'TARN_BUCKT'" };
        await _examination.ExpectAsync(new SettingsCheck(), Verdict.Problem, "unknown variable 'TARN_BUCKT'");
        foreach (ICheck check in (ICheck[])[new PortsCheck(), new CertificateCheck(), new BackupRootsCheck(FileSystemSpace.Of), new MirrorCheck(FileSystemSpace.Of), new DiskRootsCheck()])
        {
            await _examination.ExpectAsync(check, Verdict.Skipped, "the settings are wrong");
        }
    }

    [Theory]
    [InlineData("--dev", "true", "the key of the documentation")]
    [InlineData("--durability", "relaxed", "--durability relaxed")]
    [InlineData("--scrub-rate", "0", "--scrub-rate 0")]
    [InlineData("--accept-log-loss", "7", "--accept-log-loss is set")]
    [InlineData("--s3", ":9000", "is not encrypted")]
    [InlineData("--control", ":9001", "is reached from other machines and not encrypted")]
    public async Task Settings_that_are_rarely_meant_are_said(string flag, string value, string found)
    {
        _examination.Set(new() { [flag] = [value] });
        await _examination.ExpectAsync(new SettingsCheck(), Verdict.Warning, found);
    }

    [Theory]
    [InlineData("auto", ":9443", "127.0.0.1:9001", null, "which the certificate has to have")]
    [InlineData("s3", ":9443", "127.0.0.1:9001", null, "which the certificate has to have")]
    [InlineData("control", "127.0.0.1:9000", ":9001", null, "browsers let its pages use S3 by TLS only")]
    [InlineData("both", ":9443", ":9001", null, null)]
    [InlineData("s3", ":9443", "127.0.0.1:9001", "--external-url", null)]
    [InlineData("s3", ":9443", "127.0.0.1:9001", "--console-url", null)]
    public async Task Tls_of_one_listener_alone_is_said_for_the_console(string on, string s3, string control, string? told, string? found)
    {
        var flags = new Dictionary<string, string[]> { ["--tls-cert"] = ["a.pem"], ["--tls-key"] = ["a.key"], ["--tls-on"] = [on], ["--s3"] = [s3], ["--control"] = [control] };
        if (told is not null)
        {
            flags[told] = ["https://tarn.example.com"];
        }

        _examination.Set(flags);
        await _examination.ExpectAsync(new SettingsCheck(), found is null ? Verdict.Ok : Verdict.Warning, found ?? "S3 on ");
    }

    [Fact]
    public async Task The_flags_of_the_running_server_are_told_or_why_they_are_not_taken()
    {
        _examination.Examined = _examination.Examined with { Server = 4711, ServerFlags = ["--expect-data", "--drain-delay 5"] };
        await _examination.ExpectAsync(new SettingsCheck(), Verdict.Ok, "; with --expect-data --drain-delay 5, the flags of the server that runs (process 4711)");
        _examination.Examined = _examination.Examined with { ServerFlags = [], ServerFlagsProblem = "of another world" };
        await _examination.ExpectAsync(new SettingsCheck(), Verdict.Warning, "the flags of the server that runs (process 4711) are not among these settings: of another world");
    }

    [Fact]
    public async Task A_good_certificate_is_right()
    {
        Certificate();
        await _examination.ExpectAsync(new CertificateCheck(), Verdict.Ok, "is valid until");
    }

    [Theory]
    [InlineData(20, Verdict.Warning, "is valid until")]
    [InlineData(31, Verdict.Problem, "clients refuse it")]
    [InlineData(-2, Verdict.Problem, "is valid from")]
    internal async Task A_certificate_out_of_its_time_is_said(int days, Verdict verdict, string found)
    {
        Certificate();
        _examination.Examined = _examination.Examined with { Time = new FakeTimeProvider(DateTimeOffset.UtcNow.AddDays(days)) };
        await _examination.ExpectAsync(new CertificateCheck(), verdict, found);
    }

    [Fact]
    public async Task A_certificate_with_another_key_or_a_missing_file_is_a_problem()
    {
        TestCertificates files = Certificate();
        string other = _examination.PathOf("other");
        Directory.CreateDirectory(other);
        File.Copy(TestCertificates.Create(other).KeyFile, files.KeyFile, overwrite: true);
        await _examination.ExpectAsync(new CertificateCheck(), Verdict.Problem, "cannot be used");
        File.Delete(files.KeyFile);
        await _examination.ExpectAsync(new CertificateCheck(), Verdict.Problem, files.CertificateFile);
    }

    [Fact]
    public async Task A_key_that_others_can_read_is_a_problem()
    {
        TestCertificates files = Certificate();
        Examination.SetMode(files.KeyFile, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        await _examination.ExpectAmongAsync(new CertificateCheck(), Verdict.Problem, "can be read by every user");
    }

    [Fact]
    public async Task A_chain_in_the_wrong_order_or_without_its_issuer_is_said()
    {
        TestCertificates files = Certificate();
        string[] certificates = [.. File.ReadAllText(files.CertificateFile).Split("-----END CERTIFICATE-----").Take(2).Select(static text => text.Trim() + "\n-----END CERTIFICATE-----\n")];
        File.WriteAllText(files.CertificateFile, certificates[0]);
        await _examination.ExpectAmongAsync(new CertificateCheck(), Verdict.Warning, "has no intermediate certificate");
        File.WriteAllText(files.CertificateFile, certificates[0] + certificates[0] + certificates[1]);
        await _examination.ExpectAmongAsync(new CertificateCheck(), Verdict.Warning, "is not issued by the next");
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("s3.example.com", false)]
    public async Task The_names_of_domains_are_compared(string domain, bool isRight)
    {
        Certificate(domain);
        if (isRight)
        {
            await _examination.ExpectAsync(new CertificateCheck(), Verdict.Ok, "is valid until");
        }
        else
        {
            await _examination.ExpectAmongAsync(new CertificateCheck(), Verdict.Warning, "it is not for s3.example.com and *.s3.example.com");
        }
    }

    [Fact]
    public async Task Without_a_certificate_there_is_nothing_to_say() => await _examination.ExpectAsync(new CertificateCheck(), Verdict.Skipped, "none is configured");

    [Fact]
    public async Task A_directory_for_backups_is_there_writable_and_on_another_device()
    {
        await _examination.ExpectAsync(new BackupRootsCheck(FileSystemSpace.Of), Verdict.Warning, "no --backup-root is set");
        string root = _examination.PathOf("backups");
        _examination.Set(new() { ["--backup-root"] = [root] });
        Directory.CreateDirectory(_examination.Examined.Data);
        await _examination.ExpectAsync(new BackupRootsCheck(FileSystemSpace.Of), Verdict.Problem, "does not exist");
        Directory.CreateDirectory(root);
        await _examination.ExpectAsync(new BackupRootsCheck(static _ => new FileSystemSpace { Id = 1 }), Verdict.Warning, $"is on the file system of {_examination.Examined.Data}");
        await _examination.ExpectAsync(new BackupRootsCheck(path => new FileSystemSpace { Id = path == root ? 1 : 2 }), Verdict.Ok, root);
        Directory.CreateDirectory(_examination.Examined.Blobs);
        await _examination.ExpectAsync(
            new BackupRootsCheck(path => new FileSystemSpace { Id = path == root || path == _examination.Examined.Blobs ? 1 : 2 }), Verdict.Warning, $"is on the file system of {_examination.Examined.Blobs}");
        _examination.Examined = _examination.Examined with { MayWrite = static _ => false };
        await _examination.ExpectAsync(new BackupRootsCheck(FileSystemSpace.Of), Verdict.Problem, "cannot be written");
    }

    [Fact]
    public async Task A_mirror_is_there_writable_and_on_another_device()
    {
        await _examination.ExpectAsync(new MirrorCheck(FileSystemSpace.Of), Verdict.Skipped, "there is none");
        string mirror = _examination.PathOf("mirror");
        _examination.Set(new() { ["--mirror"] = [mirror] });
        await _examination.ExpectAsync(new MirrorCheck(FileSystemSpace.Of), Verdict.Warning, "does not exist; a start creates it");
        Directory.CreateDirectory(_examination.Examined.Data);
        Directory.CreateDirectory(mirror);
        await _examination.ExpectAsync(new MirrorCheck(static _ => new FileSystemSpace { Id = 1 }), Verdict.Warning, "are on one file system");
        await _examination.ExpectAsync(new MirrorCheck(path => new FileSystemSpace { Id = path.StartsWith(mirror, StringComparison.Ordinal) ? 1 : 2 }), Verdict.Ok, mirror);
        Directory.CreateDirectory(_examination.Examined.Blobs);
        Directory.CreateDirectory(Path.Combine(mirror, "blobs"));
        await _examination.ExpectAsync(
            new MirrorCheck(path => new FileSystemSpace { Id = path.EndsWith("blobs", StringComparison.Ordinal) ? 3 : path.StartsWith(mirror, StringComparison.Ordinal) ? 1 : 2 }),
            Verdict.Warning, $"{Path.Combine(mirror, "blobs")} are on one file system");
        _examination.Examined = _examination.Examined with { MayWrite = static _ => false };
        await _examination.ExpectAsync(new MirrorCheck(FileSystemSpace.Of), Verdict.Problem, "cannot be written");
    }

    [Fact]
    public async Task A_directory_for_backups_inside_the_data_is_a_problem_and_a_bucket_is_not_asked()
    {
        _examination.Set(new() { ["--backup-root"] = [Path.Combine(_examination.Examined.Data, "backups")] });
        await _examination.ExpectAsync(new BackupRootsCheck(FileSystemSpace.Of), Verdict.Problem, "contains the data directory");
        _examination.Set(new() { ["--backup-root"] = ["s3://bucket/prefix"] });
        await _examination.ExpectAsync(new BackupRootsCheck(FileSystemSpace.Of), Verdict.Skipped, "s3://bucket/prefix");
    }

    [Fact]
    public async Task A_root_of_disks_is_there_and_readable()
    {
        await _examination.ExpectAsync(new DiskRootsCheck(), Verdict.Skipped, "no --disk-root");
        string root = _examination.PathOf("tree");
        _examination.Set(new() { ["--disk-root"] = [root] });
        await _examination.ExpectAsync(new DiskRootsCheck(), Verdict.Problem, "does not exist");
        Directory.CreateDirectory(root);
        await _examination.ExpectAsync(new DiskRootsCheck(), Verdict.Ok, root);
        _examination.Examined = _examination.Examined with { MayRead = static _ => false };
        await _examination.ExpectAsync(new DiskRootsCheck(), Verdict.Problem, "cannot be read");
    }

    private TestCertificates Certificate(string domain = "localhost")
    {
        string directory = _examination.PathOf("tls");
        Directory.CreateDirectory(directory);
        var files = TestCertificates.Create(directory);
        _examination.Set(new() { ["--tls-cert"] = [files.CertificateFile], ["--tls-key"] = [files.KeyFile], ["--domain"] = [domain] });
        return files;
    }
}
