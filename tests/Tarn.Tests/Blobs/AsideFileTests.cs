using Tarn.Backends.Files;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.TestKit.Servers;
using Tarn.TestKit.Stores;

namespace Tarn.Tests.Blobs;

/// <summary>A blob in two files that is set aside, brought back or dropped, where the process ended between the two: the next start finishes it.</summary>
public sealed class AsideFileTests : IDisposable
{
    private const int Length = 100_000;

    private readonly TemporaryDirectory _directory = new();
    private readonly BlobId _id = BlobId.Create(new SeededRandomSource(3));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Place => _directory.PathOf(_id.ToString()[..2], _id.ToString()[2..4], _id.ToString());

    private string Aside => _directory.PathOf("orphans", _id + ".bare");

    public void Dispose() => _directory.Dispose();

    /// <summary>Which of the two files were moved: both ways move the bytes and the tail in such an order that only this is possible.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_move_that_was_cut_off_is_finished_or_was_not_begun(bool bytesMoved, bool tailMoved)
    {
        await MakeAsync();
        Move(bytesMoved, tailMoved);
        await using FileBlobStore store = Open();
        BlobInfo[] listed = [.. await store.ListAsideAsync(Token).ToArrayAsync(Token)];
        Assert.Equal(bytesMoved ? 1 : 0, listed.Length);
        Assert.All(listed, info => Assert.Equal((false, (long?)Length), (info.IsBare, info.TailAt)));
        Assert.Equal(bytesMoved, await store.BringBackAsync(_id, Token));
        Assert.Equal((false, (long?)Length), (await store.FindAsync(_id, Token)) is { } found ? (found.IsBare, found.TailAt) : default);
        Assert.Equal([_id + "", _id + ".sums"], Files());
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, true)] // cut off while it was dropped
    public async Task A_drop_leaves_nothing(bool bytesMoved, bool tailMoved)
    {
        await MakeAsync();
        Move(bytesMoved, tailMoved);
        if (!bytesMoved)
        {
            File.Delete(Place);
        }

        await using FileBlobStore store = Open();
        await store.DropAsideAsync(_id, Token);
        Assert.Empty(Files());
    }

    /// <summary>A blob that has the id and is in its place has nothing to do with what is here.</summary>
    [Fact]
    public async Task The_tail_of_a_blob_that_is_in_its_place_stays_there()
    {
        await MakeAsync();
        Directory.CreateDirectory(Path.GetDirectoryName(Aside)!);
        File.Copy(Place, Aside);
        await using FileBlobStore store = Open();
        Assert.False((await store.FindAsync(_id, Token))!.Value.IsBare);
    }

    /// <summary>Without it the blob would be read without being verified.</summary>
    [Fact]
    public async Task The_tail_of_a_blob_that_is_in_its_place_comes_back_to_it()
    {
        await MakeAsync();
        Move(bytes: false, tail: true);
        await using FileBlobStore store = Open();
        Assert.False((await store.FindAsync(_id, Token))!.Value.IsBare);
        Assert.Equal([_id + "", _id + ".sums"], Files());
    }

    [Fact]
    public async Task A_blob_in_two_files_is_replaced_by_one_in_one()
    {
        await MakeAsync();
        await using FileBlobStore store = Open();
        await using IBlobReader old = (await store.OpenAsync(_id, Token))!;
        await using (IBlobWriter writer = await store.CreateReplacementAsync(_id, Length, stamp => stamp == old.Stamp, static _ => new(true), Token))
        {
            await writer.WriteAsync(new(new byte[Length]), Token);
            await writer.CommitAsync(Token);
        }

        Assert.Equal([_id + ""], Files());
        Assert.Equal((false, (long?)null), (await store.FindAsync(_id, Token)) is { } found ? (found.IsBare, found.TailAt) : default);
        Assert.False(await store.BringBackAsync(_id, Token));
    }

    private FileBlobStore Open() => new(_directory.FullPath, fsync: true);

    private async Task MakeAsync()
    {
        await using FileBlobStore store = Open();
        Directory.CreateDirectory(Path.GetDirectoryName(Place)!);
        await File.WriteAllBytesAsync(Place, new byte[Length], Token);
        var sums = new BlockChecksummer(Length);
        sums.Append(new byte[Length]);
        Assert.True(await store.SealAsync(_id, BlobTail.Compose(_id, sums, []), Token));
    }

    private void Move(bool bytes, bool tail)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Aside)!);
        if (bytes)
        {
            File.Move(Place, Aside);
        }

        if (tail)
        {
            File.Move(Place + ".sums", Aside + ".sums");
        }
    }

    /// <summary>The names of all files of the blob, wherever they are.</summary>
    private string[] Files() =>
        [.. Directory.EnumerateFiles(_directory.FullPath, _id + "*", SearchOption.AllDirectories).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
