using System.Buffers;
using Tarn.Core.Errors;
using Tarn.Core.Objects.Writing;

namespace Tarn.S3.Forms;

/// <summary>The body of a form as it arrives, in one buffer of constant size, with a limit on the bytes before the file.</summary>
internal sealed class FormBuffer : IDisposable
{
    /// <summary>The maximum number of bytes before the file: fields, headers and boundaries. Source: Amazon S3 API Reference, "POST Object".</summary>
    public const int MaxFieldBytes = 20 * 1024;

    private const int Size = 128 * 1024;

    private readonly IUploadBody _body;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(Size);
    private int _start;
    private int _end;
    private ReadOnlySequence<byte> _lent;
    private bool _bodyEnded;
    private bool _counting = true;
    private int _counted;

    /// <param name="body">The request's body.</param>
    /// <param name="before">Bytes to buffer before the body.</param>
    public FormBuffer(IUploadBody body, ReadOnlySpan<byte> before)
    {
        _body = body;
        before.CopyTo(_buffer);
        _end = before.Length;
    }

    /// <summary>Bytes of the body received so far.</summary>
    public long Received => _body.Received;

    /// <summary>The bytes that are buffered and not consumed.</summary>
    public Span<byte> Ready => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Consumes buffered bytes, which stay valid until more are read.</summary>
    /// <exception cref="S3Exception">MaxPostPreDataLengthExceededError.</exception>
    public ReadOnlyMemory<byte> Consume(int bytes)
    {
        ReadOnlyMemory<byte> consumed = _buffer.AsMemory(_start, bytes);
        _start += bytes;
        _counted += _counting ? bytes : 0;
        if (_counted > MaxFieldBytes)
        {
            throw new S3Exception(S3Error.MaxPostPreDataLengthExceeded);
        }

        return consumed;
    }

    /// <summary>Ends the limit on the bytes consumed.</summary>
    public void EndLimit() => _counting = false;

    /// <summary>Buffers at least so many bytes.</summary>
    /// <exception cref="S3Exception">MalformedPOSTRequest when the body ends first.</exception>
    public async ValueTask FillToAsync(int bytes, CancellationToken cancellationToken)
    {
        while (_end - _start < bytes)
        {
            if (!await FillAsync(cancellationToken))
            {
                throw FormErrors.Malformed();
            }
        }
    }

    /// <summary>Buffers until a pattern is found, and returns its offset. It ends a part of the form's own syntax, which is short.</summary>
    /// <exception cref="S3Exception">MalformedPOSTRequest when the body ends first, MaxPostPreDataLengthExceededError.</exception>
    public async ValueTask<int> FindAsync(byte[] pattern, CancellationToken cancellationToken)
    {
        while (true)
        {
            int found = Ready.IndexOf(pattern);
            if (found >= 0)
            {
                return found;
            }

            if (_end - _start > MaxFieldBytes)
            {
                throw new S3Exception(S3Error.MaxPostPreDataLengthExceeded);
            }

            if (!await FillAsync(cancellationToken))
            {
                throw FormErrors.Malformed();
            }
        }
    }

    /// <summary>Discards the rest of the body, so that it is verified: it may continue after its last part.</summary>
    public async ValueTask DrainAsync(CancellationToken cancellationToken)
    {
        do
        {
            _start = _end;
        }
        while (await FillAsync(cancellationToken));
    }

    /// <summary>Adds bytes to the buffer; false when there are no more.</summary>
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            Ready.CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_lent.IsEmpty && !_bodyEnded)
        {
            _lent = await _body.ReadAsync(cancellationToken);
            _bodyEnded = _lent.IsEmpty;
        }

        if (_bodyEnded)
        {
            return false;
        }

        int bytes = (int)Math.Min(_lent.Length, _buffer.Length - _end);
        _lent.Slice(0, bytes).CopyTo(_buffer.AsSpan(_end));
        _lent = _lent.Slice(bytes);
        _end += bytes;
        return true;
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }
}
