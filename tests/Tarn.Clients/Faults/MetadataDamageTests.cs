using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Faults;

/// <summary>A server whose metadata is damaged while it runs: what needs the damaged rows is refused with an error that says so, and everything else goes on.</summary>
public sealed partial class MetadataDamageTests
{
    private const string Bucket = "damage";
    private const int Objects = 60;
    private const int SectorBytes = 512;

    [Theory]
    [InlineData("*.sst", 1000)]
    [InlineData("*.blob", 5000)]
    public async Task What_needs_a_damaged_row_is_an_InternalError_that_names_the_store(string pattern, int size)
    {
        await using var server = await TarnServer.StartAsync();
        using var client = new RawS3Client(server.Endpoint);
        await client.CreateBucketAsync(Bucket);
        for (var i = 0; i < Objects; i++)
        {
            (await client.PutAsync(Bucket, $"key{i}", FaultyServer.Content(size, i))).Expect();
        }

        // The rows are in files, and in no cache.
        await server.StopAsync();
        await server.RestartAsync();
        var file = Directory.GetFiles(Path.Combine(server.DataDirectory, "meta"), pattern).MaxBy(path => new FileInfo(path).Length)!;
        await using (var damaged = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
        {
            damaged.Position = damaged.Length / 2 / SectorBytes * SectorBytes;
            await damaged.WriteAsync(new byte[SectorBytes]);
        }

        var refused = 0;
        for (var i = 0; i < Objects; i++)
        {
            var got = await client.GetAsync(Bucket, $"key{i}");
            if (got.Status == HttpStatusCode.OK)
            {
                Assert.True(FaultyServer.Content(size, i).AsSpan().SequenceEqual(got.Body));
                continue;
            }

            refused++;
            Assert.Equal(HttpStatusCode.InternalServerError, got.Status);
            Assert.Contains("<Code>InternalError</Code>", got.Text, StringComparison.Ordinal);
            Assert.Contains("metadata store is damaged", got.Text, StringComparison.Ordinal);
        }

        Assert.InRange(refused, 1, Objects / 2);
        (await client.PutAsync(Bucket, "new", FaultyServer.Content(size, 99))).Expect();
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(Bucket, "new")).Status);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(server.Control, "health/ready"))).StatusCode);
        var metrics = await http.GetStringAsync(new Uri(server.Control, "metrics"));
        Assert.InRange(int.Parse(Counted().Match(metrics).Groups[1].Value, CultureInfo.InvariantCulture), refused, int.MaxValue);

        // At the next start the file has its length, so that only its rows are damaged again; the line is logged once for each place.
        await server.KillHardAsync();
        Assert.InRange(Line().Count(server.Output), 1, refused);
        await server.RestartAsync();
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(Bucket, "new")).Status);
    }

    [GeneratedRegex("tarn_metadata_damaged_reads_total\\{?\\}? ([0-9]+)")]
    private static partial Regex Counted();

    [GeneratedRegex("Damage was read in the metadata store")]
    private static partial Regex Line();
}
