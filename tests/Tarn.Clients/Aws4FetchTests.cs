using Tarn.Clients.Harness;

namespace Tarn.Clients;

/// <summary>aws4fetch: the signer for fetch() that workers use; the cases are in js/aws4fetch_cases.mjs.</summary>
public sealed class Aws4FetchTests(ClientServers servers)
{
    private static readonly string Script = ClientSession.Script("js", "aws4fetch_cases.mjs");
    private static readonly string[] Names =
    [
        "objects", "listing", "presigned",
    ];

    public static TheoryData<string, string> Cases => ScriptCases.With(["http", "https"], Names);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Case(string scheme, string name) =>
        ScriptCases.RunAsync(servers, scheme, NodePackages.Need("aws4fetch"), Script, name);

    [Fact]
    public Task All_cases_are_run() =>
        ScriptCases.AssertAllKnownAsync(servers, NodePackages.Need("aws4fetch"), Script, Names);
}
