using Tarn.Clients.Harness;
using Tarn.TestKit.Programs;

namespace Tarn.Clients;

/// <summary>boto3 over HTTP and HTTPS, Debian's and a newer one where there is one; the cases are in python/boto3_cases.py.</summary>
public sealed class Boto3Tests(ClientServers servers)
{
    private static readonly string Script = ClientSession.Script("python", "boto3_cases.py");
    private static readonly string[] Names =
    [
        "buckets", "objects", "ranges_and_conditions", "odd_keys", "metadata", "checksums", "transfers", "multipart",
        "listing", "versions", "errors", "refused_locks", "presigned", "tags", "lifecycle", "post_form", "cors", "logging",
    ];

    public static TheoryData<string> Pythons => [.. InstalledPrograms.PythonsWithBoto3];

    public static TheoryData<string, string, string> Cases => ScriptCases.With(InstalledPrograms.PythonsWithBoto3, ["http", "https"], Names);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Case(string python, string scheme, string name) =>
        ScriptCases.RunAsync(servers, scheme, InstalledPrograms.Need(python), Script, name);

    [Theory]
    [MemberData(nameof(Pythons))]
    public Task All_cases_are_run(string python) =>
        ScriptCases.AssertAllKnownAsync(servers, InstalledPrograms.Need(python), Script, Names);
}
