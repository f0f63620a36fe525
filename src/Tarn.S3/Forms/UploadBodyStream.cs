using System.Buffers;
using Tarn.Core.Errors;
using Tarn.Core.Objects.Writing;

namespace Tarn.S3.Forms;

/// <summary>An upload's bytes as a forward-only stream, for libraries that need one.</summary>
internal sealed class UploadBodyStream(IUploadBody body) : Stream
{
    private ReadOnlySequence<byte> _lent;
    private bool _ended;

    /// <summary>Bytes read so far.</summary>
    public long Delivered { get; private set; }

    /// <summary>The most bytes that may be read before the form is refused as too long.</summary>
    public long Limit { get; set; } = long.MaxValue;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="S3Exception">MaxPostPreDataLengthExceededError beyond <see cref="Limit"/>, and the errors of the body itself.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Delivered >= Limit)
        {
            throw new S3Exception(S3Error.MaxPostPreDataLengthExceeded);
        }

        if (_lent.IsEmpty && !_ended)
        {
            _lent = await body.ReadAsync(cancellationToken);
            _ended = _lent.IsEmpty;
        }

        int bytes = (int)Math.Min(buffer.Length, _lent.Length);
        _lent.Slice(0, bytes).CopyTo(buffer.Span);
        _lent = _lent.Slice(bytes);
        Delivered += bytes;
        return bytes;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("A body arrives asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
