using System.Buffers;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Linux;

namespace Tarn.Core.Disks.Writing;

/// <summary>Bytes that one request appends to an upload.</summary>
public sealed class UploadAppend : IDisposable
{
    /// <summary>After this many bytes they are made durable: a server that ends meanwhile has them, and at most this many are sent again.</summary>
    internal const long KeptEvery = 64L << 20;

    private readonly WritableDisks _disks;
    private readonly Disk _disk;
    private readonly UploadTurn _turn;
    private readonly StagedFile _file;
    private readonly bool _keepsParts;
    private readonly Func<CancellationToken, ValueTask> _guard;
    private UploadNote _note;

    /// <param name="keepsParts">Whether bytes are kept before all have arrived: not if they are first compared with a checksum.</param>
    /// <param name="guard">Runs before any are kept, and may still refuse them.</param>
    internal UploadAppend(
        WritableDisks disks, Disk disk, UploadTurn turn, StagedFile file, UploadNote note, bool keepsParts, Func<CancellationToken, ValueTask> guard)
    {
        _disks = disks;
        _disk = disk;
        _turn = turn;
        _file = file;
        _note = note;
        _keepsParts = keepsParts;
        _guard = guard;
    }

    /// <summary>Cancelled when another request goes on with the upload: this one should end.</summary>
    public CancellationToken Interrupted => _turn.Interrupted;

    /// <summary>Appends bytes.</summary>
    /// <exception cref="DiskChangeRefusedException">Invalid: there are more than the upload's length. TooLarge.</exception>
    /// <exception cref="Blobs.StorageFullException">There is no room.</exception>
    public async ValueTask AppendAsync(ReadOnlySequence<byte> data)
    {
        ThrowIfMore(_note, _file.Length, data.Length);
        _file.Append(data);
        if (_keepsParts && _file.Length - _note.Offset >= KeptEvery)
        {
            await KeepAsync();
        }
    }

    /// <summary>Makes the appended bytes durable.</summary>
    /// <exception cref="DiskChangeRefusedException">The disk is gone or read-only by now.</exception>
    /// <exception cref="IOException">They are not durable: the upload goes on where it was.</exception>
    public async ValueTask<DiskUpload> CommitAsync()
    {
        await KeepAsync();
        return DiskUpload.Of(_file.Name, _note);
    }

    /// <summary>Keeps what has arrived of bytes that broke off, unless they had to be compared with a checksum first, or could not be made durable.</summary>
    /// <exception cref="DiskChangeRefusedException">The disk is gone or read-only by now.</exception>
    public ValueTask KeepPartAsync() => _keepsParts && !_file.IsLost ? KeepAsync() : ValueTask.CompletedTask;

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            _file.Dispose();
        }
        finally
        {
            _turn.Dispose();
        }
    }

    internal static void ThrowIfMore(UploadNote note, long offset, long more)
    {
        if (note.Length is { } length && more > length - offset)
        {
            throw new DiskChangeRefusedException(DiskChangeRefusal.Invalid, $"the upload has a length of {length} bytes, and this would be more");
        }
    }

    private async ValueTask KeepAsync()
    {
        try
        {
            await _guard(CancellationToken.None);
        }
        catch
        {
            // What was received since then is nobody's any more.
            _file.CutTo(_note.Offset);
            throw;
        }

        if (_file.Length == _note.Offset)
        {
            return;
        }

        (await _disks.OpenAsync(_disk.Id, CancellationToken.None)).Dispose();
        UploadNote note = _note with { Offset = _file.Length };
        await BlockingCalls.RunAsync(() =>
        {
            _file.Sync();
            note.Write(_file.Staging, _file.Name, _file.Path);
        });
        _note = note;
    }
}
