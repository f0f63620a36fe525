using System.Globalization;
using Tarn.Backends.Files;
using Tarn.Core.Blobs;
using Tarn.TestKit.Contracts;
using Tarn.TestKit.Servers;

namespace Tarn.Backends.Tests;

/// <summary>The blob contract over files that are synced, and the failures that only files have.</summary>
public sealed class FileBlobStoreTests : BlobStoreContract
{
    private readonly TemporaryDirectory _directory = new();

    protected override ValueTask<IBlobStore> OpenAsync() => new(new FileBlobStore(_directory.FullPath, fsync: true));

    protected override async ValueTask AddBareAsync(BlobId id, byte[] payload)
    {
        BareBlobs.Add(_directory.FullPath, id, payload);
        await ReopenAsync();
    }

    protected override ValueTask CleanUpAsync()
    {
        _directory.Dispose();
        return default;
    }

    protected override ValueTask AssertNothingLeftAsync()
    {
        Assert.Empty(Directory.EnumerateFiles(_directory.FullPath, "*", SearchOption.AllDirectories));
        return default;
    }

    [Fact]
    public async Task Blobs_survive_and_temporary_files_do_not()
    {
        byte[] content = Content(1000);
        BlobId id = await WriteAsync(content);
        await File.WriteAllTextAsync(Path.Combine(_directory.FullPath, "tmp", NewId().ToString()), "left by a crash", TestContext.Current.CancellationToken);
        await ReopenAsync();
        Assert.Equal(content, await ReadAsync(id));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_directory.FullPath, "tmp")));
    }

    [Fact]
    public async Task A_read_of_the_device_neither_adds_to_the_page_cache_nor_takes_from_it()
    {
        byte[] content = Content(1 << 20), buffer = new byte[content.Length];
        BlobId cold = await WriteAsync(content), warm = await WriteAsync(content);
        await using IBlobReader coldReader = (await Store.OpenAsync(cold, CancellationToken.None))!, warmReader = (await Store.OpenAsync(warm, CancellationToken.None))!;
        await ReadAsync(warm);
        coldReader.DropCached(0, content.Length);
        await using (IBlobReader reader = (await Store.OpenAsync(cold, CancellationToken.None))!)
        {
            Assert.NotEqual(0, await reader.ReadDeviceAsync(0, buffer, CancellationToken.None));
        }

        await using (IBlobReader reader = (await Store.OpenAsync(warm, CancellationToken.None))!)
        {
            Assert.NotEqual(0, await reader.ReadDeviceAsync(0, buffer, CancellationToken.None));
        }

        // Asked once only: the question makes the kernel read ahead.
        Assert.Equal(0, coldReader.TryReadCached(0, buffer));
        Assert.NotEqual(0, warmReader.TryReadCached(0, buffer));
    }

    [Fact]
    public async Task A_blob_lies_where_its_id_says()
    {
        BlobId id = await WriteAsync(Content(10));
        string name = id.ToString();
        Assert.True(File.Exists(Path.Combine(_directory.FullPath, name[..2], name)));
    }

    [Fact]
    public async Task Files_that_are_no_blobs_are_not_listed()
    {
        BlobId id = await WriteAsync(Content(10));
        BlobId bare = NewId();
        await AddBareAsync(bare, Content(10));
        string[] directories = [Path.Combine(_directory.FullPath, id.ToString()[..2]), Path.GetDirectoryName(BareBlobs.PathOf(_directory.FullPath, bare))!];
        foreach (string directory in directories)
        {
            await File.WriteAllTextAsync(Path.Combine(directory, "README"), "x", TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(Path.Combine(directory, new string('A', 32)), "x", TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(Path.Combine(directory, NewId() + BareBlobs.TailSuffix), "x", TestContext.Current.CancellationToken);
        }

        Assert.Equal(new[] { id, bare }.ToHashSet(), (await ListAsync()).Select(info => info.Id).ToHashSet());
    }

    [Fact]
    public async Task A_sealed_blob_keeps_its_file_and_its_tail_across_a_restart()
    {
        byte[] payload = Content(1000);
        byte[] tail = Content(100);
        BlobId id = NewId();
        await AddBareAsync(id, payload);
        string path = BareBlobs.PathOf(_directory.FullPath, id);
        DateTime written = File.GetLastWriteTimeUtc(path);
        Assert.True(await Store.SealAsync(id, tail, CancellationToken.None));
        await ReopenAsync();
        byte[] whole = [.. payload, .. tail];
        Assert.Equal(whole, await ReadAsync(id));
        Assert.Equal(payload, await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        Assert.Equal(written, File.GetLastWriteTimeUtc(path));
        Assert.Equal(tail, await File.ReadAllBytesAsync(path + BareBlobs.TailSuffix, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void All_directories_are_there_before_the_first_blob()
    {
        string[] names = [.. Enumerable.Range(0, 256).Select(n => n.ToString("x2", CultureInfo.InvariantCulture)), "tmp"];
        Assert.Equal(names, Directory.EnumerateFileSystemEntries(_directory.FullPath).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }
}

/// <summary>The blob contract over files that are not synced.</summary>
public sealed class UnsyncedFileBlobStoreTests : BlobStoreContract
{
    private readonly TemporaryDirectory _directory = new();

    protected override ValueTask<IBlobStore> OpenAsync() => new(new FileBlobStore(_directory.FullPath, fsync: false));

    protected override async ValueTask AddBareAsync(BlobId id, byte[] payload)
    {
        BareBlobs.Add(_directory.FullPath, id, payload);
        await ReopenAsync();
    }

    protected override ValueTask CleanUpAsync()
    {
        _directory.Dispose();
        return default;
    }
}

/// <summary>Puts blobs where builds before layout 1 did.</summary>
internal static class BareBlobs
{
    public const string TailSuffix = ".sums";

    public static string PathOf(string root, BlobId id)
    {
        string name = id.ToString();
        return Path.Combine(root, name[..2], name[2..4], name);
    }

    public static void Add(string root, BlobId id, byte[] payload)
    {
        string path = PathOf(root, id);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, payload);
    }
}
