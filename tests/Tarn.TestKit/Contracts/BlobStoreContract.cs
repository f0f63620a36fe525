using System.Buffers;
using Tarn.Core.Blobs;
using Tarn.TestKit.Stores;
using Xunit;

namespace Tarn.TestKit.Contracts;

/// <summary>What every <see cref="IBlobStore"/> must do. Derive one class per engine.</summary>
public abstract partial class BlobStoreContract : IAsyncLifetime
{
    private readonly SeededRandomSource _random = new(7);

    protected IBlobStore Store { get; private set; } = null!;

    private static CancellationToken None => CancellationToken.None;

    protected abstract ValueTask<IBlobStore> OpenAsync();

    /// <summary>Puts a blob where builds before layout 1 stored it. The store may be opened again for it.</summary>
    protected abstract ValueTask AddBareAsync(BlobId id, byte[] payload);

    protected virtual ValueTask CleanUpAsync() => default;

    public async ValueTask InitializeAsync() => Store = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await CleanUpAsync();
        GC.SuppressFinalize(this);
    }

    protected async Task ReopenAsync()
    {
        await Store.DisposeAsync();
        Store = await OpenAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(1_000_003)]
    public async Task A_committed_blob_is_read_back(int length)
    {
        byte[] content = Content(length);
        BlobId id = await WriteAsync(content);
        Assert.Equal(content, await ReadAsync(id));
        BlobInfo info = Assert.Single(await ListAsync());
        Assert.Equal((id, (long)length, false), (info.Id, info.Length, info.IsBare));
        await using IBlobReader reader = (await Store.OpenAsync(id, None))!;
        Assert.Equal((length, false, null), (reader.Length, reader.IsBare, reader.TailAt));
        Assert.False(await Store.SealAsync(id, new byte[10], None));
    }

    [Fact]
    public async Task A_stamp_tells_blobs_apart_and_stays_until_something_changes()
    {
        BlobId one = await WriteAsync(Content(100)), other = await WriteAsync(Content(100)), bare = NewId();
        await AddBareAsync(bare, Content(100));
        BlobStamp stamp = await StampAsync(one), before = await StampAsync(bare);
        await ReadAsync(one);
        Assert.Equal(stamp, await StampAsync(one));
        Assert.NotEqual(stamp, await StampAsync(other));
        Assert.True(await Store.SealAsync(bare, Content(10), None));
        Assert.NotEqual(before, await StampAsync(bare));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(300_000)]
    public async Task Bytes_that_leave_the_memory_are_read_again(int length)
    {
        byte[] content = Content(length);
        BlobId id = await WriteAsync(content);
        await using IBlobReader reader = (await Store.OpenAsync(id, None))!;
        foreach ((long offset, long count) in new[] { (0L, (long)length), (length / 2, 1L), (length, 0L), (0, 0) })
        {
            reader.DropCached(offset, count);
            Assert.Equal(content, await ReadAsync(id));
        }
    }

    private async Task<BlobStamp> StampAsync(BlobId id)
    {
        await using IBlobReader reader = (await Store.OpenAsync(id, None))!;
        return reader.Stamp;
    }

    [Fact]
    public async Task A_blob_of_many_writes_and_segments_is_whole()
    {
        byte[] content = Content(10 << 20);
        BlobId id = NewId();
        await using (IBlobWriter writer = await Store.CreateAsync(id, content.Length, None))
        {
            for (int start = 0; start < content.Length; start += 1 << 20)
            {
                await writer.WriteAsync(Segments(content.AsMemory(start, 1 << 20), 65_537), None);
            }

            await writer.WriteAsync(ReadOnlySequence<byte>.Empty, None);
            await writer.CommitAsync(None);
        }

        Assert.Equal(content, await ReadAsync(id));
    }

    [Fact]
    public async Task A_copy_of_a_bare_blob_is_bare()
    {
        byte[] content = Content(70_000);
        BlobId id = NewId();
        await using (IBlobWriter writer = await Store.CreateCopyAsync(id, content.Length, isBare: true, None))
        {
            await writer.WriteAsync(new(content), None);
            await writer.CommitAsync(None);
        }

        Assert.Equal(content, await ReadAsync(id));
        Assert.True((await Store.FindAsync(id, None))!.Value.IsBare);
        Assert.True(Assert.Single(await ListAsync()).IsBare);
        Assert.True(await Store.SealAsync(id, new byte[8], None));
        Assert.Equal(content.Length + 8, (await ReadAsync(id)).Length);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_copy_takes_the_place_of_what_is_there_when_it_is_committed(bool wasBare, bool isBare)
    {
        byte[] old = Content(50_000), content = Content(70_000);
        BlobId id = NewId();
        if (wasBare)
        {
            await AddBareAsync(id, old);
            Assert.True(await Store.SealAsync(id, new byte[8], None));
            old = [.. old, .. new byte[8]];
        }
        else
        {
            await using IBlobWriter first = await Store.CreateAsync(id, old.Length, None);
            await first.WriteAsync(new(old), None);
            await first.CommitAsync(None);
        }

        await using (IBlobWriter dropped = await Store.CreateCopyAsync(id, content.Length, isBare, None))
        {
            await dropped.WriteAsync(new(content), None);
        }

        Assert.Equal(old, await ReadAsync(id));
        await using (IBlobWriter writer = await Store.CreateCopyAsync(id, content.Length, isBare, None))
        {
            await writer.WriteAsync(new(content), None);
            Assert.Equal(old, await ReadAsync(id));
            await writer.CommitAsync(None);
        }

        Assert.Equal(content, await ReadAsync(id));
        Assert.Equal(isBare, (await Store.FindAsync(id, None))!.Value.IsBare);
        Assert.Equal(id, Assert.Single(await ListAsync()).Id);
        await Store.DeleteAsync(id, None);
        Assert.Null(await Store.FindAsync(id, None));
    }

    /// <summary>Engines may write large blobs in blocks; the remainder after the last block must not be lost, moved or padded.</summary>
    [Theory]
    [InlineData(4 << 20)]
    [InlineData((4 << 20) + 1)]
    [InlineData((5 << 20) - 4097)]
    [InlineData((4 << 20) + (256 << 10) + 4096)]
    public async Task A_large_blob_of_odd_writes_is_whole(int length)
    {
        byte[] content = Content(length);
        BlobId id = NewId();
        await using (IBlobWriter writer = await Store.CreateAsync(id, length, None))
        {
            for (int start = 0, run = 77_777; start < length; start += run)
            {
                byte[] lent = content.AsSpan(start, Math.Min(run, length - start)).ToArray();
                await writer.WriteAsync(new ReadOnlySequence<byte>(lent), None);

                // The memory is the caller's again.
                Array.Clear(lent);
            }

            await writer.CommitAsync(None);
        }

        Assert.Equal(content, await ReadAsync(id));
    }

    [Fact]
    public async Task A_large_blob_given_up_half_way_leaves_nothing()
    {
        BlobId id = NewId();
        await using (IBlobWriter writer = await Store.CreateAsync(id, 64 << 20, None))
        {
            await writer.WriteAsync(new ReadOnlySequence<byte>(Content(3_000_000)), None);
        }

        Assert.Null(await Store.OpenAsync(id, None));
        Assert.Empty(await ListAsync());
    }

    [Fact]
    public async Task A_blob_shows_only_once_it_is_committed()
    {
        BlobId id = NewId();
        await using IBlobWriter writer = await Store.CreateAsync(id, null, None);
        await writer.WriteAsync(new(Content(100)), None);
        Assert.Null(await Store.OpenAsync(id, None));
        Assert.Empty(await ListAsync());
        await writer.CommitAsync(None);
        Assert.Equal(100, (await ReadAsync(id)).Length);
    }

    [Fact]
    public async Task Without_commit_nothing_is_left()
    {
        BlobId id = NewId();
        IBlobWriter writer = await Store.CreateAsync(id, null, None);
        await writer.WriteAsync(new(Content(100_000)), None);
        await writer.DisposeAsync();
        await writer.DisposeAsync();
        Assert.Null(await Store.OpenAsync(id, None));
        Assert.Empty(await ListAsync());
        await AssertNothingLeftAsync();
    }

    [Fact]
    public async Task An_id_is_not_given_to_a_second_blob()
    {
        byte[] content = Content(10);
        BlobId id = await WriteAsync(content);
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            await using IBlobWriter writer = await Store.CreateAsync(id, null, None);
            await writer.WriteAsync(new(Content(20)), None);
            await writer.CommitAsync(None);
        });
        Assert.Equal(content, await ReadAsync(id));
    }

    [Fact]
    public async Task Reads_at_any_offset_stop_at_the_end()
    {
        byte[] content = Content(5000);
        BlobId id = await WriteAsync(content);
        await using IBlobReader reader = (await Store.OpenAsync(id, None))!;
        byte[] buffer = new byte[1000];
        foreach (int offset in (int[])[0, 1, 999, 4000, 4999])
        {
            int count = await reader.ReadAsync(offset, buffer, None);
            Assert.InRange(count, 1, Math.Min(1000, 5000 - offset));
            Assert.Equal(content[offset..(offset + count)], buffer[..count]);
        }

        Assert.Equal(0, await reader.ReadAsync(5000, buffer, None));
        Assert.Equal(0, await reader.ReadAsync(9000, buffer, None));
    }

    [Fact]
    public async Task A_file_handle_holds_exactly_the_blob()
    {
        byte[] content = Content(70_000);
        await using IBlobReader reader = (await Store.OpenAsync(await WriteAsync(content), None))!;
        if (reader.FileHandle is { } file)
        {
            byte[] direct = new byte[content.Length + 1];
            Assert.Equal(content.Length, RandomAccess.Read(file, direct, 0));
            Assert.Equal(content, direct[..^1]);
        }
    }

    [Fact]
    public async Task A_deleted_blob_is_gone_for_new_readers_only()
    {
        byte[] content = Content(300_000);
        BlobId id = await WriteAsync(content);
        await using IBlobReader open = (await Store.OpenAsync(id, None))!;
        await Store.DeleteAsync(id, None);
        Assert.Null(await Store.OpenAsync(id, None));
        Assert.Empty(await ListAsync());
        Assert.Equal(content, await ReadAsync(open));
        await Store.DeleteAsync(id, None);
        await Store.DeleteAsync(NewId(), None);
    }

    [Fact]
    public async Task Concurrent_writers_do_not_disturb_each_other()
    {
        byte[][] contents = [.. Enumerable.Range(0, 32).Select(i => Content((i * 9973) + 1))];
        BlobId[] ids = await Task.WhenAll(contents.Select(content => Task.Run(() => WriteAsync(content))));
        byte[][] read = await Task.WhenAll(ids.Select(id => Task.Run(() => ReadAsync(id))));
        Assert.Equal(contents, read);
        Assert.Equal(ids.Order(Comparer<BlobId>.Create(Compare)), (await ListAsync()).Select(info => info.Id).Order(Comparer<BlobId>.Create(Compare)));
    }

    [Fact]
    public async Task A_listing_begins_with_any_directory_and_is_in_their_order()
    {
        List<BlobId> ids = [];
        for (int i = 0; i < 300; i++)
        {
            ids.Add(await WriteAsync([1]));
        }

        int[] directories = [.. ids.Select(id => id.Directory).Order()];
        foreach (int from in (int[])[0, directories[0], directories[100], directories[100] + 1, directories[^1], 0xFF])
        {
            List<BlobId> listed = [];
            await foreach (BlobInfo info in Store.ListAsync(from, None))
            {
                listed.Add(info.Id);
            }

            Assert.Equal(directories.Where(directory => directory >= from), listed.Select(id => id.Directory));
            Assert.Equal(listed.Count, listed.Distinct().Count());
        }
    }

    [Fact]
    public async Task A_blob_is_described_without_being_opened()
    {
        Assert.Null(await Store.FindAsync(NewId(), None));
        DateTimeOffset before = DateTimeOffset.UtcNow.AddSeconds(-1);
        BlobId id = await WriteAsync(Content(5000));
        BlobId bare = NewId();
        await AddBareAsync(bare, Content(3000));
        BlobInfo[] found = [(await Store.FindAsync(id, None))!.Value, (await Store.FindAsync(bare, None))!.Value];
        Assert.Equal([(id, 5000L), (bare, 3000L)], found.Select(info => (info.Id, info.Length)));
        Assert.All(found, info => Assert.InRange(info.Created, before, DateTimeOffset.UtcNow.AddSeconds(1)));
        Assert.Equal(found.ToHashSet(), (await ListAsync()).ToHashSet());
        await Store.DeleteAsync(bare, None);
        Assert.Null(await Store.FindAsync(bare, None));
        Assert.NotNull(await Store.FindAsync(id, None));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(70_000)]
    public async Task Cached_bytes_are_those_of_the_blob(int length)
    {
        byte[] content = Content(length);
        await using IBlobReader reader = (await Store.OpenAsync(await WriteAsync(content), None))!;
        byte[] buffer = new byte[length + 10];
        foreach (int offset in (int[])[0, 1, length / 2, length])
        {
            int read = reader.TryReadCached(offset, buffer);
            Assert.InRange(read, 0, Math.Max(0, length - offset));
            Assert.Equal(content.AsSpan(Math.Min(offset, length), read), buffer.AsSpan(0, read));
        }

        Assert.Equal(0, reader.TryReadCached(length + 1, buffer));
        Assert.Equal(0, reader.TryReadCached(0, []));
    }

    [Fact]
    public async Task Reads_of_the_device_return_the_same_bytes_at_any_offset()
    {
        byte[] content = Content((3 << 20) + 777);
        BlobId id = await WriteAsync(content);
        await using IBlobReader reader = (await Store.OpenAsync(id, None))!;
        foreach ((int offset, int length) in new[] { (0, 1 << 20), (1, 4096), (4095, 2), ((1 << 20) - 3, (1 << 20) + 9), (content.Length - 778, 778), (content.Length - 1, 1) })
        {
            byte[] buffer = new byte[length];
            int done = 0;
            while (done < length)
            {
                int read = await reader.ReadDeviceAsync(offset + done, buffer.AsMemory(done), None);
                Assert.InRange(read, 1, length - done);
                done += read;
            }

            Assert.True(content.AsSpan(offset, length).SequenceEqual(buffer));
        }

        Assert.Equal(0, await reader.ReadDeviceAsync(content.Length, new byte[10], None));
        Assert.Equal(0, await reader.ReadDeviceAsync(content.Length + 100_000, new byte[10], None));
        Assert.Equal(content, await ReadAsync(reader));
    }

    /// <summary>Asserts that no trace of an abandoned writer is left, beyond what the seam shows.</summary>
    protected virtual ValueTask AssertNothingLeftAsync() => default;

    protected BlobId NewId() => BlobId.Create(_random);

    protected byte[] Content(int length)
    {
        byte[] content = new byte[length];
        _random.Fill(content);
        return content;
    }

    protected async Task<BlobId> WriteAsync(byte[] content)
    {
        BlobId id = NewId();
        await using IBlobWriter writer = await Store.CreateAsync(id, content.Length, None);
        await writer.WriteAsync(new(content), None);
        await writer.CommitAsync(None);
        return id;
    }

    protected async Task<byte[]> ReadAsync(BlobId id)
    {
        await using IBlobReader? reader = await Store.OpenAsync(id, None);
        Assert.NotNull(reader);
        return await ReadAsync(reader);
    }

    protected async Task<BlobInfo[]> ListAsync()
    {
        List<BlobInfo> all = [];
        await foreach (BlobInfo info in Store.ListAsync(None))
        {
            all.Add(info);
        }

        return [.. all];
    }

    private static int Compare(BlobId x, BlobId y) => string.CompareOrdinal(x.ToString(), y.ToString());

    private static async Task<byte[]> ReadAsync(IBlobReader reader)
    {
        byte[] content = new byte[reader.Length];
        int length = 0;
        while (await reader.ReadAsync(length, content.AsMemory(length), None) is int count and > 0)
        {
            length += count;
        }

        Assert.Equal(reader.Length, length);
        return content;
    }

    private static ReadOnlySequence<byte> Segments(ReadOnlyMemory<byte> data, int size)
    {
        Segment first = new(data[..Math.Min(size, data.Length)], 0);
        Segment last = first;
        for (int start = size; start < data.Length; start += size)
        {
            last = last.Append(data.Slice(start, Math.Min(size, data.Length - start)));
        }

        return new(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long index) => (Memory, RunningIndex) = (memory, index);

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            Segment next = new(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
