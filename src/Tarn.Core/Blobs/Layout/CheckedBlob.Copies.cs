namespace Tarn.Core.Blobs.Layout;

/// <content>What a reader does when the copy that it reads is damaged: it goes on with another, where there is one, or reports the damage.</content>
internal sealed partial class CheckedBlob
{
    /// <summary>Goes on with another copy of which the length and the trailer are right; false when there is none.</summary>
    private async ValueTask<bool> TryTakeOverAsync(CancellationToken cancellationToken)
    {
        if (await OpenOtherAsync(cancellationToken) is not { } other)
        {
            return false;
        }

        bool isTaken = false;
        try
        {
            isTaken = await TryCheckAsync(other, cancellationToken);
        }
        finally
        {
            await (isTaken ? TakeOverAsync(other) : other.DisposeAsync());
        }

        return isTaken;
    }

    /// <summary>Reads what this copy has damaged from another one, and goes on with that if it has all of it; 0 when no copy has it.</summary>
    private async ValueTask<int> ReadOtherAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (await OpenOtherAsync(cancellationToken) is not { } other)
        {
            return 0;
        }

        bool isTaken = false;
        try
        {
            bool isSound = await TryCheckAsync(other, cancellationToken);
            if (isSound && await other.TryReadAsync(offset, buffer, cancellationToken) is > 0 and int count)
            {
                isTaken = true;
                return count;
            }

            return _isChecked && await MergeAsync(other, isSound && other._trailer == _trailer, offset, buffer, cancellationToken) ? buffer.Length : 0;
        }
        finally
        {
            await (isTaken ? TakeOverAsync(other) : other.DisposeAsync());
        }
    }

    /// <summary>
    /// Reads each block from the copy that has it right, by the checksums of either: both may be damaged, in different places, also in their checksums. False when that makes none of a block
    /// right.
    /// </summary>
    /// <param name="other">The other copy, whose disposal is the caller's.</param>
    /// <param name="hasTable">Whether it has checksums, of the same payload.</param>
    /// <param name="offset">Where to read.</param>
    /// <param name="buffer">Receives the bytes.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    private async ValueTask<bool> MergeAsync(CheckedBlob other, bool hasTable, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        // Not noted as verified: what is wrong with a copy besides its blocks is not known.
        CheckedBlob theirs = Crossed(other._inner, _inner);
        CheckedBlob ours = Crossed(_inner, other._inner);
        CheckedBlob[] ways = hasTable ? [this, theirs, other, ours] : [this, theirs];
        try
        {
            int blockSize = 1 << _trailer.BlockSizeLog2;
            for (int filled = 0; filled < buffer.Length;)
            {
                long at = offset + filled;
                Memory<byte> block = buffer.Slice(filled, (int)Math.Min(buffer.Length - filled, blockSize - (at & (blockSize - 1))));
                int read = 0;
                for (int way = 0; way < ways.Length && read == 0; way++)
                {
                    read = await ways[way].TryReadAsync(at, block, cancellationToken);
                }

                if (read == 0)
                {
                    return false;
                }

                filled += read;
            }
        }
        finally
        {
            theirs.ReturnWindow();
            ours.ReturnWindow();
        }

        // Neither copy is whole, so none can be healed from the other: a scrub makes one of both.
        _isOther = true;
        return true;

        CheckedBlob Crossed(IBlobReader blocks, IBlobReader table) =>
            new(_blobs, _id, blocks, _end, _sink, VerifyReads.Always, _onDevice) { _isSecond = true, _isChecked = true, _trailer = _trailer, _table = table };
    }

    /// <summary>Another copy, not yet compared with anything; null when there is none.</summary>
    private async ValueTask<CheckedBlob?> OpenOtherAsync(CancellationToken cancellationToken) =>
        _blobs.Repair is { } repair && await repair.OpenOtherAsync(_id, _inner, cancellationToken) is { } reader
            ? new CheckedBlob(_blobs, _id, reader, _end, _sink, _mode, _onDevice) { _isSecond = true }
            : null;

    /// <summary>Whether the length and the trailer of another copy are right. If not, it is no better: the damage of this one is reported.</summary>
    private async ValueTask<bool> TryCheckAsync(CheckedBlob other, CancellationToken cancellationToken)
    {
        if (other._inner.IsBare && !_inner.IsBare)
        {
            // Nothing tells that it is right, and it would hide that this one is not.
            return false;
        }

        try
        {
            await other.CheckAsync(_stored, cancellationToken);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Reads from this copy alone; 0 when that fails.</summary>
    private async ValueTask<int> TryReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAloneAsync(offset, buffer, cancellationToken);
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
