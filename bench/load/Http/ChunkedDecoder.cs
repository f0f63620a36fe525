namespace Tarn.Load.Http;

/// <summary>Decodes a chunked body (RFC 9112 §7.1) fed in arbitrary pieces; extensions and trailers are skipped.</summary>
internal struct ChunkedDecoder
{
    private const long MaxChunk = 1L << 40;
    private State _state;
    private long _left;
    private int _digits;
    private bool _lineHasBytes;

    private enum State
    {
        Size,
        Extension,
        Data,
        AfterData,
        Trailer,
        Done,
    }

    /// <summary>The last chunk and the trailer have been read.</summary>
    public readonly bool IsDone => _state == State.Done;

    /// <summary>Takes one step: returns how many bytes were consumed, and which of them are body.</summary>
    /// <param name="input">Bytes received and not yet used; not empty.</param>
    /// <param name="data">A part of <paramref name="input"/> that is body; often empty.</param>
    /// <returns>How many bytes of <paramref name="input"/> are used up, at least 1 unless done.</returns>
    /// <exception cref="HttpFormatException">The framing is broken.</exception>
    public int Step(ReadOnlySpan<byte> input, out ReadOnlySpan<byte> data)
    {
        data = default;
        if (_state == State.Data)
        {
            int take = (int)Math.Min(_left, input.Length);
            data = input[..take];
            _left -= take;
            _state = _left == 0 ? State.AfterData : State.Data;
            return take;
        }

        int used = 0;
        while (used < input.Length && _state is not (State.Done or State.Data))
        {
            Frame(input[used++]);
        }

        return used;
    }

    private void Frame(byte b)
    {
        switch (_state)
        {
            case State.Size when char.IsAsciiHexDigit((char)b):
                _left = (_left << 4) + Convert.ToInt32(((char)b).ToString(), 16);
                _digits++;
                if (_left > MaxChunk)
                {
                    throw new HttpFormatException("a chunk is too large");
                }

                break;
            case State.Size when _digits > 0 && b is (byte)';' or (byte)' ' or (byte)'\r':
                _state = State.Extension;
                break;
            case State.Extension:
                if (b == '\n')
                {
                    _state = _left == 0 ? State.Trailer : State.Data;
                    _digits = 0;
                    _lineHasBytes = false;
                }

                break;
            case State.AfterData when b == '\r':
                break;
            case State.AfterData when b == '\n':
                _state = State.Size;
                break;
            case State.Trailer when b == '\n':
                _state = _lineHasBytes ? State.Trailer : State.Done;
                _lineHasBytes = false;
                break;
            case State.Trailer:
                _lineHasBytes |= b != '\r';
                break;
            default:
                throw new HttpFormatException("a chunk's size is not hexadecimal");
        }
    }
}
