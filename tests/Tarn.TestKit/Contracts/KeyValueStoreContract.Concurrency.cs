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
    public async Task Concurrent_additions_never_conflict_and_lose_nothing()
    {
        const int Workers = 16;
        const int Additions = 50;
        byte[] key = Bytes("sum");
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(async () =>
        {
            for (int i = 0; i < Additions; i++)
            {
                Assert.True(await Store.CommitAsync(new KeyValueBatch().Put(Bytes($"row-{worker}-{i}"), []).Add(key, 1, -i), None));
            }
        })));

        long[] sums = new long[3];
        KeyValueCounter.Read(await Store.GetAsync(key, None), sums);
        Assert.Equal([Workers * Additions, -Workers * Additions * (Additions - 1) / 2, 0], sums);
    }

    [Fact]
    public async Task An_addition_is_made_with_its_batch_or_not_at_all()
    {
        byte[] key = Bytes("sum");
        Assert.False(await Store.CommitAsync(new KeyValueBatch().Check(Bytes("a"), Bytes("1")).Add(key, 1), None));
        Assert.Null(await Store.GetAsync(key, None));

        Assert.True(await Store.CommitAsync(new KeyValueBatch().Add(key, 1).Add(key, 2, 5).Add(Bytes("other"), 7), None));
        Assert.Equal("00-00-00-00-00-00-00-03-00-00-00-00-00-00-00-05", BitConverter.ToString((await Store.GetAsync(key, None))!));

        Assert.True(await Store.CommitAsync(new KeyValueBatch().Add(key, -4), None));
        Assert.Equal("FF-FF-FF-FF-FF-FF-FF-FF-00-00-00-00-00-00-00-05", BitConverter.ToString((await Store.GetAsync(key, None))!));
    }

    [Fact]
    public async Task A_counter_of_zeros_is_no_row()
    {
        byte[] key = Bytes("sum");
        await Store.CommitAsync(new KeyValueBatch().Add(key, 0, 0), None);
        Assert.Null(await Store.GetAsync(key, None));
        await Store.CommitAsync(new KeyValueBatch().Add(key, 1, 2), None);
        await Store.CommitAsync(new KeyValueBatch().Add(key, -1, -2), None);
        Assert.Null(await Store.GetAsync(key, None));
    }

    [Fact]
    public async Task A_counter_that_is_none_begins_anew_and_keeps_no_batch_from_its_commit()
    {
        await Store.CommitAsync(new KeyValueBatch().Put(KeyValueCounter.WholeRow, [1]), None);
        await PutAsync("k", "seven b");
        Assert.True(await Store.CommitAsync(new KeyValueBatch().Put(Bytes("a"), []).Add(Bytes("other"), 5), None));
        Assert.NotNull(await Store.GetAsync(KeyValueCounter.WholeRow, None));

        Assert.True(await Store.CommitAsync(new KeyValueBatch().Put(Bytes("b"), []).Add(Bytes("k"), 1), None));
        Assert.Equal("", await ReadAsync("b"));
        Assert.Equal("00-00-00-00-00-00-00-01", BitConverter.ToString((await Store.GetAsync(Bytes("k"), None))!));
        Assert.Null(await Store.GetAsync(KeyValueCounter.WholeRow, None));
    }

    [Fact]
    public async Task Batches_that_put_delete_and_add_to_one_counter_apply_one_after_the_other()
    {
        byte[] key = Bytes("sum");
        for (int round = 0; round < 30; round++)
        {
            long[] ends = new long[2];
            bool[] held = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => Task.Run(async () => await Store.CommitAsync(
                (i % 8) switch
                {
                    0 => new KeyValueBatch().Delete(key),
                    1 => new KeyValueBatch().Put(key, [0, 0, 0, 0, 0, 0, 1, 0]),
                    2 => new KeyValueBatch().Check(key, [0, 0, 0, 0, 0, 0, 1, 1]).Add(key, 1 << 16),
                    _ => new KeyValueBatch().Add(key, 1),
                },
                None))));
            KeyValueCounter.Read(await Store.GetAsync(key, None), ends);
            Assert.All(held.Where((_, i) => i % 8 != 2), Assert.True);

            // 256 at most once, since a put sets it; 1 at most fifteen times; 65,536 only where a check held.
            Assert.InRange(ends[0] & 0xFFFF, 0, 256 + 15);
            Assert.InRange(ends[0] >> 16, 0, held.Where((_, i) => i % 8 == 2).Count(static holds => holds));
            Assert.Equal(0, ends[1]);
            await Store.CommitAsync(new KeyValueBatch().Delete(key), None);
        }
    }

    [Fact]
    public void A_batch_does_not_add_to_what_it_puts_or_deletes()
    {
        byte[] key = Bytes("k");
        Assert.Throws<InvalidOperationException>(() => new KeyValueBatch().Put(key, []).Add(key, 1));
        Assert.Throws<InvalidOperationException>(() => new KeyValueBatch().Delete(key).Add(key, 1));
        Assert.Throws<InvalidOperationException>(() => new KeyValueBatch().Add(key, 1).Put([.. key], []));
        Assert.Throws<InvalidOperationException>(() => new KeyValueBatch().Add(key, 1).Delete([.. key]));
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

        if (random.Next(3) == 0)
        {
            // Counters are put, deleted and checked like other rows, by the way, but not by a batch that adds to them.
            byte[] counter = Counter(random);
            _ = random.Next(4) switch
            {
                0 => batch.Delete(counter),
                1 => batch.Put(counter, new byte[8]),
                2 => batch.Check(counter, model.GetValueOrDefault(counter)),
                _ => batch,
            };
            for (int i = random.Next(3); i > 0; i--)
            {
                byte[] added = Counter(random);
                if (batch.Changes.Any(change => change.Key.AsSpan().SequenceEqual(added)))
                {
                    continue;
                }

                batch.Add(added, [.. Enumerable.Range(0, random.Next(4)).Select(_ => (long)random.Next(-2, 3))]);
            }
        }

        Assert.Equal(holds, await Store.CommitAsync(batch, None));
        if (!holds)
        {
            return;
        }

        foreach ((byte[] key, byte[]? value) in batch.Changes.Concat(Sums()))
        {
            model.Remove(key);
            if (value is not null)
            {
                model.Add(key, value);
            }
        }

        IEnumerable<KeyValueChange> Sums()
        {
            foreach ((byte[] key, long[] deltas) in batch.Additions)
            {
                long[] sums = [.. Numbers(model.GetValueOrDefault(key)).Zip(Enumerable.Concat(deltas, Enumerable.Repeat(0L, 4)), static (one, other) => one + other)];
                int length = Math.Max(model.GetValueOrDefault(key)?.Length / 8 ?? 0, deltas.Length);
                yield return new(key, sums.All(static sum => sum == 0) ? null : [.. sums.Take(length).SelectMany(static sum => BitConverter.GetBytes(sum).Reverse())]);
            }
        }

        static IEnumerable<long> Numbers(byte[]? value) =>
            Enumerable.Range(0, 4).Select(at => value?.Length >= (at + 1) * 8 ? BitConverter.ToInt64([.. value.AsSpan(at * 8, 8).ToArray().Reverse()]) : 0);
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

    private static byte[] Counter(Random random) => [0x80, (byte)random.Next(3)];

    private static byte[] Value(Random random)
    {
        byte[] value = new byte[random.Next(20) == 0 ? 3000 : random.Next(4)];
        random.NextBytes(value);
        return value;
    }

    private static int Count(byte[]? value) => value is null ? 0 : BitConverter.ToInt32(value);

    private static byte[] Increment(byte[]? value) => BitConverter.GetBytes(Count(value) + 1);
}
