using Tarn.Core.Jobs;
using Tarn.Core.Model;
using Tarn.TestKit.Stores;

namespace Tarn.Tests.Jobs;

/// <summary>
/// Every kind of job over random histories of plain and versioned buckets leaves exactly what a model says, and counts every key exactly once, however often the server dies
/// before or after any commit in the middle of it.
/// </summary>
public sealed class JobHistoryTests
{
    private static readonly string[] Keys = [.. "abcdefgh".Select(static c => $"in/{c}"), "in/in/a", "in/sub/x", "in/sub/in/y", "in/", "out/a", "out/c", "other", "z"];

    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (string state in Enum.GetNames<VersioningState>())
        {
            foreach (string job in Jobs(StateOf(state)).Keys)
            {
                cases.Add(job, state);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_job_leaves_what_the_model_says_whenever_the_server_dies(string name, string state)
    {
        JobParameters wanted = Jobs(StateOf(state))[name];
        for (int seed = 0; seed < 12; seed++)
        {
            var random = new Random(seed);
            var fixture = new JobFixture(seed);
            (JobModel source, JobModel target) = await HistoryAsync(fixture, StateOf(state), random);
            JobModel destination = wanted.StaysInBucket ? source : target;
            (long done, long failed, long skipped) = source.Apply(wanted, destination);
            Job job = await fixture.CreateAsync(wanted);
            JobRecord ended = await RunAsync(fixture, job.Id, random, crashes: seed % 4);

            Assert.Equal(JobState.Succeeded, ended.State);
            Assert.Equal(source.Lines, await fixture.DumpAsync("source"));
            Assert.Equal(target.Lines, await fixture.DumpAsync("target"));
            Assert.Equal((done, failed, skipped), (ended.Counts.Done, ended.Counts.Failed, ended.Counts.Skipped));
            Assert.Equal(failed, (await fixture.Jobs.ErrorsAsync(job.Id, 1000, JobFixture.Token)).Count);
            Assert.Equal(0, await fixture.MarksAsync(job.Id));
            Assert.Empty(fixture.Failures);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_dry_run_counts_the_same_and_changes_nothing(string name, string state)
    {
        var fixture = new JobFixture();
        (JobModel source, JobModel target) = await HistoryAsync(fixture, StateOf(state), new Random(5));
        (string[] before, string[] beside) = (await fixture.DumpAsync("source"), await fixture.DumpAsync("target"));
        JobParameters wanted = Jobs(StateOf(state))[name];

        // Keys that are renamed onto each other make a difference that a dry run does not foresee; there are none here but in the same bucket.
        (long done, long failed, long skipped) = source.Apply(wanted, wanted.StaysInBucket ? source : target);
        JobRecord ended = await fixture.RunAsync(wanted with { DryRun = true });
        Assert.Equal((done, failed, skipped), (ended.Counts.Done, ended.Counts.Failed, ended.Counts.Skipped));
        Assert.Equal(before, await fixture.DumpAsync("source"));
        Assert.Equal(beside, await fixture.DumpAsync("target"));
        Assert.DoesNotContain(await fixture.Rows.ScanAsync([Core.Records.Tables.JobKey], [Core.Records.Tables.JobKey + 1], 1000, reverse: false, JobFixture.Token), row => row.Key[17] == Core.Records.Tables.JobMarkKind);
    }

    private static VersioningState StateOf(string name) => Enum.Parse<VersioningState>(name);

    private static Dictionary<string, JobParameters> Jobs(VersioningState state)
    {
        var tags = new KeyValuePair<string, string>[] { new("t", "new"), new("u", "1") };
        var jobs = new Dictionary<string, JobParameters>
        {
            ["delete"] = new() { Kind = JobKind.Delete, Bucket = "source", Prefix = "in/", Versions = state == VersioningState.Never ? JobVersions.Unspecified : JobVersions.Markers },
            ["delete all versions"] = new() { Kind = JobKind.Delete, Bucket = "source", Prefix = "in/", Versions = JobVersions.All },
            ["empty"] = new() { Kind = JobKind.Empty, Bucket = "source", Versions = JobVersions.All },
            ["copy"] = new() { Kind = JobKind.Copy, Bucket = "source", Prefix = "in/", ToBucket = "target", ToPrefix = "out/" },
            ["copy over"] = new() { Kind = JobKind.Copy, Bucket = "source", Prefix = "in/", ToBucket = "target", ToPrefix = "out/", Overwrite = true },
            ["copy in the bucket"] = new() { Kind = JobKind.Copy, Bucket = "source", Prefix = "in/", ToPrefix = "out/" },
            ["rename"] = new() { Kind = JobKind.Rename, Bucket = "source", Prefix = "in/", ToPrefix = "out/" },
            ["rename over"] = new() { Kind = JobKind.Rename, Bucket = "source", Prefix = "in/", ToBucket = "target", ToPrefix = "", Overwrite = true },
            ["rename upwards"] = new() { Kind = JobKind.Rename, Bucket = "source", Prefix = "in/sub/", ToPrefix = "in/" },
            ["rename to the top"] = new() { Kind = JobKind.Rename, Bucket = "source", Prefix = "in/", ToPrefix = "" },
            ["tag"] = new() { Kind = JobKind.Tag, Bucket = "source", Prefix = "in/", Tags = tags },
            ["tag and keep"] = new() { Kind = JobKind.Tag, Bucket = "source", Tags = tags, Merge = true },
            ["remove tags"] = new() { Kind = JobKind.Tag, Bucket = "source", Prefix = "in/" },
        };
        if (state == VersioningState.Enabled)
        {
            jobs["restore"] = new JobParameters { Kind = JobKind.Restore, Bucket = "source", Prefix = "in/" };
        }

        return jobs;
    }

    /// <summary>Runs a job, and dies a few times, each time at some commit of the run.</summary>
    private static async Task<JobRecord> RunAsync(JobFixture fixture, Id128 id, Random random, int crashes)
    {
        for (int i = 0; i < crashes; i++)
        {
            var crash = new CrashPoint(random.Next(1, 14), random.Next(2) == 0 ? CrashSide.Before : CrashSide.After);
            fixture.Open(crash);
            try
            {
                if (await fixture.Runner.RunAsync(id, fixture, JobFixture.Token) is { } ended)
                {
                    return ended.Record;
                }
            }
            catch (InjectedCrashException)
            {
                fixture.Failures.Clear();
            }
        }

        fixture.Open(CrashPoint.Never());
        return (await fixture.Runner.RunAsync(id, fixture, JobFixture.Token) ?? await fixture.Jobs.FindAsync(id, JobFixture.Token))!.Record;
    }

    private static async Task<(JobModel Source, JobModel Target)> HistoryAsync(JobFixture fixture, VersioningState state, Random random)
    {
        await fixture.BeginAsync();
        (JobModel source, JobModel target) = (new(VersioningState.Never), new(state));
        await fixture.BucketAsync("source");
        await fixture.BucketAsync("target", state);

        // A suspended bucket has a history of all three states.
        VersioningState[] states = state == VersioningState.Suspended ? [VersioningState.Never, VersioningState.Enabled, state] : [state];
        foreach (VersioningState now in states)
        {
            if (now != VersioningState.Never)
            {
                await fixture.Objects.Buckets.SetVersioningAsync(await fixture.FindAsync("source"), now, JobFixture.Token);
            }

            source.Versioning = now;
            for (int i = 0; i < 45; i++)
            {
                await StepAsync(fixture, source, "source", random);
            }
        }

        for (int i = 0; i < 8; i++)
        {
            await StepAsync(fixture, target, "target", random);
        }

        return (source, target);
    }

    private static async Task StepAsync(JobFixture fixture, JobModel model, string bucket, Random random)
    {
        string key = Keys[random.Next(Keys.Length)];
        if (random.Next(4) == 0)
        {
            await fixture.DeleteAsync(bucket, key);
            model.Delete(key);
            return;
        }

        string content = new((char)('a' + random.Next(26)), random.Next(1, 200));
        (string, string)[] tags = random.Next(2) == 0 ? [] : [("t", "old"), ("k", "kept")];
        await fixture.PutAsync(bucket, key, content, tags);
        model.Put(key, content, string.Join(',', tags.Select(static tag => $"{tag.Item1}={tag.Item2}")));
    }
}
