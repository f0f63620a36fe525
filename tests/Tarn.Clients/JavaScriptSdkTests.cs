using Tarn.Clients.Harness;

namespace Tarn.Clients;

/// <summary>The AWS SDK for JavaScript v3, lib-storage and the presigner over HTTP and HTTPS; the cases are in js/sdk_cases.mjs.</summary>
public sealed class JavaScriptSdkTests(ClientServers servers)
{
    private static readonly string Script = ClientSession.Script("js", "sdk_cases.mjs");
    private static readonly string[] Names =
    [
        "buckets", "objects", "default_checksum", "checksum_algorithms", "wrong_checksum", "content_encoding", "streams",
        "large", "aborted_upload", "odd_keys", "metadata", "tags", "ranges_and_conditions", "listing", "presigned", "post_form", "errors",
    ];

    public static TheoryData<string, string> Cases => ScriptCases.With(["http", "https"], Names);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Case(string scheme, string name) =>
        ScriptCases.RunAsync(servers, scheme, NodePackages.Need("@aws-sdk/client-s3"), Script, name);

    [Fact]
    public Task All_cases_are_run() =>
        ScriptCases.AssertAllKnownAsync(servers, NodePackages.Need("@aws-sdk/client-s3"), Script, Names);
}
