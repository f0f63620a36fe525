using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Blobs;
using Tarn.Core.Files;

namespace Tarn.Backends.Files;

/// <summary>
/// Writes a blob's temporary file and publishes it. A blob known to be large bypasses the page cache where the file
/// system can; others are written to the cache on the caller's thread, and writeback starts early, so that the final
/// fsync has little left to wait for.
/// </summary>
internal sealed class FileBlobWriter : IBlobWriter
{
    private const long WritebackBytes = 4L << 20;

    /// <summary>From this many bytes on, writing directly to the device is faster than the page cache.</summary>
    private const long DirectBytes = 4L << 20;

    // Any other value makes .NET lock the file, two needless calls, since nobody else knows its name.
    private const FileShare Unlocked = FileShare.ReadWrite | FileShare.Delete;

    private readonly FileBlobStore _store;
    private readonly string _temporary;
    private readonly Action<string, SafeFileHandle> _publish;
    private readonly Func<IBlobReader, ValueTask<bool>>? _isWritten;
    private readonly SafeFileHandle _file;
    private readonly DirectStage? _direct;
    private readonly List<ReadOnlyMemory<byte>> _segments = [];
    private long _length;
    private long _writtenBack;
    private bool _committed;
    private bool _disposed;

    // Set by a write that failed: the file's content is unknown, so it must never be published.
    private bool _failed;

    /// <param name="store">Where the blob goes.</param>
    /// <param name="temporary">The path of the file while it is written.</param>
    /// <param name="expectedLength">Its length if known.</param>
    /// <param name="publish">Gives the written file its name, closes it and makes both durable.</param>
    /// <param name="isWritten">Is given what the device has of the file before it is published; if it is wrong, it is not. Null: nothing is read back.</param>
    public FileBlobWriter(
        FileBlobStore store, string temporary, long? expectedLength, Action<string, SafeFileHandle> publish, Func<IBlobReader, ValueTask<bool>>? isWritten = null)
    {
        _publish = publish;
        _store = store;
        _temporary = temporary;
        _isWritten = isWritten;
        _file = BlobWrites.Guard(() => File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write, Unlocked));
        if (expectedLength >= DirectBytes && store.SyncQueue is { } threads)
        {
            _direct = DirectStage.TryCreate(_file, threads);
        }
    }

    public async ValueTask WriteAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_file.IsClosed, this);
        ObjectDisposedException.ThrowIf(_failed, this);
        _failed = true;
        try
        {
            if (_direct is null)
            {
                Append(data);
            }
            else
            {
                await _direct.AppendAsync(data);
                _length += data.Length;
            }
        }
        catch (IOException exception) when (DiskFull.IsCause(exception))
        {
            throw DiskFull.Of(exception);
        }
        catch (IOException)
        {
            BlobWriteErrors.Count();
            throw;
        }

        if (_length - _writtenBack >= WritebackBytes)
        {
            _store.Reserve.ThrowIfShort(0);
            if (_store.SyncQueue is not null && _direct is null)
            {
                FileSync.StartWritingBack(_file, _writtenBack, _length - _writtenBack);
            }

            _writtenBack = _length;
        }

        _failed = false;
    }

    public async ValueTask CommitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_file.IsClosed || _failed, this);
        _failed = true;
        try
        {
            await FinishAsync();
        }
        catch (IOException exception) when (BlobWrites.IsFailure(exception))
        {
            BlobWriteErrors.Count();
            throw;
        }

        _committed = true;
    }

    private async ValueTask FinishAsync()
    {
        if (_direct is not null)
        {
            try
            {
                await _direct.FinishAsync();
            }
            catch (IOException exception) when (DiskFull.IsCause(exception))
            {
                throw DiskFull.Of(exception);
            }
        }

        if (_isWritten is not null)
        {
            await RunAsync(Sync);
            await using FileBlobReader written = FileBlobStore.TryOpenWhole(_temporary) ?? throw new IOException($"{_temporary} is gone.");
            if (!await _isWritten(written))
            {
                throw new IOException($"{_temporary} does not become a blob: the device has other bytes than were written.");
            }
        }

        await RunAsync(Publish);
    }

    /// <summary>Waits for the device on another thread, since those of the pool serve connections.</summary>
    private async ValueTask RunAsync(Action act)
    {
        if (_store.SyncQueue is { } queue)
        {
            await queue.RunAsync(act);
        }
        else
        {
            act();
        }
    }

    private void Sync() => DiskFull.Guard(() => FileSync.File(_file, _temporary));

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        try
        {
            if (_direct is not null)
            {
                await _direct.DisposeAsync();
            }
        }
        finally
        {
            // Whatever became of the last write: nothing is left behind.
            _file.Dispose();
            if (!_committed)
            {
                File.Delete(_temporary);
            }
        }
    }

    private void Append(in ReadOnlySequence<byte> data)
    {
        if (data.IsSingleSegment)
        {
            RandomAccess.Write(_file, data.FirstSpan, _length);
        }
        else
        {
            _segments.Clear();
            foreach (ReadOnlyMemory<byte> segment in data)
            {
                _segments.Add(segment);
            }

            RandomAccess.Write(_file, _segments, _length);
            _segments.Clear();
        }

        _length += data.Length;
    }

    private void Publish() => DiskFull.Guard(() => _publish(_temporary, _file));
}
