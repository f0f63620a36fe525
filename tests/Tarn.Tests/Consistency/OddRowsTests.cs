using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Consistency;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Records;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Consistency;

/// <summary>Whatever a row holds, a check goes on to its end and says what it found.</summary>
public sealed class OddRowsTests
{
    private const int ValuesPerRow = 14;
    private const int KeysPerTable = 20;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Rows_of_any_content_end_in_a_verdict(int seed)
    {
        CheckedStore store = await CheckedStore.CreateAsync();
        await store.AddIdentitiesAsync();
        await AddDamageAsync(store);
        Assert.Empty((await store.CheckAsync()).Findings);
        var random = new Random(seed);
        foreach (KeyValueEntry row in await store.Fixture.KeyValue.ScanAsync([0], [0xFF], int.MaxValue, reverse: false, StoreFixture.Token))
        {
            for (int i = 0; i < ValuesPerRow; i++)
            {
                await store.PutAsync(row.Key, Change(row.Value, random));
                await CheckAsync(store, row.Key, readsData: i % 4 == 0);
            }

            await store.DeleteAsync(row.Key);
            for (int i = 0; i < ValuesPerRow / 2; i++)
            {
                byte[] key = [row.Key[0], .. Change(row.Key[1..], random)];
                if (await store.Fixture.KeyValue.GetAsync(key, StoreFixture.Token) is null)
                {
                    await store.PutAsync(key, row.Value);
                    await CheckAsync(store, key, readsData: i % 4 == 0);
                    await store.DeleteAsync(key);
                }
            }

            await store.PutAsync(row.Key, row.Value);
        }

        foreach (byte table in (byte[])[.. RowDecoders.Known, 0x01, 0xFF])
        {
            for (int i = 0; i < KeysPerTable; i++)
            {
                byte[] key = [table, .. Bytes(random, i * 2)], value = Bytes(random, random.Next(20));
                if (await store.Fixture.KeyValue.GetAsync(key, StoreFixture.Token) is null)
                {
                    await store.PutAsync(key, value);
                    await CheckAsync(store, key, readsData: false);
                    await store.DeleteAsync(key);
                }
            }
        }
    }

    [Fact]
    public async Task A_row_of_the_last_table_is_not_left_out()
    {
        CheckedStore store = await CheckedStore.CreateAsync();
        await store.PutAsync([0xFF, 0xFF, 0xFF], [1]);
        Finding finding = Assert.Single((await store.CheckAsync()).Findings);
        Assert.Equal(FindingKind.Unreadable, finding.Kind);
    }

    [Fact]
    public async Task Without_reading_data_the_list_of_damage_is_believed()
    {
        CheckedStore store = await CheckedStore.CreateAsync();
        await AddDamageAsync(store);
        (List<Finding> findings, _) = await store.CheckAsync(new CheckOptions { ReadsData = false });
        Finding finding = Assert.Single(findings);
        Assert.Equal((FindingKind.Damaged, "bucket", "single"), (finding.Kind, finding.Bucket, finding.Key));
        Assert.Empty((await store.CheckAsync()).Findings);
        await store.Fixture.DeleteAsync(store.Bucket, "single");
        await store.Fixture.Store.Deleter.DeleteAsync(
            store.Bucket, StoreFixture.Key("single"), "null", "owner", Tarn.Core.Objects.Writing.DeleteCondition.None, StoreFixture.Token);
        Assert.Empty((await store.CheckAsync(new CheckOptions { ReadsData = false })).Findings);
    }

    private static async Task AddDamageAsync(CheckedStore store)
    {
        byte[] key = StoreFixture.Key("single").Utf8;
        VersionId order = (await store.RecordAsync("single")).EffectiveOrder;
        byte[] place = Tables.HistoryKey(store.Bucket.Id, key, order);
        var record = new DamageRecord { Kind = DamageKind.Checksum, BucketId = store.Bucket.Id, Key = key, FirstSeen = 1, LastSeen = 2 };
        BlobId blob = await store.BlobAsync("single");
        await store.PutAsync(Tables.DamageKey(blob.Value, place), record.Encode());
    }

    private static async Task CheckAsync(CheckedStore store, byte[] row, bool readsData)
    {
        try
        {
            (List<Finding> findings, CheckSummary summary) = await store.CheckAsync(new CheckOptions { ReadsData = readsData });
            Assert.True(findings.Count > 0 || !summary.IsIncomplete);
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            byte[]? value = await store.Fixture.KeyValue.GetAsync(row, StoreFixture.Token);
            string name = Tables.Describe(row);
            Assert.Fail($"{name} = {Convert.ToHexStringLower(value ?? [])}: {e}");
        }
    }

    private static byte[] Change(byte[] bytes, Random random)
    {
        byte[] changed = [.. bytes];
        int at = changed.Length == 0 ? 0 : random.Next(changed.Length);
        switch (random.Next(7))
        {
            case 0 when changed.Length > 0: changed[at] ^= (byte)(1 << random.Next(8)); return changed;
            case 1 when changed.Length > 0: changed[at] = 0xFF; return changed;
            case 2 when changed.Length > 0: changed[at] = (byte)random.Next(256); return changed;
            case 3: return changed[..at];
            case 4: return [.. changed[..at], .. Bytes(random, random.Next(1, 4)), .. changed[at..]];
            case 5 when changed.Length > 0: return [.. changed[..at], .. changed[(at + 1)..]];
            default: return [.. changed[..at], 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, .. changed[Math.Min(at + 1, changed.Length)..]];
        }
    }

    private static byte[] Bytes(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
