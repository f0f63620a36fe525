using System.Buffers;
using System.Text;
using Tarn.Core.Model;

namespace Tarn.S3.Auth.SigV4;

/// <summary>A growing byte buffer that starts on the caller's stack and moves to the array pool when it outgrows that.</summary>
internal ref struct PooledBytes(Span<byte> initial)
{
    private Span<byte> _span = initial;
    private byte[]? _rented;

    public int Length { get; private set; }

    public readonly ReadOnlySpan<byte> Written => _span[..Length];

    public void Append(byte value) => Reserve(1)[0] = value;

    public void Append(scoped ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    /// <summary>Appends characters that must be ASCII.</summary>
    public void AppendAscii(scoped ReadOnlySpan<char> text) => Encoding.ASCII.GetBytes(text, Reserve(text.Length));

    public void AppendUtf8(scoped ReadOnlySpan<char> text)
    {
        if (Ascii.IsValid(text))
        {
            AppendAscii(text);
            return;
        }

        Encoding.UTF8.GetBytes(text, Reserve(Encoding.UTF8.GetByteCount(text)));
    }

    /// <summary>The bytes of a header's value, as they were sent.</summary>
    public void AppendHeader(scoped ReadOnlySpan<char> text) => HeaderText.Encode(text, Reserve(HeaderText.GetByteCount(text)));

    /// <summary>Reserves <paramref name="count"/> bytes, which count as written.</summary>
    public Span<byte> Reserve(int count)
    {
        if (_span.Length - Length < count)
        {
            Grow(count);
        }

        var room = _span.Slice(Length, count);
        Length += count;
        return room;
    }

    public void Dispose()
    {
        if (_rented is { } rented)
        {
            _rented = null;
            _span = default;
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private void Grow(int count)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_span.Length * 2, Length + count));
        Written.CopyTo(larger);
        var old = _rented;
        _rented = larger;
        _span = larger;
        if (old is not null)
        {
            ArrayPool<byte>.Shared.Return(old);
        }
    }
}
