using Tarn.Core.Blobs;
using Xunit;

namespace Tarn.TestKit.Contracts;

/// <summary>What holds of blobs that change their form or their place: bare ones, sealed ones, those that are set aside, and those that take the place of others.</summary>
public abstract partial class BlobStoreContract
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_003)]
    public async Task A_bare_blob_is_read_listed_and_deleted(int length)
    {
        byte[] payload = Content(length);
        BlobId id = NewId();
        await AddBareAsync(id, payload);
        Assert.Equal(payload, await ReadAsync(id));
        await using (IBlobReader reader = (await Store.OpenAsync(id, None))!)
        {
            Assert.True(reader.IsBare);
        }

        BlobInfo listed = Assert.Single(await ListAsync());
        Assert.Equal((id, (long)length, true), (listed.Id, listed.Length, listed.IsBare));
        await Store.DeleteAsync(id, None);
        Assert.Null(await Store.OpenAsync(id, None));
        Assert.Empty(await ListAsync());
        await AssertNothingLeftAsync();
    }

    [Theory]
    [InlineData(0, 64)]
    [InlineData(1, 0)]
    [InlineData(100_003, 64)]
    [InlineData(10, 30_001)]
    public async Task A_sealed_blob_is_payload_and_tail(int length, int tailLength)
    {
        byte[] payload = Content(length);
        byte[] tail = Content(tailLength);
        BlobId id = NewId();
        await AddBareAsync(id, payload);
        await using IBlobReader before = (await Store.OpenAsync(id, None))!;
        Assert.True(await Store.SealAsync(id, tail, None));
        Assert.True(before.IsBare);
        Assert.Equal(payload, await ReadAsync(before));

        byte[] whole = [.. payload, .. tail];
        Assert.Equal(whole, await ReadAsync(id));
        await using (IBlobReader after = (await Store.OpenAsync(id, None))!)
        {
            Assert.False(after.IsBare);
            Assert.Contains(after.TailAt, new long?[] { null, length });
            byte[] buffer = new byte[whole.Length + 1];
            foreach (int offset in (int[])[0, length / 2, length, length + (tailLength / 2), whole.Length, whole.Length + 7])
            {
                int cached = after.TryReadCached(offset, buffer);
                Assert.Equal(whole.AsSpan(Math.Min(offset, whole.Length), cached), buffer.AsSpan(0, cached));
                int read = await after.ReadAsync(offset, buffer, None);
                Assert.Equal(offset >= whole.Length, read == 0);
                Assert.Equal(whole.AsSpan(Math.Min(offset, whole.Length), read), buffer.AsSpan(0, read));
            }

            if (after.FileHandle is { } file)
            {
                Assert.Equal(length, RandomAccess.Read(file, buffer.AsSpan(0, length), 0));
                Assert.Equal(payload, buffer[..length]);
            }
        }

        BlobInfo info = Assert.Single(await ListAsync());
        Assert.Equal((id, (long)whole.Length, false), (info.Id, info.Length, info.IsBare));
        Assert.Contains(info.TailAt, new long?[] { null, length });
        Assert.Equal(info, await Store.FindAsync(id, None));
        await Store.DeleteAsync(id, None);
        Assert.Null(await Store.OpenAsync(id, None));
        Assert.Null(await Store.FindAsync(id, None));
        Assert.Empty(await ListAsync());
        await AssertNothingLeftAsync();
    }

    [Fact]
    public async Task Only_a_bare_blob_is_sealed_and_once()
    {
        byte[] payload = Content(1000);
        BlobId id = NewId();
        Assert.False(await Store.SealAsync(id, new byte[10], None));
        Assert.Null(await Store.OpenAsync(id, None));
        await AddBareAsync(id, payload);
        Assert.True(await Store.SealAsync(id, Content(10), None));
        byte[] whole = await ReadAsync(id);
        Assert.False(await Store.SealAsync(id, Content(20), None));
        Assert.Equal(whole, await ReadAsync(id));
        await Store.DeleteAsync(id, None);
        Assert.False(await Store.SealAsync(id, Content(10), None));
        await AssertNothingLeftAsync();
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_blob_that_was_set_aside_is_nowhere_else_until_it_is_brought_back_as_it_was(bool isOld, bool isSealed)
    {
        byte[] content = Content(5000), tail = Content(100);
        BlobId id = isOld ? NewId() : await WriteAsync(content);
        if (isOld)
        {
            await AddBareAsync(id, content);
            Assert.Equal(isSealed, isSealed && await Store.SealAsync(id, tail, None));
        }

        byte[] stored = isSealed ? [.. content, .. tail] : content;
        BlobId other = await WriteAsync(Content(10));
        BlobInfo before = (await Store.FindAsync(id, None))!.Value;
        Assert.False(await Aside.BringBackAsync(id, None));
        Assert.True(await Aside.SetAsideAsync(id, None));
        Assert.False(await Aside.SetAsideAsync(id, None));
        Assert.Null(await Store.FindAsync(id, None));
        Assert.Null(await Store.OpenAsync(id, None));
        Assert.Equal(other, Assert.Single(await ListAsync()).Id);
        Assert.Equal(before, Assert.Single(await AsideAsync()));
        await using (IBlobReader reader = (await Aside.OpenAsideAsync(id, None))!)
        {
            Assert.Equal((isOld && !isSealed, before.TailAt), (reader.IsBare, reader.TailAt));
            Assert.Equal(stored, await ReadAsync(reader));
        }

        Assert.True(await Aside.BringBackAsync(id, None));
        Assert.Empty(await AsideAsync());
        Assert.Equal(before, await Store.FindAsync(id, None));
        Assert.Equal(stored, await ReadAsync(id));
    }

    [Fact]
    public async Task A_blob_that_was_set_aside_is_dropped_for_good()
    {
        BlobId id = await WriteAsync(Content(100)), bare = NewId();
        await AddBareAsync(bare, Content(100));
        await Store.SealAsync(bare, Content(10), None);
        foreach (BlobId dropped in new[] { id, bare })
        {
            Assert.True(await Aside.SetAsideAsync(dropped, None));
            await Aside.DropAsideAsync(dropped, None);
            await Aside.DropAsideAsync(dropped, None);
            Assert.Null(await Aside.OpenAsideAsync(dropped, None));
            Assert.False(await Aside.BringBackAsync(dropped, None));
        }

        Assert.Empty(await AsideAsync());
        await AssertNothingLeftAsync();
    }

    [Fact]
    public async Task A_replacement_takes_the_place_and_whoever_reads_the_old_one_keeps_it()
    {
        byte[] content = Content(70_000), other = Content(70_000);
        BlobId id = await WriteAsync(content);
        await using IBlobReader old = (await Store.OpenAsync(id, None))!;
        BlobStamp? asked = null;
        await ReplaceAsync(id, other, stamp =>
        {
            asked = stamp;
            return true;
        });
        Assert.Equal(old.Stamp, asked);
        Assert.Equal(other, await ReadAsync(id));
        Assert.Equal(content, await ReadAsync(old));
        Assert.Single(await ListAsync());
        await using IBlobReader now = (await Store.OpenAsync(id, None))!;
        Assert.NotEqual(old.Stamp.Number, now.Stamp.Number);
        await Store.DeleteAsync(id, None);
        await AssertNothingLeftAsync();
    }

    [Theory]
    [InlineData("refused")]
    [InlineData("deleted")]
    [InlineData("aside")]
    [InlineData("unwritten")]
    public async Task A_replacement_that_may_not_take_the_place_changes_nothing(string why)
    {
        byte[] content = Content(7000);
        BlobId id = await WriteAsync(content);
        await (why switch
        {
            "deleted" => Store.DeleteAsync(id, None),
            "aside" => Done(await Aside.SetAsideAsync(id, None)),
            _ => default,
        });
        await Assert.ThrowsAnyAsync<IOException>(async () => await ReplaceAsync(id, Content(7000), _ => why != "refused", isWritten: why != "unwritten"));
        Assert.Equal(why is "refused" or "unwritten" ? 1 : 0, (await ListAsync()).Length);
        Assert.Equal(why == "aside", await Aside.BringBackAsync(id, None));
        if (why != "deleted")
        {
            Assert.Equal(content, await ReadAsync(id));
        }

        await Store.DeleteAsync(id, None);
        await AssertNothingLeftAsync();

        static ValueTask Done(bool moved)
        {
            Assert.True(moved);
            return default;
        }
    }

    private async Task ReplaceAsync(BlobId id, byte[] content, Func<BlobStamp, bool> mayReplace, bool isWritten = true)
    {
        IReplacingBlobs store = Assert.IsAssignableFrom<IReplacingBlobs>(Store);
        await using IBlobWriter writer = await store.CreateReplacementAsync(id, content.Length, mayReplace, IsWrittenAsync, None);
        await writer.WriteAsync(new(content), None);
        await writer.CommitAsync(None);

        async ValueTask<bool> IsWrittenAsync(IBlobReader written)
        {
            byte[] read = new byte[written.Length];
            for (int at = 0; at < read.Length;)
            {
                int count = await written.ReadDeviceAsync(at, read.AsMemory(at), None);
                Assert.InRange(count, 1, read.Length - at);
                at += count;
            }

            Assert.Equal(content, read);
            return isWritten;
        }
    }

    private ISetAsideStore Aside => Assert.IsAssignableFrom<ISetAsideStore>(Store);

    private async Task<List<BlobInfo>> AsideAsync()
    {
        List<BlobInfo> all = [];
        await foreach (BlobInfo info in Aside.ListAsideAsync(None))
        {
            all.Add(info);
        }

        return all;
    }
}
