using Tarn.Clients.Harness;
using Tarn.TestKit.Programs;
using Tarn.TestKit.Servers;

namespace Tarn.Clients;

/// <summary>
/// How programs sign by default, Signature Version 2 included, and keys with every character everywhere a key occurs: with each
/// Python and each aws installed, since old and new ones differ.
/// </summary>
public sealed class SigningTests(ClientServers servers)
{
    private const string Every = "k !\"#$%&'()*+,-./0:;<=>?@A[\\]^_`a{|}~\u00e9\u2603\U0001f600";

    /// <summary>s3cmd takes the others for patterns.</summary>
    private static readonly string NoWildcards = Every.Replace("*", "", StringComparison.Ordinal).Replace("?", "", StringComparison.Ordinal);

    private static readonly string PythonScript = ClientSession.Script("python", "signing_cases.py");
    private static readonly string JavaScript = ClientSession.Script("js", "signing_cases.mjs");

    public static TheoryData<string, string> PythonCases =>
        ScriptCases.With([.. InstalledPrograms.PythonsWithBoto3], ["default_urls", "default_posts", "version_4_urls", "every_character"]);

    public static TheoryData<string> Aws => [.. InstalledPrograms.All("aws")];

    [Theory]
    [MemberData(nameof(PythonCases))]
    public Task Boto3(string python, string name) =>
        ScriptCases.RunAsync(servers, "http", InstalledPrograms.Need(python), PythonScript, name);

    [Theory]
    [InlineData("headers_in_urls")]
    [InlineData("every_character")]
    public Task JavaScript_SDK(string name) => ScriptCases.RunAsync(servers, "http", NodePackages.Need("@aws-sdk/client-s3"), JavaScript, name);

    [Theory]
    [MemberData(nameof(Aws))]
    public async Task Aws_presign_and_keys(string aws)
    {
        using var s3 = await ClientSession.OpenAsync(servers, "presign");
        aws = InstalledPrograms.Need(aws);
        string[] common = ["--endpoint-url", s3.Endpoint.Address, "s3"];
        var file = s3.Write("file", Content.Of(500, 1));
        await s3.RunAsync(aws, [.. common, "mb", $"s3://{s3.Bucket}"]);
        await s3.RunAsync(aws, [.. common, "cp", "--no-progress", file, $"s3://{s3.Bucket}/{Every}"]);
        await s3.RunAsync(aws, [.. common, "cp", "--no-progress", $"s3://{s3.Bucket}/{Every}", $"s3://{s3.Bucket}/copy {Every}"]);
        var url = (await s3.RunAsync(aws, [.. common, "presign", $"s3://{s3.Bucket}/copy {Every}", "--expires-in", "600"])).StandardOutput.Trim();
        await s3.RunAsync(InstalledPrograms.Need("curl"), "--fail", "--silent", "--show-error", "--globoff", "-o", "back", url);
        Content.AssertSame(file, Path.Combine(s3.Home, "back"));
        Assert.Equal(["copy " + Every, Every], (await s3.Raw.ListAsync(s3.Bucket)).Select(entry => entry.Key));
    }

    [Fact]
    public async Task S3cmd_signurl_and_keys()
    {
        using var s3 = await ClientSession.OpenAsync(servers, "signurl");
        var file = s3.Write("file", Content.Of(500, 1));
        await S3cmdAsync(s3, false, "mb", $"s3://{s3.Bucket}");
        await S3cmdAsync(s3, false, "put", file, $"s3://{s3.Bucket}/{NoWildcards}");
        await S3cmdAsync(s3, false, "cp", $"s3://{s3.Bucket}/{NoWildcards}", $"s3://{s3.Bucket}/copy {NoWildcards}");
        var url = (await S3cmdAsync(s3, false, "signurl", $"s3://{s3.Bucket}/copy {NoWildcards}", "+600")).StandardOutput.Trim();
        Assert.Contains("AWSAccessKeyId=", url, StringComparison.Ordinal);
        await s3.RunAsync(InstalledPrograms.Need("curl"), "--fail", "--silent", "--show-error", "--globoff", "-o", "back", url);
        Content.AssertSame(file, Path.Combine(s3.Home, "back"));
        Assert.Equal(["copy " + NoWildcards, NoWildcards], (await s3.Raw.ListAsync(s3.Bucket)).Select(entry => entry.Key));
    }

    [Fact]
    public async Task S3cmd_signs_headers_with_version_2_where_it_may()
    {
        _ = InstalledPrograms.Need("s3cmd");
        await using var server = await TarnServer.StartAsync(new TarnServerOptions { Arguments = ["--signature-v2", "all"] });
        using var s3 = ClientSession.At(servers, server.Endpoint, "version2");
        var file = s3.Write("file", Content.Of(20 * Content.MiB, 1));
        await S3cmdAsync(s3, true, "mb", $"s3://{s3.Bucket}");
        await S3cmdAsync(s3, true, "put", file, $"s3://{s3.Bucket}/dir/{NoWildcards}");
        Assert.Contains($"s3://{s3.Bucket}/dir/k", (await S3cmdAsync(s3, true, "ls", $"s3://{s3.Bucket}/dir/")).StandardOutput, StringComparison.Ordinal);
        await S3cmdAsync(s3, true, "get", "--force", $"s3://{s3.Bucket}/dir/{NoWildcards}", "back");
        Content.AssertSame(file, Path.Combine(s3.Home, "back"));
        await S3cmdAsync(s3, true, "del", "--recursive", "--force", $"s3://{s3.Bucket}/");
        Assert.Empty(await s3.Raw.ListAsync(s3.Bucket));
    }

    private static async Task<ProgramResult> S3cmdAsync(ClientSession s3, bool version2, params string[] arguments)
    {
        await S3cmdProgram.ConfigureAsync(s3, version2);
        return await S3cmdProgram.RunAsync(s3, arguments);
    }
}
