using Tarn.Clients.Harness;

namespace Tarn.Clients;

/// <summary>boto3 (Debian's python3-boto3) over HTTP and HTTPS; the cases are in python/boto3_cases.py.</summary>
public sealed class Boto3Tests(ClientServers servers)
{
    // Debian's module belongs to Debian's interpreter.
    private const string Python = "/usr/bin/python3";
    private static readonly string Script = ClientSession.Script("python", "boto3_cases.py");
    private static readonly string[] Names =
    [
        "buckets", "objects", "ranges_and_conditions", "odd_keys", "metadata", "checksums", "transfers", "multipart",
        "listing", "versions", "errors", "refused_locks", "presigned", "tags", "lifecycle", "post_form", "cors",
    ];

    public static TheoryData<string, string> Cases => ScriptCases.With(["http", "https"], Names);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Case(string scheme, string name)
    {
        await NeedModuleAsync();
        await ScriptCases.RunAsync(servers, scheme, Python, Script, name);
    }

    [Fact]
    public async Task All_cases_are_run()
    {
        await NeedModuleAsync();
        await ScriptCases.AssertAllKnownAsync(servers, Python, Script, Names);
    }

    private async Task NeedModuleAsync()
    {
        Assert.SkipUnless(File.Exists(Python), "/usr/bin/python3 is not installed");
        using var session = await ClientSession.OpenAsync(servers, "probe");
        var probe = await session.TryRunAsync(Python, "-c", "import importlib.util as u, sys; sys.exit(u.find_spec('boto3') is None)");
        Assert.SkipUnless(probe.ExitCode == 0, "python3-boto3 is not installed");
    }
}
