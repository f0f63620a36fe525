using System.Runtime.InteropServices;
using Tarn.Clients.Harness;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Packages;

/// <summary>The file tree of the container image, run by bubblewrap as a strict cluster would run it; the image itself is not built by tests.</summary>
public sealed class ContainerTreeTests(BuiltPackages packages)
{
    private const string Data = "/var/lib/tarn";

    [Fact]
    public async Task It_serves_read_only_with_any_user_id_without_tmp_and_without_capabilities()
    {
        Assert.SkipUnless(RuntimeInformation.OSArchitecture == Architecture.X64, "This machine does not run linux-x64.");
        string bubblewrap = Sandbox.Need();
        using var directory = new TemporaryDirectory("container");
        string tree = directory.PathOf("tree");
        await HostProgram.RunAsync(Path.Combine(RepositoryLayout.Root, "deploy", "container", "tree.sh"), [await packages.PublishedAsync("linux-x64"), tree]);
        Assert.All((string[])["bin/sh", "usr/bin/sh", "usr/bin/dpkg", "tmp", "root"], name => Assert.False(Path.Exists(Path.Combine(tree, name)), name));

        string volume = directory.PathOf("volume");
        Directory.CreateDirectory(volume);
        ContainerRecipe recipe = ContainerRecipe.Read();
        Assert.Equal([$"{Data}/data"], recipe.Environment.Where(variable => variable.Name == "TARN_DATA").Select(variable => variable.Value));
        string[] sandbox =
        [
            bubblewrap, "--unshare-all", "--share-net", "--as-pid-1", "--die-with-parent", "--cap-drop", "ALL", "--uid", "12345", "--gid", "54321", "--clearenv",
            "--ro-bind", tree, "/", "--bind", volume, Data, "--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev",
        ];
        var options = new TarnServerOptions { DataDirectory = $"{Data}/data" };
        IEnumerable<(string Name, string Value)> environment =
            [.. recipe.Environment, ("TARN_ROOT_ACCESS_KEY", options.AccessKey), ("TARN_ROOT_SECRET_KEY", options.SecretKey)];
        options = options with
        {
            // The recipe's entry point without its "serve", which the server's start adds with its ports.
            Arguments = ["--drain-delay", "0"],
            Command = [.. sandbox, .. environment.SelectMany(variable => (string[])["--setenv", variable.Name, variable.Value]), recipe.EntryPoint],
        };
        await using TarnServer server = await TarnServer.StartAsync(options);
        using var client = new RawS3Client(server.Endpoint);
        await client.CreateBucketAsync("contained");
        byte[] content = Content.Of(300_000, 9);
        (await client.PutAsync("contained", "key", content)).Expect();
        Assert.Equal(content, (await client.GetAsync("contained", "key")).Expect().Body);
        await PackageFilesTests.ServesConsoleAsync(server);

        string status = await File.ReadAllTextAsync($"/proc/{Inside(server)}/status");
        Assert.Contains("CapEff:\t0000000000000000\nCapBnd:\t0000000000000000\n", status, StringComparison.Ordinal);
        Assert.Contains("NSpid:\t", status, StringComparison.Ordinal);
        Assert.EndsWith("\t1", status.Split('\n').Single(line => line.StartsWith("NSpid:", StringComparison.Ordinal)), StringComparison.Ordinal);
        using (var terminate = System.Diagnostics.Process.GetProcessById(Inside(server)))
        {
            TestKit.Servers.PosixSignal.Terminate(terminate);
        }

        Assert.Equal(0, await server.ExitAsync());
        Assert.True(Directory.Exists(Path.Combine(volume, "data", "blobs")));
    }

    /// <summary>The server in the sandbox: the last descendant of the process that made it.</summary>
    private static int Inside(TarnServer server)
    {
        int at = server.ProcessId!.Value;
        while (File.ReadAllText($"/proc/{at}/task/{at}/children") is { Length: > 0 } children)
        {
            at = int.Parse(children.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        }

        return at;
    }
}
