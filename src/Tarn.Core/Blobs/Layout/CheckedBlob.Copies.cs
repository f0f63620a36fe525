namespace Tarn.Core.Blobs.Layout;

/// <content>What a reader does when the copy that it reads is damaged: it goes on with another, where there is one, or reports the damage.</content>
internal sealed partial class CheckedBlob
{
    /// <summary>Another copy, of which the length and the trailer are right; null when there is none.</summary>
    private async ValueTask<CheckedBlob?> OpenOtherAsync(long stored, CancellationToken cancellationToken)
    {
        if (_blobs.Repair is not { } repair || await repair.OpenOtherAsync(_id, _inner, cancellationToken) is not { } reader)
        {
            return null;
        }

        if (reader.IsBare && !_inner.IsBare)
        {
            // Nothing tells that it is right, and it would hide that this one is not.
            await reader.DisposeAsync();
            return null;
        }

        var other = new CheckedBlob(_blobs, _id, reader, _end, _sink, _mode, _onDevice) { _isSecond = true };
        try
        {
            await other.CheckAsync(stored, cancellationToken);
            return other;
        }
        catch (IOException)
        {
            // It is no better: the damage of the first copy is reported.
            await other.DisposeAsync();
            return null;
        }
        catch
        {
            await other.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads from this copy alone; 0 when that fails.</summary>
    private async ValueTask<int> TryReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(offset, buffer, cancellationToken);
        }
        catch (IOException)
        {
            // The damage of the first copy is reported.
            return 0;
        }
    }

    /// <summary>Goes on with another copy, and has this one rewritten.</summary>
    private async ValueTask TakeOverAsync(CheckedBlob other)
    {
        await DisposeAsync();
        _isOther = true;
        (_inner, _trailer, _isChecked) = (other._inner, other._trailer, other._isChecked);
        (_window, _windowFirst, _windowCount, _windowAt) = (other._window, other._windowFirst, other._windowCount, other._windowAt);
        _blobs.Repair!.BeginRepair(_id);
    }

    private DamagedDataException Damaged(DamageKind kind, long offset, long length, string message) =>
        Damaged(new DamagedDataException(kind, _id.Value, message) { Offset = offset, Length = length });

    private DamagedDataException Damaged(DamagedDataException damage)
    {
        _blobs.Verified.Remove(_id);
        return damage;
    }

    /// <summary>Puts the damage on the list, unless the blob was written anew meanwhile: then nothing is to be listed, and nothing to be dropped.</summary>
    private async ValueTask<Exception> ReportAsync(DamagedDataException damage) =>
        await _blobs.IsReplacedAsync(_id, _inner, CancellationToken.None)
            ? new IOException($"Blob {_id} was replaced while it was read. {damage.Message}")
            : await _sink.ReportAsync(damage);
}
