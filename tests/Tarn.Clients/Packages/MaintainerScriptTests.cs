using Tarn.Clients.Harness;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Packages;

/// <summary>What the Debian package's scripts ask systemd to do, in the order in which dpkg runs them, with a systemctl that only writes it down.</summary>
public sealed class MaintainerScriptTests
{
    [Theory]
    [InlineData("active", 0, "prerm upgrade 2; postinst configure 1", "stop daemon-reload start")]
    [InlineData("activating", 0, "prerm upgrade 2; postinst configure 1", "stop daemon-reload start")]
    [InlineData("inactive", 0, "prerm upgrade 2; postinst configure 1", "daemon-reload")]
    [InlineData("failed", 0, "prerm upgrade 2; postinst configure 1", "daemon-reload")]
    [InlineData("active", 0, "prerm upgrade 2; postinst abort-upgrade 2", "stop daemon-reload start")]
    [InlineData("active", 0, "prerm upgrade 2; postinst configure 1; postinst configure 1", "stop daemon-reload start daemon-reload")]
    [InlineData("inactive", 0, "postinst configure", "daemon-reload")]
    [InlineData("active", 0, "prerm remove; postrm remove", "disable daemon-reload")]
    [InlineData("active", 1, "prerm upgrade 2; postinst configure 1; postrm remove", "stop daemon-reload start daemon-reload")]
    public async Task An_upgrade_stops_the_server_and_starts_it_again_only_if_it_ran(string state, int exitCode, string scripts, string expected)
    {
        string bubblewrap = Sandbox.Need();
        using var directory = new TemporaryDirectory("scripts");
        string calls = directory.PathOf("calls");
        await File.WriteAllTextAsync(calls, "");
        string stub = $"#!/bin/sh\ncase $1 in\n  is-active) echo {state}; [ {state} = active ] ;;\n  *) echo $1 >>'{calls}'; case $1 in start | daemon-reload) exit {exitCode} ;; esac ;;\nesac\n";
        foreach ((string name, string text) in (ValueTuple<string, string>[])[("systemctl", stub), ("systemd-sysusers", "#!/bin/sh\n"), ("systemd-tmpfiles", "#!/bin/sh\n")])
        {
            string path = directory.PathOf(name);
            await File.WriteAllTextAsync(path, text);
            await HostProgram.RunAsync("chmod", ["+x", path]);
        }

        string program = string.Join('\n', scripts.Split("; ").Select(script => $"sh '{RepositoryLayout.Root}/deploy/debian/'{script}"));
        await HostProgram.RunAsync(
            bubblewrap,
            [
                "--ro-bind", "/", "/", "--bind", directory.FullPath, directory.FullPath, "--tmpfs", "/run", "--dir", "/run/systemd/system", "--unsetenv", "DPKG_ROOT",
                "--setenv", "PATH", $"{directory.FullPath}:/usr/bin:/bin", "sh", "-euc", program,
            ]);
        Assert.Equal(expected.Split(' '), await File.ReadAllLinesAsync(calls));
    }
}
