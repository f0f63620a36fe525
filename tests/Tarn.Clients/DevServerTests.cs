using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Clients;

/// <summary>The server of a laptop: the key of the documentation, and a bucket that is there when the server is ready.</summary>
public sealed class DevServerTests
{
    private static readonly Dictionary<string, string?> NoKeys = new() { ["TARN_ROOT_ACCESS_KEY"] = null, ["TARN_ROOT_SECRET_KEY"] = null };

    [Fact]
    public async Task The_key_of_the_documentation_opens_a_store_until_it_is_served_without_it()
    {
        using var directory = new TemporaryDirectory();
        var dev = new TarnServerOptions
        {
            DataDirectory = directory.PathOf("data"), Environment = NoKeys, AccessKey = "tarndev", SecretKey = "tarndevsecret", Arguments = ["--dev", "--create-bucket", "one", "--create-bucket", "two"],
        };
        await using (TarnServer server = await TarnServer.StartAsync(dev))
        {
            using var client = new RawS3Client(server.Endpoint);
            (await client.PutAsync("two", "key", new byte[] { 1, 2, 3 })).Expect();
            await server.StopAsync();
            await server.RestartAsync();
            Assert.Equal([1, 2, 3], (await client.GetAsync("two", "key")).Expect().Body);
            await server.StopAsync();
            Assert.Equal(2, server.Output.Split("the root key is tarndev, tarndevsecret").Length - 1);
        }

        await using (TarnServer server = await TarnServer.StartAsync(dev with { Arguments = [] }))
        {
            using var client = new RawS3Client(server.Endpoint);
            Assert.Equal(403, (int)(await client.GetAsync("two", "key")).Status);
            await server.StopAsync();
            Assert.Contains("Root credentials, shown only once", server.Output, StringComparison.Ordinal);
        }

        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => TarnServer.StartAsync(dev));
        Assert.Contains("was served without --dev", refused.Message, StringComparison.Ordinal);
    }
}
