using System.Buffers;
using System.Security.Cryptography;
using Tarn.Core.Hashing;
using Tarn.Core.Hashing.Lanes;

namespace Tarn.Tests.Hashing.Lanes;

/// <summary>Many streams at once on the thread pool, in runs and segments of any length, against the platform's MD5.</summary>
public sealed class Md5HasherTests
{
    public static TheoryData<int, int> Machines { get; } = Combine();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Machines))]
    public async Task Any_interleaving_of_streams_in_any_pieces_is_the_platforms(int processors, int lanes)
    {
        var scheduler = new Md5Scheduler(
            processors, [.. Kernels.All.Where(kernel => kernel.Lanes <= lanes)], static worker => ThreadPool.UnsafeQueueUserWorkItem(worker, preferLocal: false));
        int[] seeds = [.. Enumerable.Range(processors * 1000, 50)];
        await Task.WhenAll(seeds.Select(seed => Task.Run(() => HashAsync(scheduler, seed), Token)));
    }

    [Fact]
    public async Task Uploads_share_the_scheduler_of_the_process()
    {
        byte[] data = CrcTests.Bytes(new Random(1), 1 << 20);
        byte[] expected = MD5.HashData(data);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Task.Run(
            async () =>
            {
                using StreamHasher hasher = StreamHasher.CreateSharedMd5();
                await hasher.AppendAsync(new ReadOnlySequence<byte>(data));
                Assert.Equal(expected, hasher.Finish());
            },
            Token)));
    }

    private static TheoryData<int, int> Combine()
    {
        TheoryData<int, int> data = [];
        foreach (int processors in new[] { 1, 2, 8 })
        {
            data.Add(processors, 0);
            foreach (Md5Kernel kernel in Kernels.All)
            {
                data.Add(processors, kernel.Lanes);
            }
        }

        return data;
    }

    /// <summary>A few messages one after another by one hasher, from buffers that are closed as soon as they are given back.</summary>
    private static async Task HashAsync(Md5Scheduler scheduler, int seed)
    {
        var random = new Random(seed);
        using var hasher = new Md5Hasher(scheduler);
        for (int message = 0; message < 3; message++)
        {
            using var expected = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
            for (int run = random.Next(8); run >= 0; run--)
            {
                TrackedMemory[] segments = [.. Enumerable.Range(0, random.Next(6)).Select(_ => new TrackedMemory(CrcTests.Bytes(random, Length(random))))];
                Array.ForEach(segments, segment => expected.AppendData(segment.GetSpan()));
                await hasher.AppendAsync(Segment.Sequence(segments.Select(segment => (ReadOnlyMemory<byte>)segment.Memory)));
                Array.ForEach(segments, segment => segment.Close());
                byte[] some = CrcTests.Bytes(random, random.Next(100));
                expected.AppendData(some);
                hasher.Append(some);
            }

            Assert.Equal(expected.GetHashAndReset(), hasher.Finish());
        }
    }

    private static int Length(Random random) => random.Next(4) switch
    {
        0 => random.Next(200),
        1 => random.Next(3000),
        2 => 64 * random.Next(600),
        _ => random.Next(70_000),
    };
}
