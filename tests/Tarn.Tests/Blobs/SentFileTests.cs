using System.Buffers;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Win32.SafeHandles;
using Tarn.Backends.Files;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Model;
using Tarn.TestKit.Servers;
using Tarn.TestKit.Stores;

namespace Tarn.Tests.Blobs;

/// <summary>When a blob's file may be sent without being read: only what is in memory and was verified, or need not be.</summary>
public sealed class SentFileTests : IDamageSink, IAsyncDisposable
{
    private const int Block = BlobLayout.BlockSize;
    private const int Length = (3 * Block) + 5;

    private readonly TemporaryDirectory _directory = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly FileBlobStore _store;
    private readonly BlobId _id = BlobId.Create(new SeededRandomSource(3));
    private readonly byte[] _payload = new byte[Length];
    private readonly List<(long Start, long End)> _verified = [];
    private long _stored;

    public SentFileTests()
    {
        _store = new FileBlobStore(_directory.FullPath, fsync: true);
        new Random(1).NextBytes(_payload);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _directory.Dispose();
    }

    ValueTask<Exception> IDamageSink.ReportAsync(DamagedDataException found) => ValueTask.FromResult<Exception>(found);

    ValueTask IDamageSink.VerifiedAsync(Id128 data, long start, long end)
    {
        _verified.Add((start, end));
        return default;
    }

    [Fact]
    public async Task What_was_not_verified_is_read()
    {
        await using CheckedBlob blob = await OpenAsync(VerifyReads.Device);
        Assert.Null(await blob.FileAsync(0, Length));
        Assert.Equal(Block, await blob.ReadAsync(Block, new byte[Block], Token));
        Assert.NotNull(await blob.FileAsync(Block, Block));
        Assert.NotNull(await blob.FileAsync(Block + 1, Block - 2));
        Assert.Null(await blob.FileAsync(Block - 1, 2));
        Assert.Null(await blob.FileAsync(Block, Block + 1));
    }

    [Fact]
    public async Task What_was_verified_is_the_file_with_the_same_bytes_and_notes_it()
    {
        await using CheckedBlob blob = await OpenAsync(VerifyReads.Device);
        await ReadAllAsync(blob);
        _verified.Clear();
        SafeFileHandle file = (await blob.FileAsync(0, Length))!;
        byte[] sent = new byte[Length];
        Assert.Equal(Length, await RandomAccess.ReadAsync(file, sent, 0, Token));
        Assert.Equal(_payload, sent);
        Assert.Equal((0, long.MaxValue), Assert.Single(_verified));
    }

    [Fact]
    public async Task What_has_left_memory_is_read()
    {
        await using CheckedBlob blob = await OpenAsync(VerifyReads.Off);
        Assert.NotNull(await blob.FileAsync(0, Length));
        await using IBlobReader reader = (await _store.OpenAsync(_id, Token))!;
        Assert.True(reader.IsCached(0, Length));
        blob.DropCached(0, Length);
        Assert.SkipWhen(reader.IsCached(0, Length), "the file system keeps everything in memory");
        Assert.Null(await blob.FileAsync(0, Length));
        Assert.False(reader.IsCached(0, reader.Length + Block));
    }

    [Fact]
    public async Task What_is_always_verified_is_always_read()
    {
        await using CheckedBlob blob = await OpenAsync(VerifyReads.Always);
        await ReadAllAsync(blob);
        Assert.Null(await blob.FileAsync(0, Length));
    }

    [Fact]
    public async Task What_was_verified_too_long_ago_is_read()
    {
        await using CheckedBlob blob = await OpenAsync(VerifyReads.Device);
        await ReadAllAsync(blob);
        _clock.Advance(VerifiedBlocks.Lifetime * 2);
        Assert.Null(await blob.FileAsync(0, Length));
    }

    [Theory]
    [InlineData(VerifyReads.Device)]
    [InlineData(VerifyReads.Off)]
    public async Task What_follows_the_payload_is_never_sent(VerifyReads mode)
    {
        await using CheckedBlob blob = await OpenAsync(mode);
        await ReadAllAsync(blob);
        Assert.Null(await blob.FileAsync(Length - 5, (mode == VerifyReads.Off ? _stored - Length : 0) + 6));
    }

    private static async Task ReadAllAsync(CheckedBlob blob)
    {
        byte[] buffer = new byte[Length];
        for (int at = 0; at < Length;)
        {
            at += await blob.ReadAsync(at, buffer.AsMemory(at), Token);
        }
    }

    private async Task<CheckedBlob> OpenAsync(VerifyReads mode)
    {
        var sums = new BlockChecksummer(Length);
        sums.Append(_payload);
        byte[] tail = BlobTail.Compose(_id, sums, []);
        _stored = Length + tail.Length;
        await using (IBlobWriter writer = await _store.CreateAsync(_id, _stored, Token))
        {
            await writer.WriteAsync(new ReadOnlySequence<byte>([.. _payload, .. tail]), Token);
            await writer.CommitAsync(Token);
        }

        return (await new CheckedBlobs(_store, mode, _clock).OpenAsync(_id, Length, _stored, this, always: false, Token))!;
    }
}
