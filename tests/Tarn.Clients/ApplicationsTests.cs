using System.Globalization;
using System.Text;
using Tarn.Clients.Harness;
using Tarn.TestKit.Programs;
using Tarn.TestKit.Servers;

namespace Tarn.Clients;

/// <summary>
/// Runs the commands of docs/operations/applications.md, over TLS with a private authority and in a region other than
/// us-east-1. Only the page's example names are replaced by the server's.
/// </summary>
public sealed class ApplicationsTests(ClientServers servers, RegionServers regions) : IClassFixture<RegionServers>
{
    /// <summary>The programs that a section needs, if its first words do not name them.</summary>
    private static readonly Dictionary<string, string[]> Programs = new(StringComparer.Ordinal)
    {
        ["git-annex"] = ["git-annex", "git"],
        ["s3fs"] = ["s3fs", "fusermount"],
        ["Public uploads"] = ["aws", "curl"],
        ["Host style"] = ["aws", "curl"],
        ["AWS CLI"] = ["aws"],
        ["boto3"] = [],
    };

    /// <summary>Each section that is run, with each installed version of its program.</summary>
    public static TheoryData<string, int> Sections
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (string section in ApplicationsPage.Blocks.Where(block => block.Runs).Select(block => block.Section).Distinct())
            {
                int versions = ProgramsOf(section).Contains("aws") ? InstalledPrograms.All("aws").Count
                    : section == "boto3" ? InstalledPrograms.PythonsWithBoto3.Count : 1;
                for (int version = 0; version < versions; version++)
                {
                    data.Add(section, version);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Sections))]
    public async Task A_section_does_what_it_says(string section, int version)
    {
        PageBlock[] blocks = [.. ApplicationsPage.Blocks.Where(block => block.Section == section)];
        TarnEndpoint endpoint = blocks.Any(block => block.Rest == "run host-style") ? regions.HostStyle
            : blocks.Any(block => block.Rest == "run signature-v2") ? await regions.SignatureV2Async() : regions.Tls;
        using ClientSession session = ClientSession.At(servers, endpoint, "page");
        await session.Raw.CreateBucketAsync(session.Bucket);
        Prepare(session, section, version);
        try
        {
            foreach (PageBlock block in blocks)
            {
                await UseAsync(session, block);
            }
        }
        finally
        {
            if (section == "s3fs")
            {
                // The directory cannot be removed while it is mounted, and a command that failed left it so.
                await session.TryRunAsync("fusermount", "-uzq", Path.Combine(session.Home, "mnt"));
            }
        }

        Assert.NotEmpty(await session.Raw.ListAsync(session.Bucket));
        if (File.Exists(Path.Combine(session.Home, "back.jpg")))
        {
            Content.AssertSame(Path.Combine(session.Home, "cat.jpg"), Path.Combine(session.Home, "back.jpg"));
        }
    }

    [Fact]
    public void A_section_with_settings_runs_or_says_that_it_is_not_run()
    {
        foreach (string section in ApplicationsPage.Blocks.Where(block => block.Section.Length > 0).Select(block => block.Section).Distinct())
        {
            bool runs = ApplicationsPage.Blocks.Any(block => block.Section == section && block.Runs);
            bool says = ApplicationsPage.Sections.Single(one => one.Key == section).Value.Contains("Not run by our tests", StringComparison.Ordinal);
            Assert.True(runs != says, section);
        }
    }

    private static string[] ProgramsOf(string section) =>
        Programs.TryGetValue(section, out string[]? named) ? named : section.StartsWith("JavaScript", StringComparison.Ordinal) ? ["node"] : [section];

    /// <summary>The files that the page mentions, and on the path the requested version of the program.</summary>
    private static void Prepare(ClientSession session, string section, int version)
    {
        string[] programs = ProgramsOf(section);
        Array.ForEach(programs, program => InstalledPrograms.Need(program));
        if (programs.Contains("s3fs") && !File.Exists("/dev/fuse"))
        {
            InstalledPrograms.Missing("fuse", "There is no /dev/fuse.");
        }

        session.Write("cat.jpg", Content.Of(300_000, 1));
        Content.WriteTree(Path.Combine(session.Home, "pictures"));
        string bin = Path.Combine(session.Home, "bin");
        Directory.CreateDirectory(bin);
        if (programs.Contains("aws"))
        {
            File.CreateSymbolicLink(Path.Combine(bin, "aws"), InstalledPrograms.Need(InstalledPrograms.All("aws")[version]));
        }
        else if (section == "boto3")
        {
            File.CreateSymbolicLink(Path.Combine(bin, "python3"), InstalledPrograms.Need(InstalledPrograms.PythonsWithBoto3[version]));
        }
        else if (programs.Contains("node"))
        {
            _ = NodePackages.Need("minio");
            Directory.CreateSymbolicLink(Path.Combine(session.Home, "node_modules"), ClientSession.Script("js", "node_modules"));
        }

        session.Environment["PATH"] = $"{bin}:/usr/bin:/bin:{Environment.GetEnvironmentVariable("PATH")}";
        session.Environment["AWS_CONFIG_FILE"] = Path.Combine(session.Home, ".aws", "config");
        if (session.Endpoint.S3.Scheme == "http")
        {
            // The names below the domain are not in any DNS: what would be asked for by name is asked from the server.
            session.Environment["http_proxy"] = session.Endpoint.Address;
            session.Environment["NO_PROXY"] = "";
        }
    }

    private static string Domain(ClientSession session) => session.Endpoint.S3.Scheme == "http" ? RegionServers.Domain : session.Endpoint.S3.Authority;

    // git-annex has the port apart from the host, and takes no certificate for an address.
    private static string Replaced(string text, ClientSession session) => text
        .Replace("host=s3.example.com", $"host=localhost port={session.Endpoint.S3.Port.ToString(CultureInfo.InvariantCulture)}", StringComparison.Ordinal)
        .Replace("s3.example.com", Domain(session), StringComparison.Ordinal)
        .Replace("my-bucket", session.Bucket, StringComparison.Ordinal)
        .Replace("AKIDEXAMPLE", session.Endpoint.AccessKey, StringComparison.Ordinal)
        .Replace("SECRETEXAMPLE", session.Endpoint.SecretKey, StringComparison.Ordinal)
        .Replace("us-east-1", session.Endpoint.Region, StringComparison.Ordinal)
        .Replace("/etc/ssl/tarn-ca.pem", session.Endpoint.AuthorityFile ?? "", StringComparison.Ordinal);

    private static async Task UseAsync(ClientSession session, PageBlock block)
    {
        string text = Replaced(block.Text, session);
        if (block.Rest.StartsWith("~/", StringComparison.Ordinal))
        {
            session.Write(block.Rest[2..], Encoding.UTF8.GetBytes(text));
        }
        else if (block.Runs)
        {
            await RunAsync(session, block.Language, text);
        }
    }

    private static async Task RunAsync(ClientSession session, string language, string text)
    {
        // The setting must be the page's own, not the harness's.
        const string Bare = "unset AWS_CA_BUNDLE NODE_EXTRA_CA_CERTS\n";
        string script = language switch
        {
            "sh" => Bare + text,
            "python" => Bare + $"python3 '{session.Write("snippet.py", Encoding.UTF8.GetBytes(text))}'",
            "js" => $"NODE_EXTRA_CA_CERTS='{session.Endpoint.AuthorityFile}' node '{session.Write("snippet.mjs", Encoding.UTF8.GetBytes(text))}'",
            _ => throw new InvalidOperationException($"A block of '{language}' cannot be run."),
        };
        await session.RunAsync("/bin/bash", "-euo", "pipefail", "-c", script);
    }
}
