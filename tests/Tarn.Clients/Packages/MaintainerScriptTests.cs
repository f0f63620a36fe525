using Tarn.Clients.Harness;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Packages;

/// <summary>What the Debian package's scripts ask systemd to do, in the order in which dpkg runs them, with a systemctl that only writes it down.</summary>
public sealed class MaintainerScriptTests
{
    [Theory]
    [InlineData("active inactive", 0, "prerm upgrade 2; postinst configure 1", "stop tarn; daemon-reload; start tarn")]
    [InlineData("activating inactive", 0, "prerm upgrade 2; postinst configure 1", "stop tarn; daemon-reload; start tarn")]
    [InlineData("inactive active", 0, "prerm upgrade 2; postinst configure 1", "stop tarn-accelerate; daemon-reload; start tarn-accelerate")]
    [InlineData("active active", 0, "prerm upgrade 2; postinst configure 1", "stop tarn; stop tarn-accelerate; daemon-reload; start tarn; start tarn-accelerate")]
    [InlineData("inactive inactive", 0, "prerm upgrade 2; postinst configure 1", "daemon-reload")]
    [InlineData("failed failed", 0, "prerm upgrade 2; postinst configure 1", "daemon-reload")]
    [InlineData("active inactive", 0, "prerm upgrade 2; postinst abort-upgrade 2", "stop tarn; daemon-reload; start tarn")]
    [InlineData("active inactive", 0, "prerm upgrade 2; postinst configure 1; postinst configure 1", "stop tarn; daemon-reload; start tarn; daemon-reload")]
    [InlineData("inactive inactive", 0, "postinst configure", "daemon-reload")]
    [InlineData("active active", 0, "prerm remove; postrm remove", "disable --now tarn tarn-accelerate; daemon-reload")]
    [InlineData("active active", 1, "prerm upgrade 2; postinst configure 1; postrm remove", "stop tarn; stop tarn-accelerate; daemon-reload; start tarn; start tarn-accelerate; daemon-reload")]
    public Task An_upgrade_stops_what_runs_and_starts_only_that_again(string states, int exitCode, string scripts, string expected) => RunAsync(states, exitCode, scripts, expected);

    [Fact]
    public Task A_server_that_the_scripts_of_before_stopped_is_started_again() => RunAsync("inactive inactive", 0, ": >/run/tarn.upgrade; postinst configure 1", "daemon-reload; start tarn");

    private static async Task RunAsync(string states, int exitCode, string scripts, string expected)
    {
        string bubblewrap = Sandbox.Need();
        using var directory = new TemporaryDirectory("scripts");
        string calls = directory.PathOf("calls");
        await File.WriteAllTextAsync(calls, "");
        string[] state = states.Split(' ');
        string stub =
            $"""
            #!/bin/sh
            case "$*" in
              "is-active tarn.service") echo {state[0]}; [ {state[0]} = active ] ;;
              "is-active tarn-accelerate.service") echo {state[1]}; [ {state[1]} = active ] ;;
              *) echo "$*" | sed 's/\.service//g' >>'{calls}'; case $1 in start | daemon-reload) exit {exitCode} ;; esac ;;
            esac

            """;
        foreach ((string name, string text) in (ValueTuple<string, string>[])[("systemctl", stub), ("systemd-sysusers", "#!/bin/sh\n"), ("systemd-tmpfiles", "#!/bin/sh\n")])
        {
            string path = directory.PathOf(name);
            await File.WriteAllTextAsync(path, text);
            await HostProgram.RunAsync("chmod", ["+x", path]);
        }

        string program = string.Join('\n', scripts.Split("; ").Select(script => script.StartsWith(':') ? script : $"sh '{RepositoryLayout.Root}/deploy/debian/'{script}"));
        await HostProgram.RunAsync(
            bubblewrap,
            [
                "--ro-bind", "/", "/", "--bind", directory.FullPath, directory.FullPath, "--tmpfs", "/run", "--dir", "/run/systemd/system", "--unsetenv", "DPKG_ROOT",
                "--setenv", "PATH", $"{directory.FullPath}:/usr/bin:/bin", "sh", "-euc", program,
            ]);
        Assert.Equal(expected.Split("; "), await File.ReadAllLinesAsync(calls));
    }
}
