using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Mirroring;

/// <content>How a side is lost, filled and counts again. All of it runs between two groups.</content>
public sealed partial class Mirror
{
    /// <summary>Takes a copy in that is to be filled: from now on it gets all writes. Called between two groups.</summary>
    internal void Admit(MirrorCopy copy)
    {
        ThrowIfFailed();
        _view = new MirrorView(_view.Lead, copy, IsWhole: false);
    }

    /// <summary>Marks a side as one that is being filled, and the leading side as mirrored with it. Called between two groups, before anything on the side changes.</summary>
    internal void Begin(MirrorSide side, MirrorMark? its)
    {
        ThrowIfFailed();
        MirrorMark stale = new(its?.Side ?? _options.NewNumber(), _mark.Side, _mark.Epoch, MirrorStanding.Stale, _options.Time.GetUtcNow());
        side.WriteMark(stale);
        if (_mark.Partner != stale.Side)
        {
            MarkForFill(_view.Lead, _mark with { Partner = stale.Side });
        }
    }

    /// <summary>Lets a filled copy count, unless <paramref name="isLeftOver"/> finds something that it still lacks. Called between two groups.</summary>
    /// <returns>False if it still lacks something.</returns>
    /// <exception cref="IOException">The copy failed.</exception>
    internal async ValueTask<bool> JoinAsync(MirrorCopy copy, Func<bool> isLeftOver)
    {
        ThrowIfFailed();
        MirrorView view = _view;
        if (view.Second != copy)
        {
            throw new IOException($"{copy.Side.Name} was lost while it was filled.");
        }

        // The position is the same on both sides before they count as one.
        var position = new MirrorPosition(_mark.Epoch + 1, _position.Number + 1, _position.Number, Now(), []);
        KeyValueBatch batch = new KeyValueBatch().Put(Tables.MirrorPositionKey, position.Encode()).AsRemoval();
        if (await copy.CommitAsync(batch, isSynced: true) is { } failed)
        {
            throw new IOException($"{copy.Side.Name} could not be written: {failed.Message}", failed);
        }

        if (await view.Lead.CommitAsync(batch, isSynced: true) is { } failure)
        {
            throw failure is StorageFullException ? failure : Fail(failure);
        }

        _position = position with { Before = position.Number };
        lock (_joining)
        {
            if (isLeftOver())
            {
                return false;
            }

            // This side first: a crash in between leaves the other one marked as being filled.
            MarkForFill(view.Lead, _mark with { Standing = MirrorStanding.Together, Epoch = _mark.Epoch + 1 });
            try
            {
                copy.Side.WriteMark(new MirrorMark(_mark.Partner, _mark.Side, _mark.Epoch, MirrorStanding.Together, _options.Time.GetUtcNow()));
            }
            catch (Exception e) when (MirrorCopy.IsOwn(e))
            {
                MarkLead(view.Lead, _mark with { Standing = MirrorStanding.Alone, Epoch = _mark.Epoch + 1 });
                throw;
            }

            _view = view with { IsWhole = true };
        }

        return true;
    }

    /// <summary>Removes rows of the mirror's own while a copy still counts. Called between two groups.</summary>
    /// <returns>False if it does not.</returns>
    internal async ValueTask<bool> RemoveNotesAsync(MirrorCopy copy, IReadOnlyList<byte[]> rows)
    {
        if (_view.Twin != copy)
        {
            return false;
        }

        var batch = new KeyValueBatch();
        foreach (byte[] row in rows)
        {
            batch.Delete(row);
        }

        await WriteAsync(batch.AsRemoval());
        return true;
    }

    /// <summary>Stops using a copy. Called between two groups, or by the one that writes.</summary>
    internal void GiveUp(MirrorCopy copy, Exception cause)
    {
        MirrorView view = _view;
        if (view.TwinOf(copy) is { } rest)
        {
            // Before anything is answered that only this side has.
            bool isLead = rest == view.Lead;
            MarkLead(rest, new MirrorMark(
                isLead ? _mark.Side : _mark.Partner, isLead ? _mark.Partner : _mark.Side, _mark.Epoch + 1, MirrorStanding.Alone, _options.Time.GetUtcNow()));
            _keeper.Take(copy, cause);
            _view = new MirrorView(rest, null, IsWhole: false);
            _options.Events.Lost(copy.Side.Name, rest.Side.Name, cause);
            _keeper.Wake();
        }
        else if (copy == view.Second)
        {
            _keeper.Take(copy, cause);
            _view = new MirrorView(view.Lead, null, IsWhole: false);
            _keeper.Wake();
        }
    }

    /// <summary>Marks the leading side for a fill. If that fails, only the fill does: whichever mark is there then, nothing is answered that relies on it.</summary>
    /// <exception cref="IOException">The mark is not known to be on the device.</exception>
    private void MarkForFill(MirrorCopy copy, MirrorMark mark)
    {
        mark = mark with { Since = _options.Time.GetUtcNow() };
        copy.Side.WriteMark(mark);
        _mark = mark;
    }

    private void MarkLead(MirrorCopy copy, MirrorMark mark)
    {
        try
        {
            mark = mark with { Since = _options.Time.GetUtcNow() };
            copy.Side.WriteMark(mark);
            _mark = mark;
        }
#pragma warning disable CA1031 // Whatever failed: without the mark nothing may be answered that this side has alone.
        catch (Exception e)
#pragma warning restore CA1031
        {
            throw Fail(e);
        }
    }
}
