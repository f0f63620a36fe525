using Microsoft.Extensions.DependencyInjection;
using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Listing;
using Tarn.Core.Identity;
using Tarn.Core.Policy.Documents;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Disks;

/// <summary>The S3 listener over a disk and an object bucket, with a key for each.</summary>
internal sealed class DiskServer : IAsyncDisposable, ICredentialSource, IAccountDirectory, IOrganizationPolicySource
{
    public const string OwnerId = "1111111111111111111111111111111111111111111111111111111111111111";
    public const string Secret = "a-secret-of-some-length";

    private readonly Dictionary<string, Credential> _credentials = [];
    private InProcessServer? _server;

    private readonly bool _ownsFiles;

    private DiskServer(DiskFixture files, bool ownsFiles)
    {
        Files = files;
        _ownsFiles = ownsFiles;
    }

    public DiskFixture Files { get; }

    public Disk Disk { get; private set; } = null!;

    public string Bucket => Disk.Id.Value;

    /// <summary>A client with the disk's key.</summary>
    public RawS3Client Client { get; private set; } = null!;

    /// <summary>A client with the key of the organization's root user, who owns the object bucket <c>objects</c>.</summary>
    public RawS3Client RootClient { get; private set; } = null!;

    public static Task<DiskServer> StartAsync(DiskOptions? options = null) => StartAsync(new DiskServer(new DiskFixture(options), ownsFiles: true));

    /// <param name="files">Outlives the server.</param>
    public static Task<DiskServer> StartAsync(DiskFixture files) => StartAsync(new DiskServer(files, ownsFiles: false));

    private static async Task<DiskServer> StartAsync(DiskServer server)
    {
        server.Disk = await server.Files.AttachAsync();
        server._server = await InProcessServer.StartAsync(
            new InProcessSetup
            {
                Metadata = server.Files.KeyValue,
                More = builder => builder.Services
                    .AddSingleton(server.Files.Catalog)
                    .AddSingleton(server.Files.Store)
                    .AddSingleton<ICredentialSource>(server)
                    .AddSingleton<IAccountDirectory>(server)
                    .AddSingleton<IOrganizationPolicySource>(server),
            },
            DiskFixture.Token);
        Assert.NotNull(await server._server.Get<BucketCatalog>().CreateAsync(StoreFixture.Name("objects"), OwnerId, "Owner", "us-east-1", DiskFixture.Token));
        server.Client = server.ClientOf("DISKKEY", server.Disk.Id.Value);
        server.RootClient = server.ClientOf("ROOTKEY", null);
        return server;
    }

    /// <summary>A client with a new key: of a disk, or of the root user.</summary>
    public RawS3Client ClientOf(string accessKey, string? disk, bool escaped = false, string organization = "org")
    {
        var principal = new Principal(OwnerId, "Owner", accessKey) { OrganizationId = organization, UserId = organization, DiskScope = disk };
        _credentials[accessKey] = new Credential(accessKey, Secret, principal, null);
        return new RawS3Client(new TarnEndpoint(new Uri(_server!.S3Url + "/"), accessKey, Secret)) { KeysAreEscaped = escaped };
    }

    public void Write(string key, string content) => Write(key, System.Text.Encoding.UTF8.GetBytes(content));

    public void Write(string key, byte[] content)
    {
        string path = Path.Combine(Files.Tree, key);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
    }

    public Task<RawS3Response> GetAsync(string key, params (string Name, string Value)[] headers) =>
        Client.SendAsync(HttpMethod.Get, Bucket, key, headers: headers.ToDictionary(h => h.Name, h => h.Value));

    public Task<RawS3Response> HeadAsync(string key, params (string Name, string Value)[] headers) =>
        Client.SendAsync(HttpMethod.Head, Bucket, key, headers: headers.ToDictionary(h => h.Name, h => h.Value));

    public Task<RawS3Response> QueryAsync(string? key, params (string Name, string Value)[] query) =>
        Client.SendAsync(HttpMethod.Get, Bucket, key, query.ToDictionary(q => q.Name, q => q.Value));

    /// <summary>Sends an unsigned request whose target is exactly this one, however malformed.</summary>
    public async Task<HttpResponseMessage> SendRawAsync(HttpMethod method, string target)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var exactly = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        return await http.SendAsync(new HttpRequestMessage(method, new Uri(_server!.S3Url + target, exactly)), DiskFixture.Token);
    }

    public ValueTask<Credential?> FindAsync(string accessKeyId, CancellationToken cancellationToken) => new(_credentials.GetValueOrDefault(accessKeyId));

    ValueTask<Account?> IAccountDirectory.FindByCanonicalIdAsync(string canonicalId, CancellationToken cancellationToken) => new((Account?)null);

    ValueTask<bool> IAccountDirectory.RoleExistsAsync(string organization, string role, CancellationToken cancellationToken) => new(false);

    ValueTask<bool> IAccountDirectory.ExistsAsync(string organization, string? user, CancellationToken cancellationToken) => new(false);

    ValueTask<IReadOnlyList<Account>> IAccountDirectory.FindByEmailAsync(string email, CancellationToken cancellationToken) => new([]);

    ValueTask<OrganizationPolicies> IOrganizationPolicySource.FindAsync(string canonicalId, CancellationToken cancellationToken) => new(OrganizationPolicies.None);

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        RootClient?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        if (_ownsFiles)
        {
            Files.Dispose();
        }
    }
}
