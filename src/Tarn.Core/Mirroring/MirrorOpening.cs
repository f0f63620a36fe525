using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Mirroring;

/// <summary>Opens the sides of a mirror at a start: finds the one that has everything, and lets the other catch up if a crash came between the writes of one group.</summary>
internal sealed class MirrorOpening(MirrorSide[] sides, MirrorOptions options)
{
    private readonly MirrorCopy?[] _open = new MirrorCopy?[2];
    private readonly MirrorPosition[] _positions = [MirrorPosition.None, MirrorPosition.None];

    // The side that is used at the moment: a failure is its own.
    private int _at;

    public async Task<MirrorOpened> RunAsync(CancellationToken cancellationToken)
    {
        MirrorLook[] looks = [sides[0].Look(), sides[1].Look()];
        while (true)
        {
            MirrorStart start = MirrorStart.Decide([sides[0].Name, sides[1].Name], looks, options.AcceptStale, options.Rebuild);
            _at = start.Lead;
            try
            {
                MirrorCopy lead = await OpenAsync(_at, looks[_at], cancellationToken);
                if (start.Other != MirrorOther.Together)
                {
                    return await AloneAsync(lead, looks, start.Missing);
                }

                _at = 1 - start.Lead;
                return await TogetherAsync(lead, await OpenAsync(_at, looks[_at], cancellationToken), looks);
            }
            catch (Exception e) when (MirrorCopy.IsOwn(e) && e is not (StoreLockedException or MirrorRefusedException) && looks is [{ Problem: null }, { Problem: null }])
            {
                // The other side may do, if the marks allow it.
                looks[_at] = looks[_at] with { Problem = e };
                await CloseAsync();
            }
        }
    }

    /// <summary>Closes what was opened.</summary>
    public async ValueTask CloseAsync()
    {
        await CloseAsync(0);
        await CloseAsync(1);
    }

    private async ValueTask CloseAsync(int index)
    {
        if (_open[index] is { } copy)
        {
            _open[index] = null;
            await copy.CloseAsync();
        }

        sides[index].Leave();
    }

    private async Task<MirrorCopy> OpenAsync(int index, MirrorLook look, CancellationToken cancellationToken)
    {
        MirrorMark? mark = look.Mark;
        if (_open[index] is null)
        {
            sides[index].Enter();

            // A server that was just ending, or a file system that was just mounted, may have changed what was decided from.
            if (sides[index].Look() is var now && (now.Problem is not null || now.Mark != mark || now.IsEmpty != look.IsEmpty || (look.Store is not null && now.Store != look.Store)))
            {
                throw new MirrorRefusedException(
                    $"{sides[index].Name} changed while it was being opened: is another server using it, or was a file system mounted? Nothing was changed by this start; start again", now.Problem!);
            }

            _open[index] = new MirrorCopy(index, sides[index], await sides[index].OpenAsync(replaceMetadata: false, cancellationToken));
            byte[]? position = await _open[index]!.Metadata.GetAsync(Tables.MirrorPositionKey, cancellationToken);
            _positions[index] = position is null ? MirrorPosition.None : Rows.Decode(Tables.MirrorPositionKey, position, static bytes => MirrorPosition.Decode(bytes));
            if (mark is not null && _positions[index].Epoch + 1 < mark.Epoch || mark is not null && position is null)
            {
                // It is written before the mark of its epoch, or with the next commit.
                throw new IOException(
                    $"the metadata in {sides[index].Name} is of epoch {_positions[index].Epoch} of the mirror and its file mirror of epoch {mark.Epoch}: they do not belong together; is an older copy mounted?");
            }
        }

        return _open[index]!;
    }

    private async Task<MirrorOpened> AloneAsync(MirrorCopy lead, MirrorLook[] looks, Exception? missing)
    {
        // The side that fills it opens it again.
        await CloseAsync(1 - lead.Index);
        _at = lead.Index;
        MirrorMark? own = looks[lead.Index].Mark;
        ulong epoch = looks.Max(static look => look.Mark?.Epoch ?? 0);
        MirrorPosition position = _positions[lead.Index];
        if (own is not { Standing: MirrorStanding.Alone } || own.Epoch < epoch)
        {
            // The position first: every mark has metadata that knows its epoch, or the one before.
            position = new MirrorPosition(++epoch, position.Number + 1, position.Number, options.Time.GetUtcNow().ToUnixTimeMilliseconds(), []);
            if (await lead.CommitAsync(new KeyValueBatch().Put(Tables.MirrorPositionKey, position.Encode()).AsRemoval(), isSynced: true) is { } failure)
            {
                throw failure as IOException ?? new IOException(failure.Message, failure);
            }

            if (own is { Standing: MirrorStanding.Together } && options.AcceptStale == MirrorStale.Of(own))
            {
                // Before the mark: the next start is not by force.
                lead.Side.KeepOrphans(MirrorStart.ForcedReason);
            }

            own = new MirrorMark(own?.Side ?? options.NewNumber(), own?.Partner ?? 0, epoch, MirrorStanding.Alone, options.Time.GetUtcNow());
            lead.Side.WriteMark(own);
        }

        return new MirrorOpened(new MirrorView(lead, null, IsWhole: false), own, position, missing);
    }

    private async Task<MirrorOpened> TogetherAsync(MirrorCopy data, MirrorCopy mirror, MirrorLook[] looks)
    {
        (MirrorCopy ahead, MirrorCopy behind) = _positions[data.Index].Number >= _positions[mirror.Index].Number ? (data, mirror) : (mirror, data);
        (MirrorPosition last, MirrorPosition least) = (_positions[ahead.Index], _positions[behind.Index]);
        if (last.Number != least.Number)
        {
            _at = ahead.Index;
            // Only what was being written when the process died can be repeated: all else is a difference of unknown extent.
            if (last.Before != least.Number || last.Epoch != least.Epoch || await RepeatAsync(ahead, behind, last) is { })
            {
                return await AloneAsync(ahead, looks, missing: null);
            }

            options.Events.CaughtUp(behind.Side.Name, ahead.Side.Name);
        }
        else if (!last.Encode().AsSpan().SequenceEqual(least.Encode()))
        {
            // Both got the same row: one of them is not what it was, and nothing says which.
            throw new MirrorRefusedException(
                $"the metadata of {data.Side.Name} and {mirror.Side.Name} differ although their last commits have the same number: each may have writes that the other lacks. "
                + "Is one of them an older copy? Nothing was changed. See docs/operations/mirror.md");
        }

        return new MirrorOpened(new MirrorView(data, mirror, IsWhole: true), looks[data.Index].Mark!, last with { Before = last.Number, Keys = [] }, null);
    }

    private static async Task<Exception?> RepeatAsync(MirrorCopy ahead, MirrorCopy behind, MirrorPosition last)
    {
        byte[]?[] values = await ahead.Metadata.GetAsync([.. last.Keys], CancellationToken.None);
        KeyValueBatch batch = new KeyValueBatch().Put(Tables.MirrorPositionKey, last.Encode()).AsRemoval();
        for (int i = 0; i < values.Length; i++)
        {
            _ = values[i] is { } value ? batch.Put(last.Keys[i], value) : batch.Delete(last.Keys[i]);
        }

        return await behind.CommitAsync(batch);
    }
}

/// <summary>What a start found.</summary>
/// <param name="View">The copies that are open.</param>
/// <param name="Mark">The mark of the side that leads.</param>
/// <param name="Position">The last group.</param>
/// <param name="Missing">Why the other side is missing; null if it is to be filled, or is there.</param>
internal sealed record MirrorOpened(MirrorView View, MirrorMark Mark, MirrorPosition Position, Exception? Missing);
