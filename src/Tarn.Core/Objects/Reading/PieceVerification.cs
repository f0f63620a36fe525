using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Objects.Ownership;

namespace Tarn.Core.Objects.Reading;

/// <summary>Compares all of a piece with what its record knows, perhaps over several requests: each goes on where the one before was cut off.</summary>
internal sealed class PieceVerification : IDisposable
{
    private KnownDigest? _known;
    private BlockChecksummer? _sums;
    private long _at;
    private long _before;

    // Whether the bytes did not match when they were read the last time, which may be the fault of the page cache.
    private bool _again;
    private bool _wasReported;

    /// <summary>Held while it runs.</summary>
    public SemaphoreSlim Turn { get; } = new(1);

    /// <summary>Requests that run it or wait for it.</summary>
    public int Users { get; set; }

    /// <summary>Reads what is left.</summary>
    /// <returns>The checksums of the blocks; null when the object was replaced and the bytes are gone.</returns>
    /// <exception cref="DamagedDataException">The piece is not what was stored.</exception>
    public async ValueTask<BlockChecksummer?> RunAsync(PieceReader reader, StoredObject source, StoredPiece piece, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_known is null)
            {
                (_known, _sums, _at, _before) = (piece.Known, new BlockChecksummer(piece.Size), 0, reader.Met);
            }

            if (!_known.IsKnown)
            {
                Reset();
                throw PieceReader.Unknown(piece.Extents[0]);
            }

            if (!await reader.ReadAsync(source, Extent.Slice(piece.Extents, _at, piece.Size - _at), canBeBare: true, _again, Take, cancellationToken))
            {
                Reset();
                return null;
            }

            if (_known.Matches())
            {
                if (_again && !_wasReported)
                {
                    BlobReadErrors.Count();
                }

                BlockChecksummer right = _sums!;
                await reader.SoundAsync(source, piece.Extents, piece.Start, _before, cancellationToken);
                Reset();
                return right;
            }

            Reset();
            if (_again)
            {
                _wasReported = true;
                throw await reader.DamagedAsync(source, piece.Extents, piece.Start);
            }

            _again = true;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Reset();
        Turn.Dispose();
    }

    private bool Take(ReadOnlySpan<byte> bytes)
    {
        _known!.Append(bytes);
        _sums!.Append(bytes);
        _at += bytes.Length;
        return true;
    }

    private void Reset()
    {
        _known?.Dispose();
        (_known, _sums, _at) = (null, null, 0);
    }
}
