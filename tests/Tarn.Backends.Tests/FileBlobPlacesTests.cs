using System.Buffers;
using System.Diagnostics;
using Tarn.Backends.Files;
using Tarn.Core.Blobs;
using Tarn.TestKit.Servers;
using Tarn.TestKit.Stores;

namespace Tarn.Backends.Tests;

/// <summary>What becomes of blobs where the directories of a store are not as Tarn made them.</summary>
public sealed class FileBlobPlacesTests : IAsyncDisposable
{
    private const string OtherFileSystem = "/dev/shm";

    private readonly SeededRandomSource _random = new(11);
    private readonly TemporaryDirectory _directory = new();
    private readonly List<string> _elsewhere = [];
    private readonly FileBlobStore _store;

    public FileBlobPlacesTests() => _store = new FileBlobStore(_directory.FullPath, fsync: true);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _directory.Dispose();
        foreach (string path in _elsewhere)
        {
            Directory.Delete(path, recursive: true);
        }
    }

    [Fact]
    public async Task A_blob_is_not_copied_to_a_directory_on_another_file_system()
    {
        var id = BlobId.Create(_random);
        string elsewhere = MoveElsewhere(Path.GetDirectoryName(PathOf(id))!);
        IOException refused = await Assert.ThrowsAsync<IOException>(() => WriteAsync(id, [1, 2, 3]));
        Assert.Contains("is on another file system", refused.Message, StringComparison.Ordinal);
        Assert.Contains(PathOf(id), refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(elsewhere));
        Assert.Empty(Directory.EnumerateFiles(_directory.PathOf("tmp")));
        Assert.Null(await _store.FindAsync(id, Token));
    }

    [Theory]
    [InlineData("3f")]
    [InlineData("tmp")]
    public void A_store_with_a_link_in_place_of_a_directory_is_not_opened(string name)
    {
        MoveElsewhere(_directory.PathOf(name));
        IOException refused = Assert.Throws<IOException>(() => new FileBlobStore(_directory.FullPath, fsync: true));
        Assert.Contains($"{_directory.PathOf(name)} is a symbolic link", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"all of {_directory.FullPath}", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("3f", false)]
    [InlineData("3f", true)]
    [InlineData("tmp", false)]
    public void A_store_with_a_mount_in_place_of_a_directory_is_not_opened(string name, bool isBound)
    {
        string path = _directory.PathOf(name);
        string[] arguments = isBound ? ["--bind", _directory.PathOf("40"), path] : ["-t", "tmpfs", "-o", "size=1m", "tarn-test", path];
        Assert.SkipUnless(Run("mount", arguments), "Nothing can be mounted here.");
        try
        {
            IOException refused = Assert.Throws<IOException>(() => new FileBlobStore(_directory.FullPath, fsync: true));
            Assert.Contains($"{path} is {(isBound ? "a mount of its own" : "on another file system")}", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            Assert.True(Run("umount", path));
        }
    }

    [Fact]
    public async Task A_store_that_is_a_link_or_a_mount_as_a_whole_is_opened()
    {
        string elsewhere = Elsewhere(), link = _directory.PathOf("link");
        Directory.CreateSymbolicLink(link, elsewhere);
        await using var store = new FileBlobStore(link, fsync: true);
        Assert.Equal(257, Directory.EnumerateDirectories(elsewhere).Count());
        File.Delete(link);
    }

    [Fact]
    public async Task Blobs_that_are_synced_together_are_there_like_others()
    {
        Assert.SkipUnless(_store.SyncTogether(), "The file system does not report what could not be written.");
        BlobId written = BlobId.Create(_random), linked = BlobId.Create(_random);
        await WriteAsync(written, [1, 2, 3]);
        using var other = new TemporaryDirectory();
        await using (var source = new FileBlobStore(other.FullPath, fsync: true))
        {
            await using (IBlobWriter writer = await source.CreateAsync(linked, 2, Token))
            {
                await writer.WriteAsync(new ReadOnlySequence<byte>([4, 5]), Token);
                await writer.CommitAsync(Token);
            }

            Assert.True(_store.TryLink(source, linked));
        }

        await _store.SyncAsync();
        Assert.Equal((3, 2), ((await _store.FindAsync(written, Token))?.Length, (await _store.FindAsync(linked, Token))?.Length));
    }

    [Fact]
    public async Task A_tail_is_not_copied_to_a_directory_on_another_file_system()
    {
        var id = BlobId.Create(_random);
        string path = BareBlobs.PathOf(_directory.FullPath, id);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string elsewhere = MoveElsewhere(Path.GetDirectoryName(path)!);
        await File.WriteAllBytesAsync(path, [1, 2, 3], Token);
        IOException refused = await Assert.ThrowsAsync<IOException>(async () => await _store.SealAsync(id, new byte[64], Token));
        Assert.Contains("is on another file system", refused.Message, StringComparison.Ordinal);
        Assert.Equal([id.ToString()], Directory.EnumerateFiles(elsewhere).Select(Path.GetFileName));
        Assert.Empty(Directory.EnumerateFiles(_directory.PathOf("tmp")));
        Assert.True((await _store.FindAsync(id, Token))!.Value.IsBare);
    }

    [Fact]
    public async Task A_delete_removes_what_either_place_has()
    {
        foreach (bool isSealed in new[] { false, true })
        {
            var id = BlobId.Create(_random);
            BareBlobs.Add(_directory.FullPath, id, [1, 2, 3]);
            Assert.True(!isSealed || await _store.SealAsync(id, new byte[64], Token));
            await File.WriteAllBytesAsync(PathOf(id), [4, 5, 6], Token);
            await _store.DeleteAsync(id, Token);
            Assert.Null(await _store.FindAsync(id, Token));
            Assert.Empty(Directory.EnumerateFiles(_directory.FullPath, "*", SearchOption.AllDirectories));
        }
    }

    [Fact]
    public async Task A_sealed_blob_that_is_deleted_meanwhile_never_looks_bare()
    {
        for (int i = 0; i < 300; i++)
        {
            var id = BlobId.Create(_random);
            BareBlobs.Add(_directory.FullPath, id, [1, 2, 3]);
            Assert.True(await _store.SealAsync(id, new byte[64], Token));
            Task deleting = Task.Run(async () => await _store.DeleteAsync(id, Token), Token);
            while (await _store.FindAsync(id, Token) is { } info)
            {
                Assert.False(info.IsBare);
            }

            await deleting;
        }
    }

    [Fact]
    public async Task A_tail_that_is_there_is_not_replaced()
    {
        var id = BlobId.Create(_random);
        BareBlobs.Add(_directory.FullPath, id, [1, 2, 3]);
        string path = BareBlobs.PathOf(_directory.FullPath, id), temporary = _directory.PathOf("tmp", "tail");
        await File.WriteAllTextAsync(path + BareBlobs.TailSuffix, "the first", Token);
        Assert.False(BlobTail.Write(temporary, path, "the second"u8));
        Assert.Equal("the first", await File.ReadAllTextAsync(path + BareBlobs.TailSuffix, Token));
        Assert.False(File.Exists(temporary));
    }

    [Fact]
    public async Task A_sealed_blob_says_how_long_its_payload_is_now()
    {
        var id = BlobId.Create(_random);
        BareBlobs.Add(_directory.FullPath, id, new byte[1000]);
        Assert.True(await _store.SealAsync(id, new byte[64], Token));
        using (FileStream file = File.OpenWrite(BareBlobs.PathOf(_directory.FullPath, id)))
        {
            file.SetLength(990);
        }

        BlobInfo info = (await _store.FindAsync(id, Token))!.Value;
        Assert.Equal((1054, 990), (info.Length, info.TailAt));
        await using IBlobReader reader = (await _store.OpenAsync(id, Token))!;
        Assert.Equal((1054, 990), (reader.Length, reader.TailAt));
    }

    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "")]
    [InlineData(true, BareBlobs.TailSuffix)]
    public async Task A_pipe_in_the_place_of_a_blob_or_its_tail_does_not_stop_whoever_examines_a_copy(bool isBare, string suffix)
    {
        var id = BlobId.Create(_random);
        if (suffix.Length > 0)
        {
            BareBlobs.Add(_directory.FullPath, id, [1, 2, 3]);
        }

        string path = (isBare ? BareBlobs.PathOf(_directory.FullPath, id) : PathOf(id)) + suffix;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Assert.True(Run("mkfifo", path));
        await using var copy = FileBlobStore.OpenToRead(_directory.FullPath);
        IOException refused = await Assert.ThrowsAsync<IOException>(async () => await copy.OpenAsync(id, Token));
        Assert.Contains($"{path} is not a regular file", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("99999999999999", "9999-12-31T23:59:59Z")]
    [InlineData("-99999999999999", "0001-01-01T00:00:00Z")]
    public async Task A_time_outside_the_calendar_is_the_nearest_one_in_it(string seconds, string expected)
    {
        string elsewhere = Elsewhere();
        await using var store = new FileBlobStore(elsewhere, fsync: false);
        var id = BlobId.Create(_random);
        string path = Path.Combine(elsewhere, id.ToString()[..2], id.ToString());
        await File.WriteAllBytesAsync(path, [1], Token);
        using (Process touch = Process.Start("touch", ["-d", "@" + seconds, path]))
        {
            await touch.WaitForExitAsync(Token);
            Assert.Equal(0, touch.ExitCode);
        }

        Assert.Equal(DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), (await store.FindAsync(id, Token))!.Value.Created);
    }

    [Fact]
    public async Task A_blob_that_cannot_be_examined_is_counted()
    {
        using var errors = new CountedErrors("tarn.blob.read_errors");
        var id = BlobId.Create(_random);
        string directory = Path.GetDirectoryName(PathOf(id))!;
        Directory.Delete(directory);
        File.CreateSymbolicLink(directory, directory);
        await Assert.ThrowsAsync<IOException>(async () => await _store.FindAsync(id, Token));
        Assert.True(errors.Counted > 0);
        File.Delete(directory);
    }

    private static bool Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    private string PathOf(BlobId id) => _directory.PathOf(id.ToString()[..2], id.ToString());

    private async Task WriteAsync(BlobId id, byte[] content)
    {
        await using IBlobWriter writer = await _store.CreateAsync(id, content.Length, Token);
        await writer.WriteAsync(new ReadOnlySequence<byte>(content), Token);
        await writer.CommitAsync(Token);
    }

    /// <summary>Replaces an empty directory by a link to one on another file system.</summary>
    private string MoveElsewhere(string directory)
    {
        string elsewhere = Elsewhere();
        Directory.Delete(directory);
        Directory.CreateSymbolicLink(directory, elsewhere);
        return elsewhere;
    }

    private string Elsewhere()
    {
        Assert.SkipUnless(Directory.Exists(OtherFileSystem), "There is no other file system.");
        string path = Path.Combine(OtherFileSystem, Path.GetFileName(_directory.FullPath) + _elsewhere.Count);
        Directory.CreateDirectory(path);
        _elsewhere.Add(path);
        return path;
    }
}
