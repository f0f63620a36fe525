using System.Runtime.InteropServices;
using Tarn.Clients.Harness;
using Tarn.TestKit.Programs;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Packages;

/// <summary>The Debian package, installed, removed and purged by dpkg in a root directory of its own, its server run from there.</summary>
public sealed class DebianPackageTests(BuiltPackages packages)
{
    [Fact]
    public async Task It_is_installed_runs_and_leaves_data_and_secrets_behind()
    {
        Assert.SkipUnless(RuntimeInformation.OSArchitecture == Architecture.X64, "This machine does not run linux-x64.");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "dpkg sets owners, which only root can.");
        InstalledPrograms.Need("systemd-sysusers");
        InstalledPrograms.Need("systemd-tmpfiles");
        string deb = await packages.FileAsync("*.deb");
        using var root = new TemporaryDirectory("root");
        foreach (string name in (string[])["var/lib/dpkg/info", "var/lib/dpkg/updates", "etc", "var/log"])
        {
            Directory.CreateDirectory(root.PathOf(name));
        }

        await File.WriteAllTextAsync(root.PathOf("var/lib/dpkg/status"), "");
        await DpkgAsync(root, "--install", deb);
        string[] files = (await DpkgAsync(root, "--listfiles", "tarn")).Lines;
        Assert.Superset(
            new HashSet<string>(
            [
                "/etc/tarn/accelerator.json", "/etc/tarn/tarn.json", "/usr/bin/tarn", "/usr/lib/tarn/librocksdb.so", "/usr/lib/tarn/tarn", "/usr/lib/systemd/system/tarn.service", "/usr/lib/systemd/system/tarn-accelerate.service",
                "/usr/lib/sysusers.d/tarn.conf", "/usr/lib/tmpfiles.d/tarn.conf", "/usr/share/doc/tarn/copyright", "/usr/share/doc/tarn/changelog.gz", "/usr/share/doc/tarn/copy-bucket.mjs",
                "/usr/share/bash-completion/completions/tarn", "/usr/share/zsh/vendor-completions/_tarn", "/usr/share/fish/vendor_completions.d/tarn.fish",
            ]),
            files.ToHashSet());
        Assert.Empty((await DpkgAsync(root, "--verify", "tarn")).Lines);

        // The users and their directories are there; nothing is enabled, and there is no store and no key before the first start by hand.
        foreach ((string name, string directory) in (ValueTuple<string, string>[])[("tarn", "var/lib/tarn"), ("tarn-accelerate", "var/cache/tarn")])
        {
            string user = (await File.ReadAllLinesAsync(root.PathOf("etc/passwd"))).Single(line => line.StartsWith($"{name}:", StringComparison.Ordinal));
            string owner = (await HostProgram.RunAsync("stat", ["-c", "%u:%g %a", root.PathOf(directory)])).StandardOutput.Trim();
            Assert.Equal($"{string.Join(':', user.Split(':')[2..4])} 700", owner);
        }

        Assert.Empty(Directory.GetFileSystemEntries(root.PathOf("var/lib/tarn")));
        Assert.False(Directory.Exists(root.PathOf("etc/systemd/system/multi-user.target.wants")));
        ProgramResult refused = await HostProgram.TryRunAsync(root.PathOf("usr/bin/tarn"), ["serve", "--data", root.PathOf("var/lib/tarn"), "--expect-data"]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("To create one, start once without --expect-data", refused.StandardError, StringComparison.Ordinal);
        await PackageFilesTests.ServedAsync(new TarnServerOptions { Command = [root.PathOf("usr/bin/tarn")], DataDirectory = root.PathOf("var/lib/tarn") });

        await File.WriteAllTextAsync(root.PathOf("etc/tarn/environment"), "TARN_ROOT_ACCESS_KEY=mine\n");
        await File.AppendAllTextAsync(root.PathOf("etc/tarn/tarn.json"), "// changed\n");
        await File.AppendAllTextAsync(root.PathOf("etc/tarn/accelerator.json"), "// changed\n");
        await DpkgAsync(root, "--install", deb);
        Assert.EndsWith("// changed\n", await File.ReadAllTextAsync(root.PathOf("etc/tarn/accelerator.json")), StringComparison.Ordinal);
        Assert.EndsWith("// changed\n", await File.ReadAllTextAsync(root.PathOf("etc/tarn/tarn.json")), StringComparison.Ordinal);
        await DpkgAsync(root, "--remove", "tarn");
        Assert.False(Path.Exists(root.PathOf("usr/lib/tarn")));
        Assert.True(File.Exists(root.PathOf("etc/tarn/tarn.json")));
        await DpkgAsync(root, "--purge", "tarn");
        Assert.False(File.Exists(root.PathOf("etc/tarn/tarn.json")));
        Assert.True(File.Exists(root.PathOf("etc/tarn/environment")));
        Assert.True(Directory.Exists(root.PathOf("var/lib/tarn/blobs")));
    }

    // What the package depends on is in the machine's root, not in this one.
    private static Task<ProgramResult> DpkgAsync(TemporaryDirectory root, params string[] arguments) =>
        HostProgram.RunAsync("dpkg", [$"--root={root.FullPath}", "--force-depends", "--force-script-chrootless", "--force-confold", .. arguments]);
}
