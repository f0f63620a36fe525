using Amazon.Runtime;
using Amazon.S3;
using Tarn.Conformance.Support;

[assembly: AssemblyFixture(typeof(TestEndpoint))]

namespace Tarn.Conformance.Support;

/// <summary>
/// The endpoint under test: the one that TARN_TEST_ENDPOINT, TARN_TEST_ACCESS_KEY and TARN_TEST_SECRET_KEY name
/// (TARN_TEST_REGION if it is not us-east-1, TARN_TEST_DOMAIN if it serves virtual-host style), else a Tarn started here.
/// </summary>
public sealed class TestEndpoint : IAsyncLifetime
{
    private TarnProcess? own;

    public Uri Address { get; private set; } = new("http://127.0.0.1");

    public string AccessKey { get; private set; } = TarnProcess.AccessKey;

    public string SecretKey { get; private set; } = TarnProcess.SecretKey;

    public string Region { get; private set; } = "us-east-1";

    /// <summary>The domain of virtual-host addressing, null where the endpoint has none.</summary>
    public string? Domain { get; private set; } = "s3.test";

    /// <summary>Whether the server belongs to somebody else, so that tests must clean up after themselves.</summary>
    public bool IsExternal => own is null;

    public IAmazonS3 Client { get; private set; } = null!;

    public RawClient Raw { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (Variable("TARN_TEST_ENDPOINT") is { } address)
        {
            Address = new Uri(address);
            AccessKey = Variable("TARN_TEST_ACCESS_KEY") ?? throw new InvalidOperationException("TARN_TEST_ACCESS_KEY is not set.");
            SecretKey = Variable("TARN_TEST_SECRET_KEY") ?? throw new InvalidOperationException("TARN_TEST_SECRET_KEY is not set.");
            Region = Variable("TARN_TEST_REGION") ?? Region;
            Domain = Variable("TARN_TEST_DOMAIN");
        }
        else
        {
            own = await TarnProcess.StartAsync("http", "--domain", Domain!);
            Address = own.S3;
        }

        Client = NewClient(_ => { });
        Raw = new RawClient(Address, AccessKey, SecretKey, Region);
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (own is not null)
        {
            await own.DisposeAsync();
        }
    }

    public AmazonS3Client NewClient(Action<AmazonS3Config> configure, string? accessKey = null, string? secretKey = null) =>
        NewClient(Address, Region, accessKey ?? AccessKey, secretKey ?? SecretKey, configure);

    /// <summary>A path-style client that never retries, so that a test sees the first answer.</summary>
    public static AmazonS3Client NewClient(Uri address, string region, string accessKey, string secretKey, Action<AmazonS3Config> configure)
    {
        var config = new AmazonS3Config
        {
            ServiceURL = address.ToString(),
            ForcePathStyle = true,
            AuthenticationRegion = region,
            MaxErrorRetry = 0,
            Timeout = TimeSpan.FromSeconds(120),
        };
        configure(config);
        return new AmazonS3Client(new BasicAWSCredentials(accessKey, secretKey), config);
    }

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
