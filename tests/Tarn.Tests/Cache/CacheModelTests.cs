using Tarn.Core.Cache;
using static Tarn.Tests.Cache.CacheSetup;

namespace Tarn.Tests.Cache;

/// <summary>Random operations against what is known of the cache: what it must have, what it must not have, and that every byte is right.</summary>
public sealed class CacheModelTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Random_operations_with_restarts_give_right_bytes_and_keep_what_they_say(int seed)
    {
        var random = new Random(seed);
        await using CacheSetup setup = await OpenAsync(static options => options with { MaxAge = TimeSpan.FromHours(10) });

        // The frames that may be in the cache, with their buckets and when they were fetched.
        var possible = new Dictionary<FrameKey, (ulong Bucket, DateTimeOffset Fetched)>();
        for (int step = 0; step < 400; step++)
        {
            FrameKey key = RandomKey(random);
            ulong bucket = (ulong)random.Next(3);
            switch (random.Next(20))
            {
                case 0:
                    await setup.ReopenAsync();
                    break;
                case 1:
                    await setup.Cache.ClearAsync(bucket, CancellationToken.None);
                    possible = possible.Where(pair => pair.Value.Bucket != bucket).ToDictionary();
                    break;
                case 2:
                    setup.Clock.Advance(TimeSpan.FromMinutes(random.Next(120)));
                    break;
                case 3:
                    await setup.ReadAsync(key, random.Next(key.Length), null, CacheUse.None, bucket);
                    break;
                case 4:
                    await setup.ReadAllAsync(key, CacheUse.LookOnly, bucket, 100_000);
                    break;
                case 5:
                    if (setup.Cache.Prefetch(key, bucket, setup.Source) != PrefetchResult.NoRoom)
                    {
                        await setup.Cache.SettleAsync();
                        Note(key, bucket);
                        Assert.True(setup.Cache.Contains(key));
                    }

                    break;
                default:
                    await setup.ReadAllAsync(key, CacheUse.Fill, bucket, 1 + random.Next(1 << 20) + 20_000);
                    await setup.Cache.SettleAsync();
                    Note(key, bucket);
                    Assert.True(setup.Cache.Contains(key));
                    break;
            }

            Check(setup, possible);
        }

        void Note(FrameKey key, ulong bucket)
        {
            if (!possible.TryGetValue(key, out (ulong Bucket, DateTimeOffset Fetched) known) || setup.Clock.GetUtcNow() - known.Fetched > TimeSpan.FromHours(10) || setup.Source.Opened.LastOrDefault() == key)
            {
                possible[key] = (bucket, setup.Clock.GetUtcNow());
            }

            setup.Source.Opened.Clear();
        }
    }

    private static void Check(CacheSetup setup, Dictionary<FrameKey, (ulong Bucket, DateTimeOffset Fetched)> possible)
    {
        int found = 0;
        for (int number = 0; number < Numbers; number++)
        {
            FrameKey key = NumberedKey(number);
            bool isThere = setup.Cache.Contains(key);
            found += isThere ? 1 : 0;
            Assert.True(!isThere || (possible.TryGetValue(key, out (ulong Bucket, DateTimeOffset Fetched) known) && setup.Clock.GetUtcNow() - known.Fetched <= TimeSpan.FromHours(10)), $"{key} must not be there");
        }

        Assert.InRange(setup.Statistics.Frames, found, Numbers);
        Assert.InRange(setup.Statistics.UsedBytes, 0, setup.Options.Capacity);
        Assert.Empty(setup.StoredDamage);
    }

    private const int Numbers = 80;

    private static FrameKey RandomKey(Random random) => NumberedKey(random.Next(Numbers));

    private static FrameKey NumberedKey(int number) => (number % 5) switch
    {
        0 => Key(number, 0, 1 + (number * 800)),
        1 => new FrameKey(BlobContent.Blob(number), 1000 + number, 300_000),
        2 => Key(number, 5, 600_000),
        _ => Key(number),
    };
}
