using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Mirroring;
using Tarn.TestKit.Stores;

namespace Tarn.Tests.Mirroring;

/// <summary>The process dies at any point of commits, blobs, a loss and a fill: no start shows less than what was answered.</summary>
public sealed class MirrorCrashTests
{
    private const int Both = 2;

    private static readonly byte[] Counter = TestMirror.Bytes("counter");

    /// <summary>Which sides the start after the crash has.</summary>
    public static TheoryData<int, CrashSide> Starts => new()
    {
        { 0, CrashSide.Before },
        { 0, CrashSide.After },
        { 1, CrashSide.Before },
        { 1, CrashSide.After },
        { Both, CrashSide.Before },
        { Both, CrashSide.After },
    };

    [Theory]
    [MemberData(nameof(Starts))]
    public async Task A_crash_at_any_point_loses_nothing_that_was_answered(int start, CrashSide side)
    {
        int points = (await RunAsync(int.MaxValue, side)).Count;
        Assert.True(points > 40);
        int refused = 0;
        for (int n = 1; n <= points; n++)
        {
            Run run = await RunAsync(n, side);
            await using TestMirror mirror = run.Mirror;
            if (start == Both)
            {
                await mirror.OpenWholeAsync();
                await AssertHasAsync(run, $"both sides after point {n}");
                await AssertBothHaveAsync(run);
                continue;
            }

            mirror[1 - start].Broken = new IOException("not there");
            try
            {
                await mirror.OpenAsync();
                await AssertHasAsync(run, $"side {start} after point {n}");
            }
            catch (MirrorRefusedException)
            {
                refused++;
            }
        }

        Assert.True(start == Both || refused < points || start == 1);
    }

    /// <summary>The rows of both sides are the same. A blob that was not answered may be on one side: its announcement removes it.</summary>
    private static async Task AssertBothHaveAsync(Run run)
    {
        Assert.Equal(await run.Mirror.Data.SharedRowsAsync(), await run.Mirror.Other.SharedRowsAsync());
        Dictionary<BlobId, string> data = await run.Mirror.Data.AllBlobsAsync();
        Dictionary<BlobId, string> other = await run.Mirror.Other.AllBlobsAsync();
        Assert.All(run.Blobs, blob => Assert.Equal(data[blob.Blob], other[blob.Blob]));
    }

    private static async Task AssertHasAsync(Run run, string what)
    {
        foreach ((string key, string value) in run.Rows)
        {
            Assert.True(await run.Mirror.GetAsync(key) is { } found && string.CompareOrdinal(found, value) >= 0, $"{what} lacks {key}={value}");
        }

        long[] count = new long[1];
        KeyValueCounter.Read(await run.Mirror.Mirror.Metadata.GetAsync(Counter, default), count);
        int added = (await run.Mirror.Mirror.Metadata.ScanAsync(TestMirror.Bytes("c "), TestMirror.Bytes("c!"), 100, false, default)).Count;
        Assert.True(count[0] == added, $"{what} counts {count[0]} of {added}");
        foreach ((BlobId blob, string content) in run.Blobs)
        {
            Assert.True(await run.Mirror.ReadAsync(blob) == content, $"{what} lacks blob {content}");
        }
    }

    /// <summary>Runs the history until the nth change of either side, at which the process dies.</summary>
    private static async Task<Run> RunAsync(int nth, CrashSide side)
    {
        var run = new Run();
        Task CrashAsync(bool isAfter)
        {
            int number = isAfter ? Volatile.Read(ref run.Count) : Interlocked.Increment(ref run.Count);
            return run.IsDead || (number == nth && isAfter == (side == CrashSide.After)) || number > nth ? Die() : Task.CompletedTask;

            Task Die()
            {
                run.IsDead = true;
                throw new InjectedCrashException($"at change {number}");
            }
        }

        foreach (TestSide device in (TestSide[])[run.Mirror.Data, run.Mirror.Other])
        {
            device.BeforeChange = _ => CrashAsync(isAfter: false);
            device.AfterChange = _ => CrashAsync(isAfter: true);
        }

        try
        {
            await HistoryAsync(run);
        }
        catch (Exception) when (run.IsDead)
        {
            // Whatever the callers of a dead process would have got.
        }

        if (run.Mirror.Mirror is not null)
        {
            await run.Mirror.Mirror.DisposeAsync();
        }

        run.Mirror.Data.Leave();
        run.Mirror.Other.Leave();
        foreach (TestSide device in (TestSide[])[run.Mirror.Data, run.Mirror.Other])
        {
            device.BeforeChange = device.AfterChange = null;
            device.Broken = null;
        }

        return run;
    }

    private static async Task HistoryAsync(Run run)
    {
        TestMirror mirror = run.Mirror;
        await FillAsync(run, mirror.OpenAsync);
        await PutAsync(run, "1");
        mirror.Other.Broken = new IOException("gone");
        await PutAsync(run, "2");
        mirror.Other.Broken = null;
        await FillAsync(run, RetryAsync);
        await PutAsync(run, "3");
        mirror.Data.Broken = new IOException("gone");
        await PutAsync(run, "4");
        mirror.Data.Broken = null;
        await FillAsync(run, RetryAsync);
        await PutAsync(run, "5");

        Task RetryAsync()
        {
            mirror.Mirror.Retry();
            return Task.CompletedTask;
        }
    }

    private static async Task FillAsync(Run run, Func<Task> begin)
    {
        Task filled = run.Mirror.WhenAsync("filled");
        Task failed = run.Mirror.WhenAsync("fill failed");
        await begin();
        if (await Task.WhenAny(filled, failed).WaitAsync(TimeSpan.FromMinutes(1)) == failed)
        {
            throw new InjectedCrashException("in the fill");
        }
    }

    private static async Task PutAsync(Run run, string value)
    {
        BlobId blob = await run.Mirror.WriteAsync("blob " + value);
        run.Blobs.Add((blob, "blob " + value));
        foreach (string key in (string[])["a", "b " + value])
        {
            await run.Mirror.PutAsync(key, value);
            run.Rows[key] = value;
        }

        // With a row that tells whether it was added: a group that comes to a side twice must not add twice.
        await run.Mirror.Mirror.Metadata.CommitAsync(new KeyValueBatch().Put(TestMirror.Bytes("c " + value), []).Add(Counter, 1), default);

        if (run.Blobs.Count > 3)
        {
            (BlobId oldest, _) = run.Blobs[0];
            run.Blobs.RemoveAt(0);
            await run.Mirror.Mirror.Blobs.DeleteAsync(oldest, default);
        }
    }

    /// <summary>A run, and what was answered in it.</summary>
    private sealed class Run
    {
        public int Count;

        public TestMirror Mirror { get; } = new();

        public Dictionary<string, string> Rows { get; } = [];

        public List<(BlobId Blob, string Content)> Blobs { get; } = [];

        public bool IsDead { get; set; }
    }
}
