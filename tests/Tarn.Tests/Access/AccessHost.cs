using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Tarn.Core.Access;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.S3.Access;
using Tarn.S3.Auth.SigV2;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
using Tarn.TestKit.Stores;

namespace Tarn.Tests.Access;

/// <summary>The S3 service over stores in memory, with the principals of <see cref="TestIdentity"/> over HTTP.</summary>
internal sealed class AccessHost : IAsyncDisposable
{
    private readonly InProcessServer _server;
    private readonly Dictionary<string, RawS3Client> _clients = [];
    private readonly HttpClient _anonymous = new();

    private AccessHost(InProcessServer server, TestIdentity identity, HookedKeyValueStore rows)
    {
        _server = server;
        Identity = identity;
        Rows = rows;
    }

    public TestIdentity Identity { get; }

    public DenialLog Denials => _server.Get<DenialLog>();

    public HookedKeyValueStore Rows { get; }

    /// <summary>Returns a service of the server.</summary>
    public T Get<T>()
        where T : notnull => _server.Get<T>();

    public Uri Address => new(_server.S3Url);

    /// <param name="ownership">The object ownership of buckets created without one.</param>
    /// <param name="version2">Where Signature Version 2 is accepted; null: the default.</param>
    /// <param name="dataPath">The data directory; null: one that is not there.</param>
    public static async Task<AccessHost> StartAsync(
        ObjectOwnership ownership = ObjectOwnership.BucketOwnerEnforced, SignatureV2Options? version2 = null, string? dataPath = null)
    {
        var identity = new TestIdentity();
        var rows = new HookedKeyValueStore(new MemoryKeyValueStore());
        return new AccessHost(
            await InProcessServer.StartAsync(new InProcessSetup
            {
                Metadata = rows,
                DataPath = dataPath ?? "/nowhere",
                Options = InProcessServer.Options with { ObjectOwnership = ownership, SignatureV2 = version2 ?? SignatureV2Options.Default },
                More = builder => builder.Services
                    .AddSingleton<ICredentialSource>(identity)
                    .AddSingleton<IAccountDirectory>(identity)
                    .AddSingleton<IOrganizationPolicySource>(identity),
            }),
            identity,
            rows);
    }

    /// <summary>How many requests were sent.</summary>
    public int Sent { get; private set; }

    /// <summary>Sends a request.</summary>
    /// <param name="who">The access key id; null for nobody.</param>
    /// <param name="what">Method and target, as <c>GET bucket/key?acl</c>.</param>
    /// <param name="body">The body; null for none.</param>
    /// <param name="headers">As <c>name: value</c>.</param>
    public async Task<RawS3Response> SendAsync(string? who, string what, string? body = null, params string[] headers)
    {
        Sent++;
        string[] words = what.Split(' ', 2);
        var named = headers.Select(header => header.Split(": ", 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        if (who is not null)
        {
            string[] target = words[1].Split('?', 2);
            string[] path = target[0].Split('/', 2);
            var query = (target.Length > 1 ? target[1].Split('&') : []).Select(pair => pair.Split('=', 2)).ToDictionary(
                pair => pair[0], pair => pair.Length > 1 ? Uri.UnescapeDataString(pair[1]) : "");
            return await ClientOf(who).SendAsync(
                new HttpMethod(words[0]), path[0], path.Length > 1 ? path[1] : null, query, named, body is null ? null : Encoding.UTF8.GetBytes(body));
        }

        using var request = new HttpRequestMessage(new HttpMethod(words[0]), new Uri(Address, words[1]));
        request.Content = body is null && words[0] is not ("PUT" or "POST") ? null : new ByteArrayContent(Encoding.UTF8.GetBytes(body ?? ""));
        foreach ((string name, string value) in named)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content!.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using HttpResponseMessage answer = await _anonymous.SendAsync(request);
        return new RawS3Response(
            answer.StatusCode,
            answer.Headers.Concat(answer.Content.Headers).ToDictionary(h => h.Key, h => string.Join(',', h.Value), StringComparer.OrdinalIgnoreCase),
            await answer.Content.ReadAsByteArrayAsync());
    }

    /// <summary>Sends a request that must succeed.</summary>
    public async Task<RawS3Response> OkAsync(string? who, string what, string? body = null, params string[] headers)
    {
        RawS3Response answer = await SendAsync(who, what, body, headers);
        Assert.True(answer.IsSuccess, $"{who ?? "nobody"}: {what}: {(int)answer.Status} {answer.Text}");
        return answer;
    }

    /// <summary>Sends a request that must be refused.</summary>
    public async Task<RawS3Response> RefusedAsync(string code, string? who, string what, string? body = null, params string[] headers)
    {
        RawS3Response answer = await SendAsync(who, what, body, headers);
        if (what.StartsWith("HEAD", StringComparison.Ordinal))
        {
            Assert.Equal(code, answer.Status.ToString());
        }
        else
        {
            Assert.True(answer.ErrorCode == code, $"{who ?? "nobody"}: {what}: expected {code}, got {(int)answer.Status} {answer.Text}");
        }

        return answer;
    }

    /// <summary>Puts a bucket policy with these statements.</summary>
    public Task PolicyAsync(string bucket, params string[] statements) =>
        OkAsync("a", $"PUT {bucket}?policy", $$"""{"Version":"2012-10-17","Statement":[{{string.Join(',', statements)}}] }""");

    public async ValueTask DisposeAsync()
    {
        foreach (RawS3Client client in _clients.Values)
        {
            client.Dispose();
        }

        _anonymous.Dispose();
        await _server.DisposeAsync();
    }

    private RawS3Client ClientOf(string who)
    {
        lock (_clients)
        {
            return _clients.TryGetValue(who, out RawS3Client? known)
                ? known
                : _clients[who] = new RawS3Client(new TarnEndpoint(Address, who, TestIdentity.Secret));
        }
    }
}
