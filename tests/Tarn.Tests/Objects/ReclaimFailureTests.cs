using Tarn.Core.KeyValue;
using Tarn.Core.Records;
using Tarn.TestKit.Stores;

namespace Tarn.Tests.Objects;

/// <summary>Reclaim over a store that fails.</summary>
public sealed class ReclaimFailureTests
{
    [Fact]
    public async Task A_pass_that_cannot_even_look_for_what_is_due_is_counted_as_failed()
    {
        var fixture = new StoreFixture();
        fixture.Store = fixture.Open(new HookedKeyValueStore(fixture.KeyValue) { FailScan = static key => key[0] == Tables.Reclaim ? new IOException("broken") : null }, fixture.Blobs);
        await fixture.KeyValue.CommitAsync(new KeyValueBatch().Put(Tables.ReclaimKey(0, default), [1]), TestContext.Current.CancellationToken);
        using var stopping = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fixture.Store.Reclaim.RunAsync(fixture.Clock.GetUtcNow(), _ => stopping.Cancel(), stopping.Token));
        Assert.Equal((1, 0), (fixture.Store.Reclaim.Failures, fixture.Store.Reclaim.Backlog));
    }
}
