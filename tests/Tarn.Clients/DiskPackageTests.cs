using System.Text.RegularExpressions;
using Tarn.Clients.Harness;

namespace Tarn.Clients;

/// <summary>Archil's npm package <c>disk</c>, unmodified: its library (the cases are in js/disk_cases.mjs) and its command line.</summary>
public sealed partial class DiskPackageTests(ClientServers servers, DiskServers disks) : IClassFixture<DiskServers>
{
    private static readonly string Script = ClientSession.Script("js", "disk_cases.mjs");
    private static readonly string[] Names = ["disks", "users_and_addresses", "objects", "share", "tokens", "not_implemented"];

    public static TheoryData<string> Cases => [.. Names];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Case(string name)
    {
        string node = NodePackages.Need("disk");
        using ClientSession session = Open(name.Replace('_', '-'));
        await session.RunAsync(node, Script, name);
    }

    [Fact]
    public async Task All_cases_are_run()
    {
        string node = NodePackages.Need("disk");
        using ClientSession session = Open("cases");
        Assert.Equal((await session.RunAsync(node, Script, "--list")).Lines, Names);
    }

    [Fact]
    public async Task The_command_line_makes_lists_shows_and_deletes()
    {
        string node = NodePackages.Need("disk");
        using ClientSession session = Open("cli");
        string name = session.Bucket;
        Task<ProgramResult> Disk(params string[] arguments) => session.TryRunAsync(
            node, [ClientSession.Script("js", "node_modules", "disk", "dist", "cli.js"), "--base-url", disks.Server.Control.GetLeftPart(UriPartial.Authority), "--region", "tarn", .. arguments]);

        ProgramResult made = await Disk("create", name);
        Assert.True(made.ExitCode == 0, made.StandardError);
        string id = Id().Match(made.StandardOutput).Value;
        Assert.Contains($"Created disk root/{name}", made.StandardOutput, StringComparison.Ordinal);
        Assert.Contains(id, (await Disk("list")).StandardOutput, StringComparison.Ordinal);
        Assert.Contains(id, (await Disk("list", "-o", "json")).StandardOutput, StringComparison.Ordinal);
        await disks.TarnAsync("disk", "user", "add", name, "--nickname", "ci");
        foreach (string which in new[] { id, name })
        {
            ProgramResult shown = await Disk("get", which);
            Assert.Contains($"root/{name}  ({id})", shown.StandardOutput, StringComparison.Ordinal);
            Assert.Contains("Authorized users", shown.StandardOutput, StringComparison.Ordinal);
        }

        ProgramResult exec = await Disk("exec", name, "ls");
        Assert.Equal((1, "Error (501): exec is not implemented: this server runs no commands on disks\n"), (exec.ExitCode, exec.StandardError));
        ProgramResult grep = await Disk("grep", "x", name);
        Assert.StartsWith("Error (501): grep is not implemented", grep.StandardError, StringComparison.Ordinal);
        ProgramResult key = await Disk("api-keys", "create", name, "--description", "of a test");
        Assert.Contains("key-", key.StandardOutput, StringComparison.Ordinal);
        string keyLine = (await Disk("api-keys", "list")).Lines.Single(line => line.Contains(name, StringComparison.Ordinal));
        Assert.Equal(0, (await Disk("api-keys", "delete", keyLine.Split('\t')[0])).ExitCode);
        Assert.DoesNotContain(name, (await Disk("api-keys", "list")).StandardOutput, StringComparison.Ordinal);
        Assert.Contains($"Deleted root/{name} ({id})", (await Disk("delete", name)).StandardOutput, StringComparison.Ordinal);
        ProgramResult gone = await Disk("get", name);
        Assert.Equal((1, $"Error (404): No disk found with name '{name}'\n"), (gone.ExitCode, gone.StandardError));
    }

    private ClientSession Open(string name)
    {
        ClientSession session = ClientSession.At(servers, disks.Server.Endpoint, name);
        session.Environment["TARN_ENDPOINT"] = disks.Server.Control.GetLeftPart(UriPartial.Authority);
        session.Environment["TARN_TEST_DISK_ROOT"] = disks.Root;
        session.Environment["ARCHIL_API_KEY"] = disks.ApiKey;
        return session;
    }

    [GeneratedRegex("dsk-[0-9a-f]{16}")]
    private static partial Regex Id();
}
