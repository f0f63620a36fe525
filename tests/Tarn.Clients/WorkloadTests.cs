using System.Text;
using System.Text.Json;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Tarn.Clients.Harness;
using Tarn.TestKit.Federation;
using Tarn.TestKit.Http;
using Tarn.TestKit.Programs;
using Tarn.TestKit.Servers;

namespace Tarn.Clients;

/// <summary>Workloads whose SDKs find their credentials by themselves, with nothing but what docs/operations/workloads.md says in their environment.</summary>
public sealed class WorkloadTests(ClientServers servers) : IAsyncLifetime
{
    private const string Audience = "tarn";
    private const string RoleArn = "arn:aws:iam::acme:role/ingest";

    private readonly OidcStandIn _issuer = OidcStandIn.Start();
    private readonly TemporaryDirectory _directory = new("workload");
    private TarnServer _server = null!;
    private string _bucket = null!;

    public static TheoryData<string> Pythons => [.. InstalledPrograms.PythonsWithBoto3];

    private string TokenFile => _directory.PathOf("token");

    public async ValueTask InitializeAsync()
    {
        _server = await TarnServer.StartAsync(new TarnServerOptions { Arguments = ["--oidc-plain-loopback"] });
        var tarn = new TarnCommands(_server);
        JsonElement acme = await tarn.ReadAsync("org", "create", "acme");
        using var root = new RawS3Client(_server.Endpoint with { AccessKey = acme.GetProperty("accessKey").GetString()!, SecretKey = acme.GetProperty("secretKey").GetString()! });
        _bucket = "raw";
        await root.CreateBucketAsync(_bucket);
        (await root.SendAsync(HttpMethod.Put, _bucket, query: new Dictionary<string, string> { ["policy"] = "" }, body: Encoding.UTF8.GetBytes(
            $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::acme:role/{{_issuer.Url}}:alice"},"Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::raw/*"}]}"""))).Expect();
        File.WriteAllText(_directory.PathOf("policy"), """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::raw/*"}]}""");
        await tarn.ReadAsync("issuer", "create", "cluster", "--org", "acme", "--url", _issuer.Url, "--audience", Audience, "--subject", "ali*");
        JsonElement role = await tarn.ReadAsync("role", "create", "ingest", "--org", "acme", "--issuer", "cluster", "--subject", "ali*", "--policy", _directory.PathOf("policy"));
        Assert.Equal(RoleArn, role.GetProperty("arn").GetString());
        Assert.Equal("cluster", (await tarn.ReadAsync("issuer", "list", "--org", "acme"))[0].GetProperty("name").GetString());
        Assert.Equal("ingest", (await tarn.ReadAsync("role", "list", "--org", "acme"))[0].GetProperty("name").GetString());
        File.WriteAllText(TokenFile, _issuer.Token("alice", Audience));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _issuer.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task Boto3_assumes_a_role(string python) => Assert.StartsWith("arn:aws:sts::acme:assumed-role/ingest/", await PythonAsync(python, WebIdentity));

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task Boto3_gets_credentials_as_a_container_does(string python) => Assert.Equal($"arn:aws:iam::acme:role/{_issuer.Url}:alice\n", await PythonAsync(python, Container));

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task Boto3_gets_credentials_for_a_token_of_the_api(string python)
    {
        JsonElement token = await new TarnCommands(_server).ReadAsync("token", "create", "t", "--org", "acme");
        Assert.Equal("arn:aws:iam::acme:root\n", await PythonAsync(python, environment =>
        {
            environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = $"{_server.Control.GetLeftPart(UriPartial.Authority)}/v1/cwobject/temporary-credentials/api-token";
            environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "Bearer " + token.GetProperty("token").GetString();
        }));
    }

    [Fact]
    public async Task The_SDK_for_JavaScript_assumes_a_role() => Assert.StartsWith("ASIA", await NodeAsync(WebIdentity), StringComparison.Ordinal);

    [Fact]
    public async Task The_SDK_for_JavaScript_gets_credentials_as_a_container_does() => Assert.StartsWith("ASIA", await NodeAsync(Container), StringComparison.Ordinal);

    [Fact]
    public async Task The_SDK_for_NET_assumes_a_role()
    {
        // The provider takes its endpoint from nowhere else; nothing else in this process uses the service.
        Environment.SetEnvironmentVariable("AWS_ENDPOINT_URL_STS", _server.Endpoint.Address);
        Environment.SetEnvironmentVariable("AWS_REGION", _server.Endpoint.Region);
        try
        {
            using var s3 = new AmazonS3Client(
                new AssumeRoleWithWebIdentityCredentials(TokenFile, RoleArn, "net"),
                new AmazonS3Config { ServiceURL = _server.Endpoint.Address, AuthenticationRegion = _server.Endpoint.Region, ForcePathStyle = true, MaxErrorRetry = 0 });
            await s3.PutObjectAsync(new PutObjectRequest { BucketName = _bucket, Key = "net", ContentBody = "of net" }, TestContext.Current.CancellationToken);
            using GetObjectResponse got = await s3.GetObjectAsync(_bucket, "net", TestContext.Current.CancellationToken);
            using var reader = new StreamReader(got.ResponseStream);
            Assert.Equal("of net", await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
            AmazonS3Exception refused = await Assert.ThrowsAsync<AmazonS3Exception>(() => s3.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _bucket }, TestContext.Current.CancellationToken));
            Assert.Equal("AccessDenied", refused.ErrorCode);
        }
        finally
        {
            Environment.SetEnvironmentVariable("AWS_ENDPOINT_URL_STS", null);
            Environment.SetEnvironmentVariable("AWS_REGION", null);
        }
    }

    private void WebIdentity(Dictionary<string, string> environment)
    {
        environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = TokenFile;
        environment["AWS_ROLE_ARN"] = RoleArn;
    }

    private void Container(Dictionary<string, string> environment)
    {
        environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = $"{_server.Control.GetLeftPart(UriPartial.Authority)}/v1/cwobject/temporary-credentials/oidc/acme";
        environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = TokenFile;
    }

    private async Task<string> PythonAsync(string python, Action<Dictionary<string, string>> set)
    {
        using ClientSession session = Session(set);
        return (await session.RunAsync(InstalledPrograms.Need(python), ClientSession.Script("python", "workload.py"))).StandardOutput;
    }

    private async Task<string> NodeAsync(Action<Dictionary<string, string>> set)
    {
        using ClientSession session = Session(set);
        return (await session.RunAsync(NodePackages.Need("@aws-sdk/client-s3"), ClientSession.Script("js", "workload.mjs"))).StandardOutput;
    }

    private ClientSession Session(Action<Dictionary<string, string>> set)
    {
        ClientSession session = ClientSession.At(servers, _server.Endpoint, "workload");

        // Keys in the environment would come first.
        session.Environment["AWS_ACCESS_KEY_ID"] = session.Environment["AWS_SECRET_ACCESS_KEY"] = "";
        session.Environment["AWS_ENDPOINT_URL_STS"] = session.Environment["AWS_ENDPOINT_URL_S3"] = _server.Endpoint.Address;
        session.Environment["S3_BUCKET"] = _bucket;
        set(session.Environment);
        return session;
    }
}
