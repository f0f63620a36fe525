using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Tarn.Clients.Harness;
using Tarn.TestKit.Programs;

namespace Tarn.Clients;

/// <summary>
/// Clients of a server outside us-east-1 that are configured with its region, with none, or with a wrong one. The cases are in
/// python/region_cases.py and js/region_cases.mjs; <see cref="ApplicationsTests"/> runs every other client there.
/// </summary>
public sealed class RegionTests(ClientServers servers, RegionServers regions) : IClassFixture<RegionServers>
{
    private static readonly string[] PythonNames = ["the_servers_region", "no_region", "another_region"];
    private static readonly string[] JavaScriptNames = ["sdk_in_the_servers_region", "sdk_in_another_region", "minio_without_a_region"];

    public static TheoryData<string, string> Python => ScriptCases.With([.. InstalledPrograms.PythonsWithBoto3], PythonNames);

    public static TheoryData<string> JavaScript => [.. JavaScriptNames];

    public static TheoryData<string> Aws => [.. InstalledPrograms.All("aws")];

    [Theory]
    [MemberData(nameof(Python))]
    public Task Boto3(string python, string name) => RunAsync(InstalledPrograms.Need(python), ClientSession.Script("python", "region_cases.py"), name);

    [Theory]
    [MemberData(nameof(JavaScript))]
    public Task JavaScript_clients(string name) => RunAsync(NodePackages.Need("minio"), ClientSession.Script("js", "region_cases.mjs"), name);

    [Theory]
    [MemberData(nameof(Aws))]
    public async Task Aws_finds_the_region(string program)
    {
        string aws = InstalledPrograms.Need(program);
        using ClientSession session = ClientSession.At(servers, regions.Tls, "region");
        await session.Raw.CreateBucketAsync(session.Bucket);
        string file = session.Write("file", Content.Of(10 * Content.MiB, 3));
        foreach (string region in new[] { regions.Tls.Region, "ap-south-1" })
        {
            string[] common = ["--endpoint-url", session.Endpoint.Address, "--region", region, "s3"];
            await session.RunAsync(aws, [.. common, "cp", "--no-progress", file, $"s3://{session.Bucket}/dir/file"]);
            await session.RunAsync(aws, [.. common, "cp", "--no-progress", $"s3://{session.Bucket}/dir/file", "back"]);
            Content.AssertSame(file, Path.Combine(session.Home, "back"));
            Assert.Contains(session.Bucket, (await session.RunAsync(aws, [.. common, "ls"])).StandardOutput, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_sdk_for_net()
    {
        using ClientSession session = ClientSession.At(servers, regions.HostStyle, "region");
        CancellationToken stop = TestContext.Current.CancellationToken;
        using var s3 = new AmazonS3Client(
            new BasicAWSCredentials(session.Endpoint.AccessKey, session.Endpoint.SecretKey),
            new AmazonS3Config { ServiceURL = session.Endpoint.Address, ForcePathStyle = true, AuthenticationRegion = session.Endpoint.Region });
        await s3.PutBucketAsync(session.Bucket, stop);
        await s3.PutObjectAsync(new PutObjectRequest { BucketName = session.Bucket, Key = "k", FilePath = session.Write("cat.jpg", Content.Of(1000, 1)) }, stop);
        using GetObjectResponse answer = await s3.GetObjectAsync(session.Bucket, "k", stop);
        Assert.Equal(1000, answer.ContentLength);
        Assert.Equal(session.Endpoint.Region, (await s3.GetBucketLocationAsync(session.Bucket, stop)).Location.Value);
    }

    private async Task RunAsync(string program, string script, string name)
    {
        using ClientSession session = ClientSession.At(servers, regions.Tls, "region");
        await session.RunAsync(program, script, name);
    }
}
