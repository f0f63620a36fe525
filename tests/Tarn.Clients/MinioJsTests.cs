using Tarn.Clients.Harness;

namespace Tarn.Clients;

/// <summary>minio-js over HTTP (signed chunks) and HTTPS; the cases are in js/minio_cases.mjs.</summary>
public sealed class MinioJsTests(ClientServers servers)
{
    private static readonly string Script = ClientSession.Script("js", "minio_cases.mjs");
    private static readonly string[] Names =
    [
        "buckets", "files", "streams", "odd_keys", "listing", "copies", "presigned", "post_form",
    ];

    public static TheoryData<string, string> Cases => ScriptCases.With(["http", "https"], Names);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Case(string scheme, string name) =>
        ScriptCases.RunAsync(servers, scheme, NodePackages.Need("minio"), Script, name);

    [Fact]
    public Task All_cases_are_run() =>
        ScriptCases.AssertAllKnownAsync(servers, NodePackages.Need("minio"), Script, Names);
}
