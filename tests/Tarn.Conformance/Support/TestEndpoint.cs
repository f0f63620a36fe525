using Amazon.Runtime;
using Amazon.S3;
using Tarn.Conformance.Support;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

[assembly: AssemblyFixture(typeof(TestEndpoint))]

namespace Tarn.Conformance.Support;

/// <summary>
/// The endpoint under test: the one that TARN_TEST_ENDPOINT, TARN_TEST_ACCESS_KEY and TARN_TEST_SECRET_KEY name
/// (TARN_TEST_REGION if it is not us-east-1, TARN_TEST_DOMAIN if it serves virtual-host style), else a Tarn started here, reached as <see cref="Through"/> says.
/// </summary>
public sealed class TestEndpoint : IAsyncLifetime
{
    private TarnServer? own;
    private TarnAccelerator? accelerator;
    private TarnEndpoint endpoint = null!;

    /// <summary>How a server that is started here is reached: as TARN_TEST_ACCELERATOR says.</summary>
    public static AcceleratorStyle Through { get; } = Environment.GetEnvironmentVariable("TARN_TEST_ACCELERATOR") switch
    {
        null or "" => AcceleratorStyle.None,
        "path" => AcceleratorStyle.Path,
        "virtual" => AcceleratorStyle.VirtualHost,
        { } other => throw new InvalidOperationException($"TARN_TEST_ACCELERATOR is '{other}': neither 'path' nor 'virtual'."),
    };

    public Uri Address => endpoint.S3;

    public string Region => endpoint.Region;

    /// <summary>The domain of virtual-host addressing, null where the endpoint has none.</summary>
    public string? Domain { get; private set; }

    /// <summary>Whether the server outlives the tests, so that they must clean up after themselves.</summary>
    public bool IsExternal => own is null;

    public IAmazonS3 Client { get; private set; } = null!;

    public RawClient Raw { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (TarnEndpoint.FromEnvironment() is { } named)
        {
            endpoint = named;
            Domain = Environment.GetEnvironmentVariable("TARN_TEST_DOMAIN") is { Length: > 0 } value ? value : null;
        }
        else
        {
            Domain = "s3.test";
            own = await TarnServer.StartAsync(new TarnServerOptions { Arguments = ["--domain", Domain], Accelerators = Through != AcceleratorStyle.None });
            endpoint = own.Endpoint;
            if (Through != AcceleratorStyle.None)
            {
                accelerator = await TarnAccelerator.StartAsync(own, new TarnAcceleratorOptions { Domain = Domain });
                endpoint = accelerator.Endpoint;
            }
        }

        Client = NewClient(_ => { });
        Raw = new RawClient(endpoint, IsVirtualHost ? Domain : null);
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (accelerator is not null)
        {
            await accelerator.DisposeAsync();
        }

        if (own is not null)
        {
            await own.DisposeAsync();
        }
    }

    /// <summary>
    /// Creates another organization and returns a client of its root user, and its canonical user id. Skips the test if the endpoint's
    /// control address is not known.
    /// </summary>
    public async Task<(IAmazonS3 Client, string Id)> NewOrganizationAsync()
    {
        Assert.SkipWhen(endpoint.Control is null, "The endpoint's control address is not known.");
        string name = "o" + Guid.NewGuid().ToString("N")[..16];
        byte[] body = System.Text.Encoding.UTF8.GetBytes($"{{\"name\":\"{name}\"}}");
        var control = new RawClient(endpoint with { S3 = endpoint.Control! });
        RawResponse made = (await control.SendAsync(
            "POST", "/api/organizations", [("Content-Type", "application/json")], body, signer: control.Signer(service: "tarn"))).Expect(201);
        System.Text.Json.JsonElement data = System.Text.Json.JsonDocument.Parse(made.Body).RootElement.GetProperty("data");
        string Text(string property) => data.GetProperty(property).GetString()!;
        return (NewClient(endpoint with { AccessKey = Text("accessKey"), SecretKey = Text("secretKey") }, _ => { }), Text("canonicalId"));
    }

    private bool IsVirtualHost => own is not null && Through == AcceleratorStyle.VirtualHost;

    public AmazonS3Client NewClient(Action<AmazonS3Config> configure) => NewClient(endpoint, configure);

    /// <summary>A client that never retries, so that a test sees the first answer. Path-style, unless the endpoint is reached in virtual-host style.</summary>
    private AmazonS3Client NewClient(TarnEndpoint of, Action<AmazonS3Config> configure) => NewPathClient(of, config =>
    {
        if (IsVirtualHost)
        {
            config.ServiceURL = $"http://{Domain}:{of.S3.Port}";
            config.ForcePathStyle = false;
            config.HttpClientFactory = new LoopbackClients();
        }

        configure(config);
    });

    /// <summary>A path-style client that never retries, so that a test sees the first answer.</summary>
    public static AmazonS3Client NewPathClient(TarnEndpoint endpoint, Action<AmazonS3Config> configure)
    {
        var config = new AmazonS3Config
        {
            ServiceURL = endpoint.Address,
            ForcePathStyle = true,
            AuthenticationRegion = endpoint.Region,
            MaxErrorRetry = 0,
            Timeout = TimeSpan.FromSeconds(120),
        };
        configure(config);
        return new AmazonS3Client(new BasicAWSCredentials(endpoint.AccessKey, endpoint.SecretKey), config);
    }
}

/// <summary>Whether requests go through an accelerator, and where most of them name their bucket.</summary>
public enum AcceleratorStyle
{
    /// <summary>They do not.</summary>
    None,

    /// <summary>In the path.</summary>
    Path,

    /// <summary>In the host.</summary>
    VirtualHost,
}
