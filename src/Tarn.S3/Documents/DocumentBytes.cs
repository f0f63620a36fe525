using System.Buffers;
using Tarn.Core.Errors;
using Tarn.Core.Objects.Writing;

namespace Tarn.S3.Documents;

/// <summary>The bytes of one document, in pooled buffers taken as the bytes arrive: a declared length alone takes no memory.</summary>
internal sealed class DocumentBytes : IDisposable
{
    private const int FirstPiece = 4 * 1024;
    private const int Piece = 64 * 1024;

    private readonly List<byte[]> _pieces = [];
    private readonly int _promised;
    private int _reserved;
    private int _used;

    private DocumentBytes(int promised) => _promised = promised;

    public int Length { get; private set; }

    /// <summary>Valid until this is disposed.</summary>
    public ReadOnlySequence<byte> Sequence
    {
        get
        {
            Segment? first = null;
            Segment? last = null;
            for (int i = 0; i < _pieces.Count; i++)
            {
                last = new Segment(_pieces[i].AsMemory(0, i == _pieces.Count - 1 ? _used : _pieces[i].Length), last);
                first ??= last;
            }

            return first is null ? default : new ReadOnlySequence<byte>(first, 0, last!, last!.Memory.Length);
        }
    }

    /// <summary>A document of no bytes.</summary>
    public static DocumentBytes None() => new(promised: 0);

    /// <summary>Reads a verified body.</summary>
    /// <param name="body">The body.</param>
    /// <param name="limit">The maximum size, in bytes.</param>
    /// <param name="share">The share of the budget that the buffers count against.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="S3Exception">MaxMessageLengthExceeded when over the limit; SlowDown; the errors of the body itself.</exception>
    public static async ValueTask<DocumentBytes> ReadAsync(
        IUploadBody body, int limit, DocumentBudget.Share share, CancellationToken cancellationToken)
    {
        if (body.Length > limit)
        {
            throw new S3Exception(S3Error.MaxMessageLengthExceeded);
        }

        var bytes = new DocumentBytes((int)(body.Length ?? 0));
        try
        {
            while (true)
            {
                ReadOnlySequence<byte> run = await body.ReadAsync(cancellationToken);
                if (run.IsEmpty)
                {
                    return bytes;
                }

                if (bytes.Length + run.Length > limit)
                {
                    throw new S3Exception(S3Error.MaxMessageLengthExceeded);
                }

                foreach (ReadOnlyMemory<byte> segment in run)
                {
                    await bytes.AppendAsync(segment, share, cancellationToken);
                }
            }
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (byte[] piece in _pieces)
        {
            ArrayPool<byte>.Shared.Return(piece);
        }

        _pieces.Clear();
        _used = 0;
        Length = 0;
    }

    private async ValueTask AppendAsync(ReadOnlyMemory<byte> more, DocumentBudget.Share share, CancellationToken cancellationToken)
    {
        while (!more.IsEmpty)
        {
            if (_pieces.Count == 0 || _used == _pieces[^1].Length)
            {
                int size = _pieces.Count == 0 && more.Length <= FirstPiece ? FirstPiece : Piece;
                await ReserveAsync(size, share, cancellationToken);
                _pieces.Add(ArrayPool<byte>.Shared.Rent(size));
                _used = 0;
            }

            int taken = Math.Min(more.Length, _pieces[^1].Length - _used);
            more.Span[..taken].CopyTo(_pieces[^1].AsSpan(_used));
            _used += taken;
            Length += taken;
            more = more[taken..];
        }
    }

    /// <summary>
    /// A document that turns out to be large takes all the memory it needs at once: several large ones that each held a part would wait for
    /// one another.
    /// </summary>
    private async ValueTask ReserveAsync(int size, DocumentBudget.Share share, CancellationToken cancellationToken)
    {
        int needed = _pieces.Sum(static piece => piece.Length) + size;
        if (needed <= _reserved)
        {
            return;
        }

        int wanted = needed > Piece ? Math.Max(needed, _promised) : needed;
        await share.TakeAsync(wanted - _reserved, cancellationToken);
        _reserved = wanted;
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? before)
        {
            Memory = memory;
            if (before is not null)
            {
                RunningIndex = before.RunningIndex + before.Memory.Length;
                before.Next = this;
            }
        }
    }
}
