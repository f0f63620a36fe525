using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Tarn.Clients.Harness;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Crash;

/// <summary>The server is killed (SIGKILL) in the middle of a job of each kind: after the next start the job ends by itself, with each key done exactly once.</summary>
public sealed class JobCrashTests
{
    private const string Bucket = "jobs";
    private const int Keys = 1600;

    [Theory]
    [InlineData("delete", "Enabled", "--versions", "markers")]
    [InlineData("empty", "Enabled", "--versions", "all")]
    [InlineData("copy", "Enabled", "--to-prefix", "n/")]
    [InlineData("rename", "Enabled", "--to-prefix", "n/")]
    [InlineData("tag", "Enabled", "--tag", "a=b")]
    [InlineData("restore", "Enabled")]
    [InlineData("delete", "Suspended", "--versions", "markers")]
    [InlineData("empty", "Suspended", "--versions", "all")]
    [InlineData("rename", "Suspended", "--to-prefix", "n/")]
    [InlineData("delete", "Never")]
    [InlineData("empty", "Never")]
    [InlineData("copy", "Never", "--to-prefix", "n/")]
    [InlineData("rename", "Never", "--to-prefix", "n/")]
    public async Task A_job_survives_kill_9(string kind, string versioning, params string[] options)
    {
        Assert.SkipWhen(TarnEndpoint.FromEnvironment() is not null, "Another's process is not ours to kill.");
        await using var server = await TarnServer.StartAsync();
        var commands = new TarnCommands(server);
        JsonElement job;
        using (var client = new RawS3Client(server.Endpoint))
        {
            await client.CreateBucketAsync("held");
            (await client.PutAsync("held", "big", new byte[48 << 20])).Expect();
            await client.CreateBucketAsync(Bucket);
            if (versioning != "Never")
            {
                (await client.SendAsync(
                    HttpMethod.Put, Bucket, query: new Dictionary<string, string> { ["versioning"] = "" },
                    body: Encoding.UTF8.GetBytes($"<VersioningConfiguration><Status>{versioning}</Status></VersioningConfiguration>"))).Expect();
            }

            await Parallel.ForAsync(0, Keys, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
            {
                (await client.PutAsync(Bucket, Name(i), Encoding.UTF8.GetBytes(Name(i)))).Expect();
                if (kind == "restore")
                {
                    await client.SendAsync(HttpMethod.Delete, Bucket, Name(i));
                }
            });

            // A request that is being served slows jobs down: an answer that nobody reads is one.
            using HttpResponseMessage held = await client.OpenAsync("held", "big");
            string[] prefix = kind == "empty" ? [] : ["--prefix", "k/"];
            job = await commands.ReadAsync(["job", "start", kind, Bucket, .. prefix, .. options, "--detach"]);
            using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
            while (!await IsDoneAsync(client, kind, 300))
            {
                await tick.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            }

            await server.KillHardAsync();
        }

        await server.RestartAsync();
        string id = job.GetProperty("id").GetString()!;
        JsonElement ended = await EndedAsync(commands, id);
        Assert.Contains("is taken up again", server.Output, StringComparison.Ordinal);
        Assert.Equal(("succeeded", Keys, 0, 0), (ended.GetProperty("state").GetString(), ended.GetProperty("done").GetInt32(), ended.GetProperty("failed").GetInt32(), ended.GetProperty("skipped").GetInt32()));
        using var after = new RawS3Client(server.Endpoint);
        Assert.Equal(Expected(kind, versioning), await VersionsAsync(after));
        Assert.True(await IsDoneAsync(after, kind, Keys - 1));
        await server.StopAsync();
        ProgramResult check = await commands.RunAsync("fsck", "--data", server.DataDirectory);
        Assert.True(check.ExitCode == 0, check.StandardOutput + check.StandardError);
    }

    private static string Name(int i) => string.Create(CultureInfo.InvariantCulture, $"k/{i:00000}");

    /// <summary>How many versions and delete markers there are then: with a key done twice there would be more.</summary>
    private static (int Versions, int Markers) Expected(string kind, string versioning) => (kind, versioning) switch
    {
        ("delete", "Enabled") => (Keys, Keys),
        ("delete", "Suspended") => (0, Keys),
        ("delete" or "empty", _) => (0, 0),
        ("copy", _) => (2 * Keys, 0),
        ("rename", "Enabled") => (2 * Keys, Keys),
        ("rename", "Suspended") => (Keys, Keys),
        ("restore", _) => (2 * Keys, Keys),
        _ => (Keys, 0),
    };

    private static async Task<bool> IsDoneAsync(RawS3Client client, string kind, int i)
    {
        string key = kind is "copy" or "rename" ? "n/" + Name(i)[2..] : Name(i);
        if (kind == "tag")
        {
            RawS3Response tags = await client.SendAsync(HttpMethod.Get, Bucket, key, new Dictionary<string, string> { ["tagging"] = "" });
            return Encoding.UTF8.GetString(tags.Body).Contains("<Key>a</Key>", StringComparison.Ordinal);
        }

        HttpStatusCode status = (await client.SendAsync(HttpMethod.Head, Bucket, key)).Status;
        return kind is "delete" or "empty" ? status == HttpStatusCode.NotFound : status == HttpStatusCode.OK;
    }

    private static async Task<(int Versions, int Markers)> VersionsAsync(RawS3Client client)
    {
        (int versions, int markers) = (0, 0);
        var query = new Dictionary<string, string> { ["versions"] = "" };
        while (true)
        {
            var page = System.Xml.Linq.XDocument.Parse(Encoding.UTF8.GetString((await client.SendAsync(HttpMethod.Get, Bucket, query: query)).Body)).Root!;
            versions += page.Elements(page.Name.Namespace + "Version").Count();
            markers += page.Elements(page.Name.Namespace + "DeleteMarker").Count();
            if (page.Element(page.Name.Namespace + "IsTruncated")!.Value != "true")
            {
                return (versions, markers);
            }

            query["key-marker"] = page.Element(page.Name.Namespace + "NextKeyMarker")!.Value;
            query["version-id-marker"] = page.Element(page.Name.Namespace + "NextVersionIdMarker")!.Value;
        }
    }

    private static async Task<JsonElement> EndedAsync(TarnCommands commands, string id)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            JsonElement job = await commands.ReadAsync("job", "show", id);
            if (job.GetProperty("state").GetString() is not ("queued" or "running"))
            {
                return job;
            }

            Assert.False(limit.IsCancellationRequested, job.ToString());
        }
    }
}
