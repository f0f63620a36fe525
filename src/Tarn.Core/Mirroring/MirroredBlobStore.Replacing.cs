using System.Buffers;
using Tarn.Core.Blobs;

namespace Tarn.Core.Mirroring;

/// <summary>
/// A blob of which both copies are damaged, and the right bytes can still be had, is replaced on the leading side. Then that copy is the better one, and the other is
/// healed from it.
/// </summary>
internal sealed partial class MirroredBlobStore
{
    public async ValueTask<IBlobWriter> CreateReplacementAsync(
        BlobId id, long length, Func<BlobStamp, bool> mayReplace, Func<IBlobReader, ValueTask<bool>> isWritten, CancellationToken cancellationToken)
    {
        var replacement = new Replacement(this, id, mirror.View.Lead);
        await replacement.OpenAsync(length, mayReplace, isWritten, cancellationToken);
        return replacement;
    }

    private void Replaced(BlobId id, MirrorCopy lead, long length)
    {
        mirror.Options.Events.Healed(lead.Side.Name, id, length);
        MirrorView view = mirror.WhileNotJoining(view =>
        {
            if (view is { Second: not null, IsWhole: false })
            {
                _uncovered.Add(id);
            }

            return view;
        });
        if (view.Twin is not null)
        {
            BeginRepair(id);
        }
    }

    private sealed class Replacement(MirroredBlobStore store, BlobId id, MirrorCopy lead) : IBlobWriter
    {
        private IBlobWriter? _writer;
        private SemaphoreSlim? _held;
        private long _length;

        public async ValueTask OpenAsync(long length, Func<BlobStamp, bool> mayReplace, Func<IBlobReader, ValueTask<bool>> isWritten, CancellationToken cancellationToken)
        {
            _length = length;
            _writer = await lead.Replacing.CreateReplacementAsync(
                id,
                length,
                stamp => store.IsLead(lead) && mayReplace(stamp),
                async written =>
                {
                    if (!await isWritten(written))
                    {
                        return false;
                    }

                    // Not before: reading takes as long as a pace wants.
                    _held = await store.Copier.EnterAsync(id, cancellationToken);
                    return true;
                },
                cancellationToken);
        }

        public ValueTask WriteAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken) => _writer!.WriteAsync(data, cancellationToken);

        public async ValueTask CommitAsync(CancellationToken cancellationToken)
        {
            try
            {
                await _writer!.CommitAsync(cancellationToken);
            }
            finally
            {
                _held?.Release();
                _held = null;
            }

            store.Replaced(id, lead, _length);
        }

        public ValueTask DisposeAsync() => _writer!.DisposeAsync();
    }

    private bool IsLead(MirrorCopy copy) => mirror.View.Lead == copy;
}
