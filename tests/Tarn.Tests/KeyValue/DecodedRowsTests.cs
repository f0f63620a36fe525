using Tarn.Core.KeyValue;

namespace Tarn.Tests.KeyValue;

public sealed class DecodedRowsTests : IAsyncDisposable
{
    private readonly MemoryKeyValueStore _store = new();
    private int _decoded;

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task A_row_is_decoded_once_until_its_bytes_change()
    {
        DecodedRows<byte, string> rows = Rows();
        await PutAsync(1, 7);
        string? first = await FindAsync(rows, 1);
        Assert.Equal("1:7", first);
        Assert.Same(first, await FindAsync(rows, 1));
        Assert.Equal(1, _decoded);

        await PutAsync(1, 8);
        Assert.Equal("1:8", await FindAsync(rows, 1));
        Assert.Equal(2, _decoded);
    }

    [Fact]
    public async Task A_row_that_is_gone_is_not_found_and_its_value_is_dropped()
    {
        DecodedRows<byte, string> rows = Rows();
        Assert.Null(await FindAsync(rows, 1));
        await PutAsync(1, 7);
        await FindAsync(rows, 1);
        await _store.CommitAsync(new KeyValueBatch().Delete([1]), TestContext.Current.CancellationToken);
        Assert.Null(await FindAsync(rows, 1));

        await PutAsync(1, 7);
        Assert.Equal("1:7", await FindAsync(rows, 1));
        Assert.Equal(2, _decoded);
    }

    [Fact]
    public async Task No_more_values_are_kept_than_allowed()
    {
        DecodedRows<byte, string> rows = Rows(max: 2);
        foreach (byte id in (byte[])[1, 2, 3])
        {
            await PutAsync(id, 7);
            await FindAsync(rows, id);
        }

        // The third made the others go.
        await FindAsync(rows, 3);
        Assert.Equal(3, _decoded);
        await FindAsync(rows, 1);
        Assert.Equal(4, _decoded);
    }

    private DecodedRows<byte, string> Rows(int max = 10) => new(
        _store,
        static id => [id],
        (id, bytes) =>
        {
            _decoded++;
            return $"{id}:{bytes[0]}";
        },
        max);

    private static ValueTask<string?> FindAsync(DecodedRows<byte, string> rows, byte id) => rows.FindAsync(id, TestContext.Current.CancellationToken);

    private async Task PutAsync(byte id, byte value) =>
        Assert.True(await _store.CommitAsync(new KeyValueBatch().Put([id], [value]), TestContext.Current.CancellationToken));
}
