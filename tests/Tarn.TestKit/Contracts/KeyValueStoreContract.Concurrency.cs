using Tarn.Core.KeyValue;
using Xunit;

namespace Tarn.TestKit.Contracts;

/// <summary>What holds when many callers race, and over long random histories.</summary>
public abstract partial class KeyValueStoreContract
{
    /// <summary>The number of random operations that the model test runs; an engine behind a network may use fewer.</summary>
    protected virtual int ModelOperations => 10_000;

    [Fact]
    public async Task Of_racing_commits_that_require_absence_exactly_one_wins()
    {
        for (int round = 0; round < 20; round++)
        {
            byte[] key = Bytes($"race-{round}");
            bool[] won = await Task.WhenAll(Enumerable.Range(0, 16).Select(racer => Task.Run(async () =>
                await Store.CommitAsync(
                    new KeyValueBatch().Check(key, null).Put(key, [(byte)racer]).Put([.. key, (byte)racer], []), None))));
            int winner = Assert.Single(Enumerable.Range(0, 16), racer => won[racer]);
            Assert.Equal((byte[]?)[(byte)winner], await Store.GetAsync(key, None));
            Assert.Equal(2, (await Store.ScanAsync(key, KeyCodec.PrefixEnd(key), 99, false, None))
                .Count(entry => entry.Key.Length <= key.Length + 1 && entry.Key.AsSpan().StartsWith(key)));
        }
    }

    [Fact]
    public async Task Concurrent_counters_lose_no_update()
    {
        const int Workers = 8;
        const int Increments = 50;
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(async () =>
        {
            byte[] shared = Bytes("shared");
            byte[] own = Bytes($"own-{worker}");
            for (int i = 0; i < Increments; i++)
            {
                bool applied;
                do
                {
                    byte[]?[] values = await Store.GetAsync([shared, own], None);
                    applied = await Store.CommitAsync(
                        new KeyValueBatch().Check(shared, values[0]).Put(shared, Increment(values[0])).Put(own, Increment(values[1])),
                        None);
                }
                while (!applied);
            }
        })));

        Assert.Equal(Workers * Increments, Count(await Store.GetAsync(Bytes("shared"), None)));
        for (int worker = 0; worker < Workers; worker++)
        {
            Assert.Equal(Increments, Count(await Store.GetAsync(Bytes($"own-{worker}"), None)));
        }
    }

    [Fact]
    public async Task A_scan_never_sees_half_a_batch()
    {
        using CancellationTokenSource stop = new();
        Task writer = Task.Run(async () =>
        {
            for (int i = 0; i < 300; i++)
            {
                byte[] value = Bytes($"{i}");
                await Store.CommitAsync(new KeyValueBatch().Put(Bytes("x"), value).Put(Bytes("y"), value), None);
            }

            await stop.CancelAsync();
        });
        while (!stop.IsCancellationRequested)
        {
            IReadOnlyList<KeyValueEntry> pair = await Store.ScanAsync(Bytes("x"), Bytes("z"), 2, false, None);
            Assert.True(pair.Count is 0 or 2);
            Assert.True(pair.Count == 0 || pair[0].Value.AsSpan().SequenceEqual(pair[1].Value));
        }

        await writer;
    }

    [Fact]
    public async Task Random_histories_agree_with_a_model()
    {
        Random random = new(20260101);
        SortedDictionary<byte[], byte[]> model = new(ByteStringComparer.Instance);
        for (int i = 0; i < ModelOperations; i++)
        {
            switch (random.Next(10))
            {
                case < 6:
                    await CommitToBothAsync(random, model);
                    break;
                case < 8:
                    byte[] key = Key(random);
                    Assert.Equal(model.GetValueOrDefault(key), await Store.GetAsync(key, None));
                    break;
                default:
                    await CompareScansAsync(random, model);
                    break;
            }
        }
    }

    private async Task CommitToBothAsync(Random random, SortedDictionary<byte[], byte[]> model)
    {
        KeyValueBatch batch = new();
        bool holds = true;
        for (int i = random.Next(3); i > 0; i--)
        {
            byte[] key = Key(random);
            byte[]? actual = model.GetValueOrDefault(key);
            byte[]? expected = random.Next(4) == 0 ? Value(random) : actual;
            holds &= ByteStringComparer.Instance.Equals(actual, expected);
            batch.Check(key, expected);
        }

        for (int i = random.Next(4); i > 0; i--)
        {
            _ = random.Next(3) == 0 ? batch.Delete(Key(random)) : batch.Put(Key(random), Value(random));
        }

        Assert.Equal(holds, await Store.CommitAsync(batch, None));
        foreach ((byte[] key, byte[]? value) in holds ? batch.Changes : [])
        {
            model.Remove(key);
            if (value is not null)
            {
                model.Add(key, value);
            }
        }
    }

    private async Task CompareScansAsync(Random random, SortedDictionary<byte[], byte[]> model)
    {
        byte[] from = Key(random);
        byte[] to = Key(random);
        int limit = random.Next(1, 20);
        bool reverse = random.Next(2) == 0;
        IEnumerable<KeyValuePair<byte[], byte[]>> expected = model.Where(entry =>
            ByteStringComparer.Instance.Compare(entry.Key, from) >= 0 && ByteStringComparer.Instance.Compare(entry.Key, to) < 0);
        KeyValuePair<byte[], byte[]>[] range = [.. (reverse ? expected.Reverse() : expected).Take(limit)];
        IReadOnlyList<KeyValueEntry> actual = await Store.ScanAsync(from, to, limit, reverse, None);
        Assert.Equal(range.Select(entry => entry.Key), actual.Select(entry => entry.Key));
        Assert.Equal(range.Select(entry => entry.Value), actual.Select(entry => entry.Value));
    }

    // Few distinct bytes and short keys, so that prefixes, collisions and the extremes of a byte come up all the time.
    private static byte[] Key(Random random)
    {
        byte[] key = new byte[random.Next(1, 5)];
        for (int i = 0; i < key.Length; i++)
        {
            key[i] = (byte)(random.Next(5) switch { 0 => 0x00, 1 => 0x01, 2 => 0x61, 3 => 0xFE, _ => 0xFF });
        }

        return key;
    }

    private static byte[] Value(Random random)
    {
        byte[] value = new byte[random.Next(20) == 0 ? 3000 : random.Next(4)];
        random.NextBytes(value);
        return value;
    }

    private static int Count(byte[]? value) => value is null ? 0 : BitConverter.ToInt32(value);

    private static byte[] Increment(byte[]? value) => BitConverter.GetBytes(Count(value) + 1);
}
