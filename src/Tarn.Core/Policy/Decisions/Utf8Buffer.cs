using System.Buffers;
using System.Text;

namespace Tarn.Core.Policy.Decisions;

/// <summary>Bytes being put together: on the caller's stack while they fit, in a rented array when not.</summary>
internal ref struct Utf8Buffer
{
    private Span<byte> _space;
    private byte[]? _rented;
    private int _length;

    public Utf8Buffer(Span<byte> initial)
    {
        _space = initial;
    }

    public readonly ReadOnlySpan<byte> Written => _space[.._length];

    public void Append(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_space[_length..]);
        _length += bytes.Length;
    }

    public void Append(byte value)
    {
        Reserve(1);
        _space[_length++] = value;
    }

    public void Append(string text)
    {
        if (!Encoding.UTF8.TryGetBytes(text, _space[_length..], out int written))
        {
            Reserve(Encoding.UTF8.GetByteCount(text));
            written = Encoding.UTF8.GetBytes(text, _space[_length..]);
        }

        _length += written;
    }

    public void Dispose()
    {
        if (_rented is not null)
        {
            ArrayPool<byte>.Shared.Return(_rented);
            _rented = null;
        }
    }

    private void Reserve(int more)
    {
        if (_length + more <= _space.Length)
        {
            return;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_length + more, _space.Length * 2));
        Written.CopyTo(larger);
        Dispose();
        _rented = larger;
        _space = larger;
    }
}
