using System.Buffers;
using Tarn.Core.Objects.Writing;
using Tarn.S3.Auth.SigV4;

namespace Tarn.S3.Auth.Bodies;

/// <summary>
/// Removes the aws-chunked framing from a body. Data is passed on without copying and hashed on the way; a chunk's signature is
/// checked when the chunk is complete, so the reader must commit nothing before the end of the body.
/// </summary>
/// <param name="pipe">The transport.</param>
/// <param name="length">x-amz-decoded-content-length.</param>
/// <param name="chain">Verifies chunk signatures; null when chunks are not signed.</param>
/// <param name="trailer">The section after the last chunk; null when the form has none.</param>
/// <param name="minimumChunk">The minimum size in bytes of every chunk but the last.</param>
internal sealed class AwsChunkedBody(BodyPipe pipe, long length, ChunkSignatureChain? chain, TrailerSection? trailer, int minimumChunk) : IUploadBody
{
    private State _state = State.Header;
    private long _chunks;
    private bool _extraLine;
    private ChunkHeader _chunk;
    private long _remaining;
    private long _received;
    private SequencePosition _given;
    private bool _holding;

    private enum State
    {
        Header,
        Data,
        DataEnd,
        Trailer,
        Last,
        End,
        Done,
    }

    public long? Length => length;

    public long Received => pipe.Received;

    public IReadOnlyDictionary<string, string> Trailers => trailer?.Values ?? NoTrailers.Instance;

    public async ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        if (_holding)
        {
            _holding = false;
            pipe.AdvanceTo(_given);
        }

        while (_state != State.Done)
        {
            var result = await pipe.ReadAsync(cancellationToken).ConfigureAwait(false);
            var rest = result.Buffer;
            var data = Step(ref rest, result.IsCompleted);
            if (!data.IsEmpty)
            {
                _given = rest.Start;
                _holding = true;
                return data;
            }

            pipe.AdvanceTo(rest.Start, result.Buffer.End);
        }

        return ReadOnlySequence<byte>.Empty;
    }

    public void Abandon()
    {
        _holding = false;
        pipe.Abandon();
    }

    /// <summary>Parses as much of the buffer as it can, up to the next run of data, and removes what it parsed.</summary>
    private ReadOnlySequence<byte> Step(ref ReadOnlySequence<byte> buffer, bool completed)
    {
        while (true)
        {
            if (_state == State.End)
            {
                EndOfBody(ref buffer, completed);
                return default;
            }

            if (_state == State.Data)
            {
                if (buffer.IsEmpty)
                {
                    break;
                }

                return TakeData(ref buffer);
            }

            if (AwsChunkedErrors.TakeLine(ref buffer) is not { } line)
            {
                break;
            }

            TakeLine(line);
        }

        return completed ? throw AwsChunkedErrors.Malformed() : default;
    }

    private ReadOnlySequence<byte> TakeData(ref ReadOnlySequence<byte> buffer)
    {
        var data = buffer.Slice(0, Math.Min(_remaining, buffer.Length));
        buffer = buffer.Slice(data.End);
        chain?.Append(data);
        _remaining -= data.Length;
        if (_remaining == 0)
        {
            chain?.VerifyChunk(_chunk.Signature);
            _state = State.DataEnd;
        }

        return data;
    }

    private void TakeLine(string line)
    {
        switch (_state)
        {
            case State.Header:
                Begin(ChunkHeader.Parse(line, signed: chain is not null));
                break;
            case State.DataEnd when line.Length == 0:
                _state = State.Header;
                break;
            case State.Trailer:
                _state = trailer!.Take(line) ? State.End : State.Trailer;
                break;
            case State.Last when line.Length == 0:
                _state = State.End;
                break;
            default:
                throw AwsChunkedErrors.Malformed();
        }
    }

    private void Begin(ChunkHeader chunk)
    {
        if (chunk.Size > 0 && _chunks > 0 && _chunk.Size < minimumChunk)
        {
            throw AwsChunkedErrors.TooSmall(_chunks + 1, _chunk.Size);
        }

        _chunk = chunk;
        _chunks++;
        if (chunk.Size > length - _received)
        {
            throw AwsChunkedErrors.LengthMismatch(length, _received + Math.Min(chunk.Size, long.MaxValue - _received));
        }

        _received += chunk.Size;
        _remaining = chunk.Size;
        if (chunk.Size > 0)
        {
            _state = State.Data;
            return;
        }

        chain?.VerifyChunk(chunk.Signature);
        if (_received != length)
        {
            throw AwsChunkedErrors.LengthMismatch(length, _received);
        }

        _state = trailer is null ? State.Last : State.Trailer;
    }

    private void EndOfBody(ref ReadOnlySequence<byte> buffer, bool completed)
    {
        // minio-go ends each trailing header with a line feed of its own, and the section with two empty lines.
        if (trailer is not null && !_extraLine && AwsChunkedErrors.TakeLine(ref buffer) is { } line)
        {
            _extraLine = line.Length == 0 ? true : throw AwsChunkedErrors.Malformed();
        }

        if (!buffer.IsEmpty && (completed || trailer is null || _extraLine || buffer.Length > 1 || buffer.FirstSpan[0] != (byte)'\r'))
        {
            throw AwsChunkedErrors.Malformed();
        }

        if (completed)
        {
            chain?.Dispose();
            _state = State.Done;
        }
    }
}
