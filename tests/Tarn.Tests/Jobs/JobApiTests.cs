using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Tarn.Core.Jobs;
using Tarn.Core.KeyValue;
using Tarn.Server.Jobs;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Servers;
using Tarn.Tests.Control;

namespace Tarn.Tests.Jobs;

/// <summary><c>/api/jobs</c> over real sockets, and the scheduler behind it.</summary>
public sealed class JobApiTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_is_started_runs_is_shown_listed_and_audited()
    {
        using var directory = new TemporaryDirectory("jobs");
        string log = directory.PathOf("audit");
        await using var server = await JobServer.StartAsync(new InProcessSetup { Background = true, Options = InProcessServer.Options with { AuditLog = log } });
        Signer acme = await server.BucketAsync("acme", keys: 40);
        JsonElement begun = await server.Client.DataAsync(acme, "POST", "/api/jobs", """{"kind":"rename","bucket":"acme","prefix":"k/","toPrefix":"n/"}""");
        Assert.Equal(("rename", "acme", "arn:aws:iam::acme:root", false), (begun.GetProperty("kind").GetString(), begun.GetProperty("organization").GetString(), begun.GetProperty("requester").GetString(), begun.GetProperty("dryRun").GetBoolean()));
        string id = begun.GetProperty("id").GetString()!;
        JsonElement ended = await server.EndedAsync(acme, id);
        Assert.Equal(("succeeded", 40, 0, 0), (ended.GetProperty("state").GetString(), ended.GetProperty("done").GetInt32(), ended.GetProperty("failed").GetInt32(), ended.GetProperty("errors").GetArrayLength()));
        JsonElement listed = Assert.Single((await server.Client.DataAsync(acme, "GET", "/api/jobs")).GetProperty("jobs").EnumerateArray());
        Assert.Equal((id, false), (listed.GetProperty("id").GetString(), listed.TryGetProperty("errors", out _)));
        Assert.Equal((40, 1), (server.Get<JobScheduler>().Tally.KeysDone, server.Get<JobScheduler>().Tally.EndedIn(JobState.Succeeded)));
        await server.DisposeAsync();
        string[] lines = await File.ReadAllLinesAsync(log, Token);
        Assert.Contains(lines, line => line.Contains("\"operation\":\"StartJob\"", StringComparison.Ordinal) && line.Contains(id, StringComparison.Ordinal) && line.Contains("\"toPrefix\":\"n/\"", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("\"operation\":\"EndJob\"", StringComparison.Ordinal) && line.Contains(id, StringComparison.Ordinal) && line.Contains("\"done\":\"40\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_job_is_visible_to_its_requester_and_to_root_users_alone()
    {
        await using var server = await JobServer.StartAsync(new InProcessSetup());
        Signer acme = await server.BucketAsync("acme", keys: 1);
        Signer other = await server.BucketAsync("other", keys: 1);
        Signer user = await server.UserAsync("acme", "u"), colleague = await server.UserAsync("acme", "v");
        string own = await StartAsync(user), roots = await StartAsync(acme);
        Assert.Equal([roots, own], await ListAsync(acme));
        Assert.Equal([own], await ListAsync(user));
        Assert.Empty(await ListAsync(colleague));
        Assert.Empty(await ListAsync(other));
        Assert.Equal([roots, own], [.. (await server.Client.DataAsync(ControlServer.Root, "GET", "/api/jobs?organization=acme")).GetProperty("jobs").EnumerateArray().Select(static job => job.GetProperty("id").GetString()!)]);
        await server.Client.RefusalAsync(403, other, "GET", "/api/jobs?organization=acme");
        foreach (string method in (string[])["GET", "DELETE"])
        {
            await server.Client.RefusalAsync(404, other, method, "/api/jobs/" + own);
            await server.Client.RefusalAsync(404, colleague, method, "/api/jobs/" + own);
            await server.Client.RefusalAsync(404, user, method, "/api/jobs/" + roots);
            await server.Client.RefusalAsync(404, user, method, "/api/jobs/none");
        }

        await server.Client.DataAsync(user, "GET", "/api/jobs/" + own);
        Assert.Equal("cancelled", (await server.Client.DataAsync(acme, "DELETE", "/api/jobs/" + own)).GetProperty("state").GetString());
        Assert.Contains("has ended", await server.Client.RefusalAsync(409, user, "DELETE", "/api/jobs/" + own), StringComparison.Ordinal);

        async Task<string> StartAsync(Signer signer) => (await server.Client.DataAsync(signer, "POST", "/api/jobs", """{"kind":"empty","bucket":"acme"}""")).GetProperty("id").GetString()!;

        async Task<string[]> ListAsync(Signer signer) =>
            [.. (await server.Client.DataAsync(signer, "GET", "/api/jobs")).GetProperty("jobs").EnumerateArray().Select(static job => job.GetProperty("id").GetString()!)];
    }

    [Fact]
    public async Task More_jobs_than_may_wait_are_refused_until_one_ends()
    {
        await using var server = await JobServer.StartAsync(new InProcessSetup { More = static builder => builder.Services.AddSingleton(new JobOptions { UnfinishedOfOrganization = 3 }) });
        Signer acme = await server.BucketAsync("acme", keys: 1);
        Signer other = await server.BucketAsync("other", keys: 1);
        string id = "";
        for (int i = 0; i < 3; i++)
        {
            id = (await server.Client.DataAsync(acme, "POST", "/api/jobs", """{"kind":"empty","bucket":"acme"}""")).GetProperty("id").GetString()!;
        }

        await server.Client.RefusalAsync(429, acme, "POST", "/api/jobs", """{"kind":"empty","bucket":"acme"}""");
        await server.Client.DataAsync(other, "POST", "/api/jobs", """{"kind":"empty","bucket":"other"}""");
        await server.Client.DataAsync(acme, "DELETE", "/api/jobs/" + id);
        await server.Client.DataAsync(acme, "POST", "/api/jobs", """{"kind":"empty","bucket":"acme"}""");
        Assert.Equal((0, 4), server.Get<JobScheduler>().Active);
    }

    [Fact]
    public async Task A_job_that_a_stop_interrupts_stops_promptly_and_goes_on_at_the_next_start()
    {
        await using var rows = new KeptStore();
        string id;
        await using (var server = await JobServer.StartAsync(Setup(rows, perSecond: 200)))
        {
            Signer acme = await server.BucketAsync("acme", keys: 300);
            id = (await server.Client.DataAsync(acme, "POST", "/api/jobs", """{"kind":"copy","bucket":"acme","prefix":"k/","toPrefix":"n/"}""")).GetProperty("id").GetString()!;
            using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
            while (await server.CountAsync("acme", "n/") < 20)
            {
                await tick.WaitForNextTickAsync(Token);
            }

            await server.StopAsync().WaitAsync(TimeSpan.FromSeconds(10), Token);
            Assert.InRange(await server.CountAsync("acme", "n/"), 20, 200);
        }

        await using var again = await JobServer.StartAsync(Setup(rows, perSecond: 100_000));
        JsonElement ended = await again.EndedAsync(ControlServer.Root, id);
        Assert.Equal(("succeeded", 300), (ended.GetProperty("state").GetString(), ended.GetProperty("done").GetInt32()));
        Assert.Equal(300, await again.CountAsync("acme", "n/"));

        static InProcessSetup Setup(IKeyValueStore rows, int perSecond) => new()
        {
            Background = true,
            Metadata = rows,
            More = builder => builder.Services.AddSingleton(new JobOptions { KeysPerSecond = perSecond, PageSize = 64 }),
        };
    }

    [Fact]
    public async Task A_running_job_is_cancelled_and_the_answer_has_what_it_did()
    {
        await using var server = await JobServer.StartAsync(new InProcessSetup
        {
            Background = true,
            More = static builder => builder.Services.AddSingleton(new JobOptions { KeysPerSecond = 100, PageSize = 64 }),
        });
        Signer acme = await server.BucketAsync("acme", keys: 300);
        string id = (await server.Client.DataAsync(acme, "POST", "/api/jobs", """{"kind":"copy","bucket":"acme","prefix":"k/","toPrefix":"n/"}""")).GetProperty("id").GetString()!;
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (await server.CountAsync("acme", "n/") < 10)
        {
            await tick.WaitForNextTickAsync(Token);
        }

        JsonElement ended = await server.Client.DataAsync(acme, "DELETE", "/api/jobs/" + id);
        Assert.Equal("cancelled", ended.GetProperty("state").GetString());
        Assert.Equal(await server.CountAsync("acme", "n/"), ended.GetProperty("done").GetInt32());
        Assert.Equal((0, 0), server.Get<JobScheduler>().Active);
    }

    [Theory]
    [InlineData(400, "kind must be", """{"kind":"move","bucket":"acme"}""")]
    [InlineData(400, "versions must be", """{"kind":"empty","bucket":"acme","versions":"none"}""")]
    [InlineData(400, "tags is missing", """{"kind":"tag","bucket":"acme"}""")]
    [InlineData(400, "tags is only", """{"kind":"empty","bucket":"acme","tags":{}}""")]
    [InlineData(400, "not known", """{"kind":"empty","bucket":"acme","recursive":true}""")]
    [InlineData(400, "a prefix is needed", """{"kind":"delete","bucket":"acme","prefix":""}""")]
    [InlineData(400, "surrogate", """{"kind":"delete","bucket":"acme","prefix":"\ud800"}""")]
    [InlineData(400, "another kind", """{"kind":"restore","bucket":"acme","at":"yesterday"}""")]
    [InlineData(400, "keeps no versions", """{"kind":"restore","bucket":"acme"}""")]
    [InlineData(400, "keeps no versions", """{"kind":"empty","bucket":"acme","versions":"markers"}""")]
    [InlineData(400, "token must have", """{"kind":"empty","bucket":"acme","requestToken":"a b"}""")]
    [InlineData(400, "not the name of a bucket", """{"kind":"empty","bucket":"../x"}""")]
    [InlineData(404, "does not exist", """{"kind":"empty","bucket":"none"}""")]
    [InlineData(403, "not allowed", """{"kind":"empty","bucket":"other"}""")]
    public async Task What_cannot_be_done_is_refused_and_nothing_is_stored(int status, string expected, string body)
    {
        await using var server = await JobServer.StartAsync(new InProcessSetup());
        Signer acme = await server.BucketAsync("acme", keys: 1);
        await server.BucketAsync("other", keys: 1);
        Assert.Contains(expected, await server.Client.RefusalAsync(status, acme, "POST", "/api/jobs", body), StringComparison.Ordinal);
        Assert.Empty(await server.Get<JobStore>().UnfinishedAsync(static e => throw e, Token));
    }

    [Fact]
    public async Task Few_jobs_run_at_once_and_fewer_of_one_organization()
    {
        var gate = new TaskCompletionSource();
        var hooked = new HookedCommits(new MemoryKeyValueStore());
        await using var server = await JobServer.StartAsync(new InProcessSetup
        {
            Background = true,
            Metadata = hooked,
            More = static builder => builder.Services.AddSingleton(new JobOptions { Running = 3, RunningOfOrganization = 2 }),
        });
        Signer acme = await server.BucketAsync("acme", keys: 3), other = await server.BucketAsync("other", keys: 3);
        hooked.Before = batch => batch.IsRemoval && batch.Changes.Any(static change => change.Key[0] == Core.Records.Tables.Current) ? gate.Task : Task.CompletedTask;
        var ids = new List<(Signer, string)>();
        foreach ((Signer signer, string bucket) in ((Signer, string)[])[(acme, "acme"), (acme, "acme"), (acme, "acme"), (other, "other"), (other, "other")])
        {
            ids.Add((signer, (await server.Client.DataAsync(signer, "POST", "/api/jobs", $$"""{"kind":"empty","bucket":"{{bucket}}"}""")).GetProperty("id").GetString()!));
        }

        Assert.Equal((3, 2), server.Get<JobScheduler>().Active);
        gate.SetResult();
        foreach ((Signer signer, string id) in ids)
        {
            Assert.Equal("succeeded", (await server.EndedAsync(signer, id)).GetProperty("state").GetString());
        }
    }
}
