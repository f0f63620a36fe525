using System.Text;
using Tarn.Core.KeyValue;
using Xunit;

namespace Tarn.TestKit.Contracts;

/// <summary>What every <see cref="IKeyValueStore"/> must do. Derive one class per engine.</summary>
public abstract partial class KeyValueStoreContract : IAsyncLifetime
{
    protected static readonly byte[] First = [];
    protected static readonly byte[] Last = [.. Enumerable.Repeat((byte)0xFF, 16)];

    protected IKeyValueStore Store { get; private set; } = null!;

    private static CancellationToken None => CancellationToken.None;

    /// <summary>Opens the engine: over an empty directory the first time, over the data of the previous one afterwards.</summary>
    protected abstract ValueTask<IKeyValueStore> OpenAsync();

    /// <summary>Removes what the engine stored.</summary>
    protected virtual ValueTask CleanUpAsync() => default;

    public async ValueTask InitializeAsync() => Store = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await CleanUpAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the engine and opens it again.</summary>
    protected async Task ReopenAsync()
    {
        await Store.DisposeAsync();
        Store = await OpenAsync();
    }

    [Fact]
    public async Task What_was_put_is_read()
    {
        await PutAsync("a", "1");
        Assert.Equal("1", await ReadAsync("a"));
        await PutAsync("a", "2");
        Assert.Equal("2", await ReadAsync("a"));
        await DeleteAsync("a");
        Assert.Null(await ReadAsync("a"));
        await DeleteAsync("a");
    }

    [Fact]
    public async Task A_snapshot_shows_nothing_that_came_later()
    {
        await PutAsync("a", "1");
        await PutAsync("b", "1");
        await using (IKeyValueSnapshot before = await Store.OpenSnapshotAsync(None))
        {
            await PutAsync("a", "2");
            await DeleteAsync("b");
            await PutAsync("c", "2");
            await using IKeyValueSnapshot after = await Store.OpenSnapshotAsync(None);
            await PutAsync("d", "3");
            Assert.Equal(["a=1", "b=1"], await AllAsync(before));
            Assert.Equal(["a=2", "c=2"], await AllAsync(after));
            Assert.Equal("1", Encoding.UTF8.GetString((await before.GetAsync(Bytes("b"), None))!));
            Assert.Equal([true, false, false], (await after.GetAsync([Bytes("a"), Bytes("b"), Bytes("d")], None)).Select(value => value is not null));
        }

        Assert.Equal(["a=2", "c=2", "d=3"], await AllAsync(Store));
        static async Task<IEnumerable<string>> AllAsync(IKeyValueReader reader) =>
            (await reader.ScanAsync(First, Last, 9, reverse: false, None))
                .Select(entry => $"{Encoding.UTF8.GetString(entry.Key)}={Encoding.UTF8.GetString(entry.Value)}");
    }

    [Fact]
    public async Task An_empty_value_is_not_an_absent_one()
    {
        byte[] key = Bytes("k");
        Assert.False(await Store.CommitAsync(new KeyValueBatch().Check(key, []), None));
        await PutAsync("k", "");
        Assert.Equal("", await ReadAsync("k"));
        Assert.False(await Store.CommitAsync(new KeyValueBatch().Check(key, null), None));
        Assert.True(await Store.CommitAsync(new KeyValueBatch().Check(key, []), None));
        Assert.Single(await ScanAsync("", "z"));
    }

    [Fact]
    public async Task Many_keys_are_read_in_the_order_asked()
    {
        await PutAsync("a", "1");
        await PutAsync("b", "2");
        byte[]?[] values = await Store.GetAsync([Bytes("b"), Bytes("x"), Bytes("a"), Bytes("b")], None);
        Assert.Equal(["2", null, "1", "2"], values.Select(value => value is null ? null : Text(value)));
        Assert.Empty(await Store.GetAsync(Array.Empty<byte[]>(), None));
    }

    [Fact]
    public async Task A_scan_is_in_unsigned_byte_order()
    {
        byte[][] keys =
        [
            [0x00], [0x00, 0x00], [0x00, 0xFF], [0x01], [0x61], [0x61, 0x00], [0x61, 0x61], [0x7F], [0x80], [0xC3, 0xA9],
            [0xFF], [0xFF, 0x00], [0xFF, 0xFF],
        ];
        foreach (byte[] key in keys.OrderBy(key => key.Sum(value => value * 37) % 11))
        {
            await Store.CommitAsync(new KeyValueBatch().Put(key, key), None);
        }

        Assert.Equal(keys, (await Store.ScanAsync(First, Last, 100, false, None)).Select(entry => entry.Key));
        Assert.Equal(keys, (await Store.ScanAsync(First, Last, 100, false, None)).Select(entry => entry.Value));
        Assert.Equal(keys.Reverse(), (await Store.ScanAsync(First, Last, 100, true, None)).Select(entry => entry.Key));
    }

    [Theory]
    [InlineData("b", "d", 9, false, "b,c")]
    [InlineData("b", "d", 9, true, "c,b")]
    [InlineData("b", "d", 1, false, "b")]
    [InlineData("b", "d", 1, true, "c")]
    [InlineData("bb", "z", 9, false, "c,d")]
    [InlineData("", "bb", 9, true, "b,a")]
    [InlineData("e", "z", 9, false, "")]
    [InlineData("c", "c", 9, false, "")]
    [InlineData("d", "a", 9, false, "")]
    [InlineData("d", "a", 9, true, "")]
    [InlineData("a", "z", 0, false, "")]
    [InlineData("", "", 9, false, "")]
    public async Task A_scan_keeps_its_bounds_and_limit(string from, string to, int limit, bool reverse, string expected)
    {
        foreach (string key in (string[])["a", "b", "c", "d"])
        {
            await PutAsync(key, key);
        }

        Assert.Equal(expected, string.Join(',', await ScanAsync(from, to, limit, reverse)));
    }

    [Fact]
    public async Task A_scan_resumes_past_any_key()
    {
        KeyValueBatch batch = new();
        for (int i = 0; i < 1000; i++)
        {
            batch.Put(Bytes($"{i:d4}"), Bytes($"{i}"));
        }

        await Store.CommitAsync(batch, None);
        List<string> seen = [];
        byte[] from = First;
        while (await Store.ScanAsync(from, Last, 7, false, None) is { Count: > 0 } page)
        {
            seen.AddRange(page.Select(entry => Text(entry.Key)));
            from = [.. page[^1].Key, 0];
        }

        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"{i:d4}"), seen);
    }

    [Fact]
    public async Task A_batch_applies_whole_when_its_checks_hold_and_not_at_all_otherwise()
    {
        await PutAsync("a", "1");
        Assert.False(await Store.CommitAsync(
            new KeyValueBatch().Check(Bytes("a"), Bytes("1")).Check(Bytes("b"), Bytes("1"))
                .Put(Bytes("c"), Bytes("1")).Delete(Bytes("a")),
            None));
        Assert.Equal(["a"], await ScanAsync("", "z"));
        Assert.False(await Store.CommitAsync(new KeyValueBatch().Check(Bytes("a"), null).Delete(Bytes("a")), None));
        Assert.False(await Store.CommitAsync(new KeyValueBatch().Check(Bytes("a"), Bytes("11")).Delete(Bytes("a")), None));
        Assert.True(await Store.CommitAsync(
            new KeyValueBatch().Check(Bytes("a"), Bytes("1")).Check(Bytes("b"), null)
                .Put(Bytes("c"), Bytes("1")).Delete(Bytes("a")),
            None));
        Assert.Equal(["c"], await ScanAsync("", "z"));
    }

    [Fact]
    public async Task Checks_see_the_state_before_the_batch()
    {
        Assert.True(await Store.CommitAsync(new KeyValueBatch().Put(Bytes("a"), Bytes("1")).Check(Bytes("a"), null), None));
        Assert.True(await Store.CommitAsync(new KeyValueBatch(), None));
    }

    [Fact]
    public async Task The_last_change_of_a_key_wins()
    {
        await Store.CommitAsync(
            new KeyValueBatch().Put(Bytes("a"), Bytes("1")).Put(Bytes("a"), Bytes("2"))
                .Put(Bytes("b"), Bytes("1")).Delete(Bytes("b"))
                .Delete(Bytes("c")).Put(Bytes("c"), Bytes("3")),
            None);
        Assert.Equal(["a", "c"], await ScanAsync("", "z"));
        Assert.Equal("2", await ReadAsync("a"));
        Assert.Equal("3", await ReadAsync("c"));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(5_000)]
    [InlineData(1 << 20)]
    public async Task Values_of_any_size_come_back_the_same(int size)
    {
        byte[] value = new byte[size];
        new Random(size).NextBytes(value);
        Assert.True(await Store.CommitAsync(new KeyValueBatch().Check(Bytes("k"), null).Put(Bytes("k"), value), None));
        Assert.Equal(value, await Store.GetAsync(Bytes("k"), None));
        Assert.Equal(value, Assert.Single(await Store.ScanAsync(First, Last, 2, false, None)).Value);
        Assert.True(await Store.CommitAsync(new KeyValueBatch().Check(Bytes("k"), value).Delete(Bytes("k")), None));
    }

    [Fact]
    public async Task Long_keys_are_kept_apart()
    {
        byte[] one = [.. Enumerable.Repeat((byte)'k', 2500), 1];
        byte[] two = [.. Enumerable.Repeat((byte)'k', 2500), 2];
        await Store.CommitAsync(new KeyValueBatch().Put(one, [1]).Put(two, [2]), None);
        Assert.Equal((byte[])[1], await Store.GetAsync(one, None));
        Assert.Equal([one, two], (await Store.ScanAsync(First, Last, 9, false, None)).Select(entry => entry.Key));
    }

    [Fact]
    public async Task A_cancelled_call_does_nothing()
    {
        CancellationToken cancelled = new(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await Store.CommitAsync(new KeyValueBatch().Put(Bytes("a"), Bytes("1")), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.GetAsync(Bytes("a"), cancelled));
        Assert.Null(await ReadAsync("a"));
    }

    protected static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    protected static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    protected async Task PutAsync(string key, string value) =>
        Assert.True(await Store.CommitAsync(new KeyValueBatch().Put(Bytes(key), Bytes(value)), None));

    protected async Task DeleteAsync(string key) =>
        Assert.True(await Store.CommitAsync(new KeyValueBatch().Delete(Bytes(key)), None));

    protected async Task<string?> ReadAsync(string key) =>
        await Store.GetAsync(Bytes(key), None) is { } value ? Text(value) : null;

    protected async Task<string[]> ScanAsync(string from, string to, int limit = 100, bool reverse = false) =>
        [.. (await Store.ScanAsync(Bytes(from), Bytes(to), limit, reverse, None)).Select(entry => Text(entry.Key))];
}
