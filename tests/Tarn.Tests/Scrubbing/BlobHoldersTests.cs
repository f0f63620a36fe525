using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;
using Tarn.Core.Scrubbing;
using Tarn.TestKit.Stores;
using Tarn.Tests.Damage;

namespace Tarn.Tests.Scrubbing;

/// <summary>How the search for the holders of blobs makes room for others.</summary>
public sealed class BlobHoldersTests : IAsyncDisposable
{
    private const int Rows = 1000;

    private readonly FakeTimeProvider _clock = new();
    private readonly MemoryKeyValueStore _rows = new();

    private static CancellationToken Token => DamagedStore.Token;

    public ValueTask DisposeAsync() => _rows.DisposeAsync();

    [Theory]
    [InlineData(0, 3)]
    [InlineData(1, 12)]
    public async Task It_rests_after_each_page_and_longer_while_requests_are_served(int inFlight, int seconds)
    {
        var holders = await FillAsync(inFlight);
        Task<bool> search = holders.RemoveHeldAsync(Wanted(), Token).AsTask();
        DateTimeOffset began = _clock.GetUtcNow();
        while (!search.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.True(await search);
        Assert.Equal(seconds, (_clock.GetUtcNow() - began).TotalSeconds);
        Assert.Equal(Rows, holders.RowsRead);
    }

    /// <summary>A snapshot keeps what was overwritten and deleted.</summary>
    [Fact]
    public async Task A_snapshot_of_so_many_rows_is_not_held_while_it_rests()
    {
        var holders = await FillAsync(inFlight: 1);
        ValueTask<bool> search = holders.AreWithoutHoldersAsync(Wanted(), Token);
        Assert.True(search.IsCompleted);
        Assert.True(await search);
    }

    private static Dictionary<BlobId, long> Wanted() => new() { [BlobId.Create(new SeededRandomSource(2))] = 1 };

    private async Task<BlobHolders> FillAsync(int inFlight)
    {
        var random = new SeededRandomSource(1);
        var batch = new KeyValueBatch();
        for (int i = 0; i < Rows; i++)
        {
            batch.Put(Tables.BlobReferenceKey(BlobId.Create(random).Value, 1), []);
        }

        Assert.True(await _rows.CommitAsync(batch, Token));
        return new BlobHolders(_rows, _clock) { Pause = TimeSpan.FromSeconds(1), InFlight = () => inFlight };
    }
}
