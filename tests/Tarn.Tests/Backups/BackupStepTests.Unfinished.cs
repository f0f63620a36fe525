using Tarn.Core.Backups;
using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.Model;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Backups;

/// <summary>What becomes of what a backup left that came to no end.</summary>
public sealed partial class BackupStepTests
{
    private static readonly BlobId Left = new(new Id128(ulong.MaxValue, 1));

    [Fact]
    public async Task A_backup_is_whole_whether_or_not_the_place_can_be_tidied_afterwards()
    {
        await FillAsync();
        var whole = new MemoryBackups(_fixture.Clock);
        await RunAsync(_fixture.KeyValue, "20260101T000000000Z-00000001", whole);
        _target.Stepped = step => step == whole.Steps ? throw new IOException("no room") : default;
        BackupManifest manifest = await RunAsync(_fixture.KeyValue, "20260101T000000000Z-00000001");
        Assert.Contains("was not removed: no room", Assert.Single(manifest.Notices), StringComparison.Ordinal);
        Assert.Equal(["20260101T000000000Z-00000001"], await _target.NamesAsync(StoreFixture.Token));
        Assert.Empty(await _target.UnfinishedAsync(StoreFixture.Token));
    }

    [Fact]
    public async Task What_is_left_is_not_removed_while_a_backup_is_read_but_after_the_next_one()
    {
        await FillAsync();
        await _target.BeginAsync("20260101T000000000Z-00000001", StoreFixture.Token);
        _target.Stored.AddBare(Left, [1]);
        _target.IsRead = true;
        BackupManifest manifest = await RunAsync(_fixture.KeyValue, "20260101T000000000Z-00000002");
        Assert.Contains("was not removed: a backup of the place is verified or restored", Assert.Single(manifest.Notices), StringComparison.Ordinal);
        Assert.Equal(Objects + 1, await CountAsync(_target.Stored));
        Assert.Equal(["20260101T000000000Z-00000001"], await _target.UnfinishedAsync(StoreFixture.Token));
        _target.IsRead = false;
        Assert.Empty((await RunAsync(_fixture.KeyValue, "20260101T000000000Z-00000003")).Notices);
        Assert.Equal(Objects, await CountAsync(_target.Stored));
        Assert.Empty(await _target.NotesAsync(StoreFixture.Token));
    }

    [Fact]
    public async Task A_tidying_that_ends_at_any_step_is_done_by_the_next_backup()
    {
        await FillAsync();
        bool isDone = false;
        for (int end = 0; !isDone; end++)
        {
            Assert.InRange(end, 0, 10);
            var target = new MemoryBackups(_fixture.Clock);
            await target.BeginAsync("20260101T000000000Z-00000001", StoreFixture.Token);
            target.Stored.AddBare(Left, [1]);
            int left = -1, last = end;
            target.Stepped = _ => target.HasManifest && ++left >= last ? throw new IOException("the end") : default;
            isDone = (await RunAsync(_fixture.KeyValue, "20260101T000000000Z-00000002", target)).Notices.Count == 0;
            Assert.Equal(!isDone, (await target.NotesAsync(StoreFixture.Token)).Count > 0);
            target.Stepped = null;
            await RunAsync(_fixture.KeyValue, "20260101T000000000Z-00000003", target);
            Assert.Equal(Objects, await CountAsync(target.Stored));
            Assert.Empty(await target.NotesAsync(StoreFixture.Token));
        }
    }

    [Fact]
    public async Task A_backup_from_which_another_process_removed_something_is_not_called_whole()
    {
        await FillAsync();
        bool isBegun = false, wasNoted = true;
        _target.Stepped = async step =>
        {
            if (step == Objects && !isBegun)
            {
                isBegun = true;
                await RunAsync(_fixture.KeyValue, "20260101T000000000Z-00000002", more: source => source with { Scratch = Metadata });
            }
        };
        _target.Removing = async () => wasNoted = (await _target.NotesAsync(StoreFixture.Token)).Contains("20260101T000000000Z-00000001");
        _target.Stored.AddBare(Left, [1]);
        IOException failure = await Assert.ThrowsAsync<IOException>(() => RunAsync(_fixture.KeyValue, "20260101T000000000Z-00000001"));
        Assert.Contains("only one may write there", failure.Message, StringComparison.Ordinal);
        Assert.False(wasNoted);
        Assert.Equal(["20260101T000000000Z-00000002"], await _target.NamesAsync(StoreFixture.Token));
        Assert.Equal(["20260101T000000000Z-00000001"], await _target.UnfinishedAsync(StoreFixture.Token));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_an_interrupted_backup_left_goes_with_the_next_one_or_when_it_is_deleted(bool isDeleted)
    {
        Bucket bucket = await FillAsync();
        await _fixture.PutAsync(bucket, "gone", StoreFixture.Bytes(1000, 99));
        _target.Stepped = step => step > (2 * Objects) + 4 ? throw new IOException("the end") : default;
        await Assert.ThrowsAnyAsync<IOException>(() => RunAsync(_fixture.KeyValue, "20260101T000000000Z-00000001"));
        _target.Stepped = null;
        await _fixture.DeleteAsync(bucket, "gone");
        await ReclaimAsync();
        if (isDeleted)
        {
            Assert.True(await BackupRemoval.RunAsync(_target, "20260101T000000000Z-00000001", _progress, StoreFixture.Token));
            Assert.Equal(0, await CountAsync(_target.Stored));
            Assert.Empty(_target.Files);
        }
        else
        {
            await RunAsync(_fixture.KeyValue, "20260101T000000000Z-00000002");
            Assert.Equal(Objects, await CountAsync(_target.Stored));
        }

        Assert.Empty(await _target.UnfinishedAsync(StoreFixture.Token));
        Assert.False(await BackupRemoval.RunAsync(_target, "20260101T000000000Z-00000001", _progress, StoreFixture.Token));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task What_an_interrupted_backup_left_stays_for_one_of_the_same_things(bool metadataOnly, bool withoutDisks)
    {
        await FillAsync();
        _target.Stepped = step => step > (2 * Objects) + 2 ? throw new IOException("the end") : default;
        await Assert.ThrowsAnyAsync<IOException>(() => RunAsync(_fixture.KeyValue, "20260101T000000000Z-00000001"));
        _target.Stepped = null;
        string left = Assert.Single(_target.Files.Keys);
        int copied = await CountAsync(_target.Stored);
        Assert.InRange(copied, 1, Objects);
        File.WriteAllText(Path.Combine(Metadata, "CURRENT"), "MANIFEST-2\n");
        await RunAsync(_fixture.KeyValue, "20260101T000000000Z-00000002", more: source => source with { MetadataOnly = metadataOnly, WithoutDisks = withoutDisks });
        Assert.InRange(await CountAsync(_target.Stored), copied, Objects);
        Assert.Contains(left, _target.Files.Keys);
        Assert.Equal(["20260101T000000000Z-00000001"], await _target.UnfinishedAsync(StoreFixture.Token));

        await RunAsync(_fixture.KeyValue, "20260101T000000000Z-00000003");
        Assert.DoesNotContain(left, _target.Files.Keys);
        Assert.Empty(await _target.UnfinishedAsync(StoreFixture.Token));
    }
}
