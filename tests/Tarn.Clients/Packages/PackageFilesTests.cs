using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Tarn.Clients.Harness;
using Tarn.TestKit.Http;
using Tarn.TestKit.Programs;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Packages;

/// <summary>What eng/package.sh builds: for another processor the files are inspected, for this one the server is run from the archive.</summary>
public sealed class PackageFilesTests(BuiltPackages packages)
{
    private static readonly Dictionary<string, ushort> Machines = new() { ["linux-x64"] = 62, ["linux-arm64"] = 183 };

    [Theory]
    [InlineData("linux-x64")]
    [InlineData("linux-arm64")]
    public async Task Every_native_file_is_for_the_processor_and_RocksDB_is_among_them(string runtime)
    {
        string published = await packages.PublishedAsync(runtime);
        Dictionary<string, ushort> machines = Directory.EnumerateFiles(published)
            .Select(file => (Name: Path.GetFileName(file), Machine: MachineOf(file)))
            .Where(file => file.Machine is not null)
            .ToDictionary(file => file.Name, file => file.Machine!.Value);
        Assert.Superset(new HashSet<string>(["tarn", "librocksdb.so", "libcoreclr.so", "libSystem.Native.so"]), machines.Keys.ToHashSet());
        Assert.All(machines, file => Assert.Equal((file.Key, Machines[runtime]), (file.Key, file.Value)));
        await HostProgram.RunAsync("test", ["-x", Path.Combine(published, "tarn")]);
        Assert.True(File.Exists(Path.Combine(published, "LICENSE")));
        Assert.Empty(Directory.GetDirectories(published));
    }

    [Fact]
    public async Task The_archive_unpacks_to_a_server_that_runs_and_its_checksum_fits()
    {
        Assert.SkipUnless(RuntimeInformation.OSArchitecture == Architecture.X64, "This machine does not run linux-x64.");
        string archive = await packages.FileAsync("*.tar.gz");
        await HostProgram.RunAsync("sh", ["-c", $"cd '{BuiltPackages.Folder}' && sha256sum --strict --check SHA256SUMS"]);
        using var directory = new TemporaryDirectory("unpacked");
        await HostProgram.RunAsync("tar", ["-xzf", archive, "-C", directory.FullPath]);
        string unpacked = Path.Combine(directory.FullPath, Path.GetFileName(archive)[..^".tar.gz".Length]);
        string version = (await HostProgram.RunAsync(Path.Combine(unpacked, "tarn"), ["--version"])).StandardOutput.Trim();
        Assert.Equal($"tarn-{version.Split('+')[0]}-linux-x64", Path.GetFileName(unpacked));
        Assert.All((string[])["systemd/tarn.service", "systemd/tarn-accelerate.service", "tarn.json", "accelerator.json", "moving/copy-bucket.mjs"], name => Assert.True(File.Exists(Path.Combine(unpacked, "deploy", name)), name));
        await ServedAsync(new TarnServerOptions { Command = [Path.Combine(unpacked, "tarn")] });
    }

    [Theory]
    [InlineData("linux-x64")]
    [InlineData("linux-arm64")]
    public async Task No_file_names_the_directory_that_it_was_built_in(string runtime)
    {
        string published = await packages.PublishedAsync(runtime);
        byte[][] names = [.. new[] { Encoding.UTF8, Encoding.Unicode }.Select(encoding => encoding.GetBytes(RepositoryLayout.Root))];
        Assert.DoesNotContain(Directory.EnumerateFiles(published), file =>
        {
            byte[] bytes = File.ReadAllBytes(file);
            return names.Any(name => bytes.AsSpan().IndexOf(name) >= 0);
        });
    }

    [Theory]
    [InlineData("mine.txt")]
    [InlineData("tarn-notes.txt", "SHA256SUMS")]
    [InlineData("tarn.deps.json", "data/key")]
    public async Task A_directory_with_other_files_is_refused_and_left_as_it_is(params string[] files)
    {
        using var directory = new TemporaryDirectory("mine");
        foreach (string file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(directory.PathOf(file))!);
            await File.WriteAllTextAsync(directory.PathOf(file), "mine");
        }

        foreach (string[] arguments in (string[][])[["eng/publish.sh", "linux-x64", directory.FullPath], ["eng/package.sh", "-o", directory.FullPath, "linux-x64"]])
        {
            ProgramResult refused = await HostProgram.TryRunAsync("bash", arguments);
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains("nothing is removed; name another directory", refused.StandardError, StringComparison.Ordinal);
        }

        Assert.Equal(files.Order(), Directory.GetFiles(directory.FullPath, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(directory.FullPath, file)).Order());
    }

    [Theory]
    [InlineData("package-tar.sh", "*.tar.gz")]
    [InlineData("package-deb.sh", "*_arm64.deb")]
    public async Task The_same_directory_is_packed_into_the_same_bytes(string script, string pattern)
    {
        InstalledPrograms.Need("dpkg-deb");
        using var directory = new TemporaryDirectory("packed");
        string[] hashes = new string[2];
        for (int at = 0; at < hashes.Length; at++)
        {
            string published = directory.PathOf($"{at}/published");
            Directory.CreateDirectory(published);
            foreach (string name in at == 0 ? ["a", "b", "tarn"] : new[] { "tarn", "b", "a" })
            {
                await File.WriteAllTextAsync(Path.Combine(published, name), name);
                File.SetLastWriteTimeUtc(Path.Combine(published, name), new DateTime(2024 + at, 1, 1, 0, 0, 0, DateTimeKind.Utc));
            }

            await File.WriteAllTextAsync(Path.Combine(published, "tarn.deps.json"), """{ "libraries": { "tarn/1.2.3-alpha.0.4": {} } }""");
            string umask = at == 0 ? "022" : "077";
            await HostProgram.RunAsync(
                "sh", ["-c", $"umask {umask} && eng/{script} '{published}' linux-arm64 '{directory.PathOf($"{at}")}'"], new Dictionary<string, string> { ["SOURCE_DATE_EPOCH"] = "1767225600", ["DEBEMAIL"] = "packages@example.com" });
            hashes[at] = Content.HashOf(Directory.GetFiles(directory.PathOf($"{at}"), pattern).Single());
        }

        Assert.Equal(hashes[0], hashes[1]);
    }

    [Theory]
    [InlineData("Packagers & Sons/2", "packages@example.com", "", "Packagers & Sons/2 <packages@example.com>")]
    [InlineData("", "packages@example.com", "git@example.com", "The Tarn authors <packages@example.com>")]
    [InlineData("", "Packagers & Sons <packages@example.com>", "", "Packagers & Sons <packages@example.com>")]
    [InlineData("Somebody", "Packagers & Sons <packages@example.com>", "", "Somebody <packages@example.com>")]
    [InlineData("", "", "git@example.com", "A User of Git <git@example.com>")]
    [InlineData("Nobody", "", "", null)]
    [InlineData("Nobody", "no address", "git@example.com", null)]
    public async Task Who_builds_a_debian_package_is_its_maintainer(string name, string address, string git, string? expected)
    {
        InstalledPrograms.Need("dpkg-deb");
        using var directory = new TemporaryDirectory("maintained");
        string published = directory.PathOf("published");
        Directory.CreateDirectory(published);
        await File.WriteAllTextAsync(Path.Combine(published, "tarn.deps.json"), """{ "libraries": { "tarn/1.2.3": {} } }""");

        // Git knows nobody but this user, whatever the machine's configuration says: the author of the last commit is not asked.
        string user = directory.PathOf("gitconfig");
        await File.WriteAllTextAsync(user, git.Length == 0 ? "" : $"[user]\n  name = A User of Git\n  email = {git}\n");
        var variables = new Dictionary<string, string>
        {
            ["SOURCE_DATE_EPOCH"] = "1767225600", ["DEBFULLNAME"] = name, ["DEBEMAIL"] = address, ["GIT_CONFIG_GLOBAL"] = user, ["GIT_CONFIG_NOSYSTEM"] = "1", ["GIT_DIR"] = directory.PathOf("none"),
        };
        ProgramResult result = await HostProgram.TryRunAsync("bash", ["eng/package-deb.sh", published, "linux-arm64", directory.FullPath], variables);
        Assert.Equal(expected is null ? 2 : 0, result.ExitCode);
        if (expected is null)
        {
            Assert.Contains("set DEBEMAIL", result.StandardError, StringComparison.Ordinal);
            Assert.Equal([user], Directory.GetFiles(directory.FullPath));
        }
        else
        {
            Assert.Equal(expected, (await HostProgram.RunAsync("dpkg-deb", ["--field", directory.PathOf("tarn_1.2.3_arm64.deb"), "Maintainer"])).StandardOutput.Trim());
        }
    }

    [Fact]
    public async Task A_version_before_a_release_is_lower_for_dpkg_than_the_release()
    {
        string deb = await packages.FileAsync("*.deb");
        string version = (await HostProgram.RunAsync("dpkg-deb", ["--field", deb, "Version"])).StandardOutput.Trim();
        string release = version.Split('~')[0];
        Assert.Equal(version == release ? 1 : 0, (await HostProgram.TryRunAsync("dpkg", ["--compare-versions", version, "lt", release])).ExitCode);
    }

    /// <summary>Starts a server, writes and reads an object, stops it.</summary>
    internal static async Task ServedAsync(TarnServerOptions options)
    {
        await using TarnServer server = await TarnServer.StartAsync(options);
        using var client = new RawS3Client(server.Endpoint);
        await client.CreateBucketAsync("packed");
        byte[] content = Content.Of(300_000, 8);
        (await client.PutAsync("packed", "key", content)).Expect();
        Assert.Equal(content, (await client.GetAsync("packed", "key")).Expect().Body);
        await ServesConsoleAsync(server);
        await server.StopAsync();
    }

    /// <summary>The console's page, and the script that it begins with, compressed.</summary>
    internal static async Task ServesConsoleAsync(TarnServer server)
    {
        using var http = new HttpClient();
        string page = await http.GetStringAsync(server.Control, TestContext.Current.CancellationToken);
        string script = Regex.Match(page, "<script type=\"module\"[^>]* src=\"(/assets/[^\"]+\\.js)\"").Groups[1].Value;
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Control, script)) { Headers = { { "Accept-Encoding", "br" } } };
        using HttpResponseMessage answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(("text/javascript", "br"), (answer.EnsureSuccessStatusCode().Content.Headers.ContentType?.MediaType, answer.Content.Headers.ContentEncoding.Single()));
    }

    /// <summary>The processor that an ELF file is for (<c>e_machine</c>); null for other files.</summary>
    private static ushort? MachineOf(string file)
    {
        using FileStream stream = File.OpenRead(file);
        Span<byte> header = stackalloc byte[20];
        return stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length && header.StartsWith("\u007fELF"u8)
            ? BinaryPrimitives.ReadUInt16LittleEndian(header[18..])
            : null;
    }
}
