using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Mirroring;

/// <content>How a group of commits is written to both sides.</content>
public sealed partial class Mirror
{
    /// <summary>Whether every side that counts has room for a commit that adds: what one of them cannot take is not written to the other, so that none is lost for it.</summary>
    private bool HasRoom(long bytes)
    {
        while (_view.Twin is { } twin)
        {
            MirrorCopy lead = _view.Lead;
            bool? onLead = TryHasRoom(lead, bytes, out Exception? leadFailed);
            bool? onTwin = TryHasRoom(twin, bytes, out Exception? twinFailed);
            switch (onLead, onTwin)
            {
                case ({ } here, { } there):
                    return here && there;
                case (null, null):
                    throw leadFailed!;
                default:
                    // Its device does not even tell that: without this every small write would fail, and nothing else would find out.
                    GiveUp(onLead is null ? lead : twin, (leadFailed ?? twinFailed)!);
                    break;
            }
        }

        return _view.Lead.HasRoom(bytes);
    }

    private static bool? TryHasRoom(MirrorCopy copy, long bytes, out Exception? failure)
    {
        try
        {
            failure = null;
            return copy.HasRoom(bytes);
        }
        catch (Exception e) when (MirrorCopy.IsOwn(e))
        {
            failure = e;
            return null;
        }
    }

    private async ValueTask WriteAsync(KeyValueBatch group)
    {
        ThrowIfFailed();
        MirrorView view = _view;
        var position = new MirrorPosition(
            _mark.Epoch, _position.Number + 1, _position.Before, Now(), view.IsWhole ? [.. group.Changes.Select(static change => change.Key)] : []);
        _position = position;
        group.Put(Tables.MirrorPositionKey, position.Encode());

        // Each waits for another device, and a store may write on the thread of its caller.
        Task<Exception?>? second = view.Second is { } other ? Task.Run(() => other.CommitAsync(group)) : null;
        Exception? onLead = await view.Lead.CommitAsync(group);
        Exception? onSecond = second is null ? null : await second;
        if (onLead is null && onSecond is null)
        {
            // Every side in use has it, so that a side that lacks the next group has this one.
            _position = position with { Before = position.Number };
        }
        else if (onLead is null)
        {
            GiveUp(view.Second!, onSecond!);
            _position = position with { Before = position.Number };
        }
        else if (view.Twin is not { } twin)
        {
            if (view.Second is { } filling)
            {
                // It may have what the leading side does not.
                GiveUp(filling, onSecond ?? new IOException($"{view.Lead.Side.Name} could not write: {onLead.Message}", onLead));
            }

            throw onLead is StorageFullException ? onLead : Fail(onLead);
        }
        else
        {
            Weigh(view.Lead, onLead, twin, onSecond);
        }
    }

    /// <summary>Decides what becomes of a group that the leading side could not write.</summary>
    private void Weigh(MirrorCopy lead, Exception onLead, MirrorCopy twin, Exception? onTwin)
    {
        switch (onLead, onTwin)
        {
            case (_, null):
                GiveUp(lead, onLead);
                _position = _position with { Before = _position.Number };
                return;
            case (StorageFullException, StorageFullException):
                throw onLead;
            case (StorageFullException, { }):
                GiveUp(twin, onTwin);
                throw onLead;
            case (_, StorageFullException):
                GiveUp(lead, onLead);
                throw onTwin;
            default:
                throw Fail(onLead);
        }
    }
}
