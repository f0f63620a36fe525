using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Identity;
using Tarn.Core.Jobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;
using Tarn.Core.Storage;
using Tarn.Server.Jobs;
using Tarn.TestKit.Hosting;
using Tarn.Tests.Control;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Jobs;

/// <summary>How jobs share the server, who sees them, and what becomes of one whose run is interrupted.</summary>
public sealed class JobSchedulingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_at_the_same_time_do_not_get_past_the_limit()
    {
        const int Requests = 6;
        int arrived = 0;
        var all = new TaskCompletionSource();
        var rows = new HookedCommits(new MemoryKeyValueStore());
        await using var server = await JobServer.StartAsync(new InProcessSetup
        {
            Metadata = rows, More = static builder => builder.Services.AddSingleton(new JobOptions { UnfinishedOfOrganization = 3 }),
        });
        Signer acme = await server.BucketAsync("acme", keys: 1);
        rows.Before = batch =>
        {
            if (batch.Changes.Any(static change => change.Key[0] == Tables.Job) && Interlocked.Increment(ref arrived) == Requests)
            {
                all.SetResult();
            }

            return arrived is > 0 and <= Requests ? all.Task : Task.CompletedTask;
        };
        (int Status, JsonElement Body)[] answers = await Task.WhenAll(Enumerable.Range(0, Requests).Select(_ => server.Client.SendAsync(acme, "POST", "/api/jobs", """{"kind":"empty","bucket":"acme"}""")));
        Assert.Equal([201, 201, 201, 429, 429, 429], answers.Select(static answer => answer.Status == 200 ? 201 : answer.Status).Order());
        Assert.Equal((0, 3), server.Get<JobScheduler>().Active);
    }

    [Fact]
    public async Task Long_jobs_of_some_organizations_leave_their_turn_to_another()
    {
        await using var server = await JobServer.StartAsync(new InProcessSetup
        {
            Background = true,
            More = static builder => builder.Services.AddSingleton(new JobOptions { Running = 2, RunningOfOrganization = 1, PageSize = 5, KeysPerSecond = 200 }),
        });
        Signer first = await server.BucketAsync("first", keys: 400), second = await server.BucketAsync("second", keys: 400), third = await server.BucketAsync("third", keys: 1);
        string one = await StartAsync(server, first, """{"kind":"tag","bucket":"first","tags":{"a":"b"}}"""), two = await StartAsync(server, second, """{"kind":"tag","bucket":"second","tags":{"a":"b"}}""");
        string brief = await StartAsync(server, third, """{"kind":"tag","bucket":"third","tags":{"a":"b"}}""");
        Assert.Equal("succeeded", (await server.EndedAsync(third, brief)).GetProperty("state").GetString());
        Assert.Equal("running", (await server.Client.DataAsync(first, "GET", "/api/jobs/" + one)).GetProperty("state").GetString());
        Assert.Equal("running", (await server.Client.DataAsync(second, "GET", "/api/jobs/" + two)).GetProperty("state").GetString());
        JsonElement ended = await server.EndedAsync(first, one);
        Assert.Equal(("succeeded", 400), (ended.GetProperty("state").GetString(), ended.GetProperty("done").GetInt32()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_organization_that_is_made_again_does_not_have_the_jobs_of_the_first(bool sameCanonicalId)
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await JobServer.StartAsync(new InProcessSetup { Time = clock });
        Signer acme = await server.BucketAsync("acme", keys: 0);
        string id = await StartAsync(server, acme, """{"kind":"empty","bucket":"acme"}""");
        IdentityStore identity = server.Get<IdentityStore>();
        string canonical = (await identity.Organizations.FindAsync("acme", Token))!.CanonicalId;
        ObjectStore objects = server.Get<ObjectStore>();
        await objects.Buckets.DeleteAsync(await objects.Buckets.GetAsync(StoreFixture.Name("acme"), Token), Token);
        await identity.Organizations.DeleteAsync("acme", Token);
        clock.Advance(TimeSpan.FromSeconds(2));
        NewAccessKey key = (await identity.Organizations.CreateAsync(new OrganizationRequest { Name = "acme", CanonicalId = sameCanonicalId ? canonical : null }, Token)).Key;
        var again = new Signer(key.Key.Id, key.SecretKey);
        Assert.Empty((await server.Client.DataAsync(again, "GET", "/api/jobs")).GetProperty("jobs").EnumerateArray());
        foreach (string method in (string[])["GET", "DELETE"])
        {
            await server.Client.RefusalAsync(404, again, method, "/api/jobs/" + id);
        }
    }

    [Fact]
    public async Task A_key_with_a_policy_sees_and_ends_its_own_jobs_alone()
    {
        await using var server = await JobServer.StartAsync(new InProcessSetup());
        Signer root = await server.BucketAsync("acme", keys: 1);
        Signer user = await server.UserAsync("acme", "u");
        Signer one = await LimitedAsync("u"), two = await LimitedAsync("u"), ofRoot = await LimitedAsync(null);
        var ids = new Dictionary<Signer, string>();
        foreach (Signer signer in (Signer[])[root, user, one, two, ofRoot])
        {
            ids[signer] = await StartAsync(server, signer, """{"kind":"empty","bucket":"acme"}""");
        }

        await SeesAsync(root, root, user, one, two, ofRoot);
        await SeesAsync(user, user, one, two);
        await SeesAsync(one, one);
        await SeesAsync(two, two);
        await SeesAsync(ofRoot, ofRoot);
        Assert.Equal("cancelled", (await server.Client.DataAsync(one, "DELETE", "/api/jobs/" + ids[one])).GetProperty("state").GetString());
        Assert.Equal("cancelled", (await server.Client.DataAsync(user, "DELETE", "/api/jobs/" + ids[two])).GetProperty("state").GetString());

        async Task<Signer> LimitedAsync(string? name)
        {
            NewAccessKey key = await server.Get<IdentityStore>().Keys.CreateAsync(
                "acme", name, new AccessKeyRequest { Policy = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}""" }, Token);
            return new Signer(key.Key.Id, key.SecretKey);
        }

        async Task SeesAsync(Signer who, params Signer[] whose)
        {
            string[] seen = [.. (await server.Client.DataAsync(who, "GET", "/api/jobs")).GetProperty("jobs").EnumerateArray().Select(static job => job.GetProperty("id").GetString()!)];
            Assert.Equal(whose.Select(signer => ids[signer]).Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
            JsonElement first = await server.Client.DataAsync(who, "GET", "/api/jobs?limit=1");
            Assert.Single(first.GetProperty("jobs").EnumerateArray());
            foreach ((Signer signer, string id) in ids)
            {
                (int status, _) = await server.Client.SendAsync(who, "GET", "/api/jobs/" + id);
                Assert.Equal(whose.Contains(signer) ? 200 : 404, status);
                if (!whose.Contains(signer))
                {
                    await server.Client.RefusalAsync(404, who, "DELETE", "/api/jobs/" + id);
                }
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_job_whose_run_fails_waits_says_why_and_goes_on_or_is_cancelled(bool cancels)
    {
        var rows = new HookedCommits(new MemoryKeyValueStore());
        await using var server = await JobServer.StartAsync(new InProcessSetup { Background = true, Metadata = rows });
        Signer acme = await server.BucketAsync("acme", keys: 4);
        bool fails = true;
        rows.Before = batch => Volatile.Read(ref fails) && batch.Changes.Any(static change => change.Key[0] == Tables.JobKey && change.Value is null) ? throw new IOException("gone astray") : Task.CompletedTask;
        string id = await StartAsync(server, acme, """{"kind":"copy","bucket":"acme","prefix":"k/","toPrefix":"n/"}""");
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        JsonElement job;
        do
        {
            await tick.WaitForNextTickAsync(Token);
            job = await server.Client.DataAsync(acme, "GET", "/api/jobs/" + id);
        }
        while (!job.TryGetProperty("reason", out JsonElement reason) || reason.ValueKind == JsonValueKind.Null);
        Assert.Equal("queued", job.GetProperty("state").GetString());
        Volatile.Write(ref fails, false);
        if (cancels)
        {
            job = await server.Client.DataAsync(acme, "DELETE", "/api/jobs/" + id);
            Assert.Equal("cancelled", job.GetProperty("state").GetString());
        }

        job = await server.EndedAsync(acme, id);
        Assert.Equal((cancels ? "cancelled" : "succeeded", 4), (job.GetProperty("state").GetString(), job.GetProperty("done").GetInt32()));
        Assert.Equal(4, await server.CountAsync("acme", "n/"));
    }

    [Fact]
    public async Task A_cancellation_that_meets_the_start_of_the_job_loses_neither()
    {
        var rows = new HookedCommits(new MemoryKeyValueStore());
        await using var server = await JobServer.StartAsync(new InProcessSetup
        {
            Background = true,
            Metadata = rows,
            More = static builder => builder.Services.AddSingleton(new JobOptions { RunningOfOrganization = 1, Concurrency = 1, PageSize = 5 }),
        });
        Signer acme = await server.BucketAsync("acme", keys: 50);
        var (gate, copied, cancelled) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        rows.Before = async batch =>
        {
            if (batch.Changes.Any(static change => change.Key[0] == Tables.Job && change.Value is { } value && JobRecord.Decode(value).IsCancelRequested) && !copied.Task.IsCompleted)
            {
                // The other job ends, and the one that is cancelled begins and does a key, before the cancellation is stored.
                gate.TrySetResult();
                await copied.Task;
                return;
            }

            if (batch.Changes.Any(static change => change.Key[0] == Tables.JobKey && change.Value is not null))
            {
                await gate.Task;
                if (copied.Task.IsCompleted)
                {
                    await cancelled.Task;
                }
            }
        };
        rows.After = batch =>
        {
            if (batch.Changes.Any(static change => change.Key[0] == Tables.Current && change.Value is not null && change.Key[^6] == (byte)'n'))
            {
                copied.TrySetResult();
            }
            else if (batch.Changes.Any(static change => change.Key[0] == Tables.Job && change.Value is { } value && JobRecord.Decode(value).IsCancelRequested))
            {
                cancelled.TrySetResult();
            }

            return Task.CompletedTask;
        };
        await StartAsync(server, acme, """{"kind":"tag","bucket":"acme","prefix":"k/0000","tags":{"a":"b"}}""");
        string id = await StartAsync(server, acme, """{"kind":"copy","bucket":"acme","prefix":"k/","toPrefix":"n/"}""");
        JsonElement ended = await server.Client.DataAsync(acme, "DELETE", "/api/jobs/" + id);
        Assert.Equal("cancelled", ended.GetProperty("state").GetString());
        Assert.Equal(await server.CountAsync("acme", "n/"), ended.GetProperty("done").GetInt32());
        Assert.InRange(ended.GetProperty("done").GetInt32(), 1, 49);
    }

    [Fact]
    public async Task A_cancellation_that_meets_a_run_that_fails_does_not_wait_for_the_next()
    {
        var rows = new HookedCommits(new MemoryKeyValueStore());
        await using var server = await JobServer.StartAsync(new InProcessSetup
        {
            Background = true, Metadata = rows, More = static builder => builder.Services.AddSingleton(new JobOptions { RetryAfter = TimeSpan.FromDays(1) }),
        });
        Signer acme = await server.BucketAsync("acme", keys: 4);
        var (met, cancelled) = (new TaskCompletionSource(), new TaskCompletionSource());
        rows.Before = async batch =>
        {
            // The first page is done, and its cursor cannot be stored.
            if (batch.Changes.Any(static change => change.Key[0] == Tables.JobKey && change.Value is null) && met.TrySetResult())
            {
                await cancelled.Task;
                throw new IOException("gone astray");
            }
        };
        rows.After = batch =>
        {
            if (batch.Changes.Any(static change => change.Key[0] == Tables.Job && change.Value is { } value && JobRecord.Decode(value).IsCancelRequested))
            {
                cancelled.TrySetResult();
            }

            return Task.CompletedTask;
        };
        string id = await StartAsync(server, acme, """{"kind":"copy","bucket":"acme","prefix":"k/","toPrefix":"n/"}""");
        await met.Task;
        JsonElement ended = await server.Client.DataAsync(acme, "DELETE", "/api/jobs/" + id);
        Assert.Equal(("cancelled", 4), (ended.GetProperty("state").GetString(), ended.GetProperty("done").GetInt32()));
    }

    [Fact]
    public async Task A_run_that_a_cancellation_began_ends_before_the_server_has_stopped()
    {
        var rows = new HookedCommits(new MemoryKeyValueStore());
        await using var server = await JobServer.StartAsync(new InProcessSetup
        {
            Background = true,
            Metadata = rows,
            More = static builder => builder.Services.AddSingleton(new JobOptions { RunningOfOrganization = 1, Concurrency = 1 }),
        });
        Signer acme = await server.BucketAsync("acme", keys: 2);
        var (first, ending, go) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        bool isStored = false;
        rows.Before = async batch =>
        {
            if (batch.Changes.Any(static change => change.Key[0] == Tables.JobKey && change.Value is not null))
            {
                first.TrySetResult();
                await go.Task;
            }
            else if (batch.Changes.Any(static change => change.Key[0] == Tables.Job && change.Value is { } value && JobRecord.Decode(value).State == JobState.Cancelled))
            {
                ending.TrySetResult();
                await go.Task;
                isStored = true;
            }
        };
        await StartAsync(server, acme, """{"kind":"tag","bucket":"acme","prefix":"k/","tags":{"a":"b"}}""");
        await first.Task;
        string id = await StartAsync(server, acme, """{"kind":"copy","bucket":"acme","prefix":"k/","toPrefix":"n/"}""");
        JobScheduler scheduler = server.Get<JobScheduler>();
        Task cancelling = scheduler.CancelAsync(Core.Model.Id128.TryParse(id, out var parsed) ? parsed : default, Token).AsTask();
        await ending.Task;
        Task stopping = server.StopAsync();
        Assert.False(stopping.IsCompleted);
        go.SetResult();
        await stopping;
        await cancelling;
        Assert.True(isStored);
    }

    [Fact]
    public async Task Jobs_go_on_although_they_could_not_be_read_at_the_start()
    {
        await using var kept = new KeptStore();
        string id;
        await using (var server = await JobServer.StartAsync(new InProcessSetup { Metadata = kept }))
        {
            id = await StartAsync(server, await server.BucketAsync("acme", keys: 4), """{"kind":"copy","bucket":"acme","prefix":"k/","toPrefix":"n/"}""");
        }

        int failures = 0;
        var rows = new HookedCommits(kept)
        {
            Scanning = from =>
            {
                if (from[0] == Tables.JobUnfinished && Interlocked.Increment(ref failures) <= 2)
                {
                    throw new IOException("gone astray");
                }
            },
        };
        await using var again = await JobServer.StartAsync(new InProcessSetup
        {
            Background = true, Metadata = rows, More = static builder => builder.Services.AddSingleton(new JobOptions { RetryAfter = TimeSpan.FromMilliseconds(1) }),
        });
        JsonElement ended = await again.EndedAsync(ControlServer.Root, id);
        Assert.Equal(("succeeded", 4), (ended.GetProperty("state").GetString(), ended.GetProperty("done").GetInt32()));
    }

    private static async Task<string> StartAsync(JobServer server, Signer signer, string body) =>
        (await server.Client.DataAsync(signer, "POST", "/api/jobs", body)).GetProperty("id").GetString()!;
}
