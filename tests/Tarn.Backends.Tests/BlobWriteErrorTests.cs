using Tarn.Backends.Files;
using Tarn.Core.Blobs;
using Tarn.TestKit.Servers;
using Tarn.TestKit.Stores;

namespace Tarn.Backends.Tests;

/// <summary>Which failed writes are the device's, for the counter that an alert is set on. No other class may count meanwhile.</summary>
[Collection(nameof(BlobWriteErrorTests))]
[CollectionDefinition(nameof(BlobWriteErrorTests), DisableParallelization = true)]
public sealed class BlobWriteErrorTests : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly SeededRandomSource _random = new(4);
    private readonly FileBlobStore _store;
    private readonly CountedErrors _errors;

    public BlobWriteErrorTests()
    {
        _store = new FileBlobStore(_directory.FullPath, fsync: true);
        _errors = new CountedErrors("tarn.blob.write_errors");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _errors.Dispose();
        await _store.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_file_that_cannot_be_created_is_counted()
    {
        Directory.Delete(_directory.PathOf("tmp"));
        await Assert.ThrowsAnyAsync<IOException>(async () => await _store.CreateAsync(BlobId.Create(_random), null, Token));
        Assert.Equal(1, _errors.Counted);
    }

    [Fact]
    public async Task A_file_that_does_not_get_its_name_is_counted()
    {
        var id = BlobId.Create(_random);
        await using IBlobWriter writer = await _store.CreateAsync(id, null, Token);
        await writer.WriteAsync(new(new byte[10]), Token);
        Directory.Delete(_directory.PathOf(id.ToString()[..2]));
        await Assert.ThrowsAnyAsync<IOException>(async () => await writer.CommitAsync(Token));
        Assert.Equal(1, _errors.Counted);
    }

    [Fact]
    public async Task A_clone_that_fails_is_counted()
    {
        BlobId id = await WriteAsync();
        using var elsewhere = new TemporaryDirectory();
        await using FileBlobStore other = new(elsewhere.FullPath, fsync: true);
        Directory.Delete(elsewhere.PathOf("tmp"));
        Assert.ThrowsAny<IOException>(() => other.TryClone(_store, id));
        Assert.Equal(1, _errors.Counted);
    }

    [Theory]
    [InlineData(false, true, 0)]
    [InlineData(true, false, 1)]
    [InlineData(true, true, 0)]
    public async Task A_replacement_that_is_not_wanted_is_not_counted_and_one_of_which_the_device_has_other_bytes_is(bool mayReplace, bool isWritten, int counted)
    {
        BlobId id = await WriteAsync();
        await using (IBlobWriter writer = await _store.CreateReplacementAsync(id, 10, _ => mayReplace, _ => new(isWritten), Token))
        {
            await writer.WriteAsync(new(new byte[10]), Token);
            Exception? failure = await Record.ExceptionAsync(async () => await writer.CommitAsync(Token));
            Assert.Equal(!(mayReplace && isWritten), failure is IOException);
        }

        Assert.Equal(counted, _errors.Counted);
    }

    private async Task<BlobId> WriteAsync()
    {
        var id = BlobId.Create(_random);
        await using IBlobWriter writer = await _store.CreateAsync(id, null, Token);
        await writer.WriteAsync(new(new byte[10]), Token);
        await writer.CommitAsync(Token);
        return id;
    }
}
