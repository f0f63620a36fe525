using System.Buffers;
using System.Text;
using Tarn.Core.Errors;
using Tarn.Core.Objects.Writing;

namespace Tarn.S3.Forms;

/// <summary>
/// Parses the body of a form as it arrives, in one buffer of constant size. Source: RFC 7578; RFC 2046, section 5.1.
/// </summary>
internal sealed class MultipartFormReader : IDisposable
{
    /// <summary>The maximum number of bytes before the file: fields, headers and boundaries. Source: Amazon S3 API Reference, "POST Object".</summary>
    public const int MaxFieldBytes = 20 * 1024;

    private const int BufferSize = 128 * 1024;
    private const int MaxBoundaryLength = 70;

    private static readonly byte[] LineEnd = "\r\n"u8.ToArray();
    private static readonly byte[] EmptyLine = "\r\n\r\n"u8.ToArray();

    /// <summary>Bytes of the form received so far.</summary>
    public long Received => _body.Received;

    private readonly IUploadBody _body;
    private readonly byte[] _delimiter;
    private byte[] _buffer;
    private int _start;
    private int _end;
    private ReadOnlySequence<byte> _lent;
    private bool _bodyEnded;
    private bool _inContent = true;
    private bool _closed;
    private bool _counting = true;
    private int _counted;

    /// <param name="body">The request's body.</param>
    /// <param name="boundary">The boundary in the Content-Type header.</param>
    public MultipartFormReader(IUploadBody body, string boundary)
    {
        _body = body;
        _delimiter = Encoding.UTF8.GetBytes("\r\n--" + boundary);
        _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);

        // The first delimiter has no line end before it; with this one it looks like any other.
        LineEnd.CopyTo(_buffer, 0);
        _end = LineEnd.Length;
    }

    /// <summary>The boundary of a form; null when the media type is not a form's, or has no boundary.</summary>
    public static string? BoundaryOf(string? contentType)
    {
        if (!Microsoft.Net.Http.Headers.MediaTypeHeaderValue.TryParse(contentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        string boundary = Microsoft.Net.Http.Headers.HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        return boundary.Length is 0 or > MaxBoundaryLength || boundary.AsSpan().ContainsAnyExceptInRange(' ', '~') ? null : boundary;
    }

    /// <summary>Skips the rest of this part and moves to the next; null after the last.</summary>
    /// <exception cref="S3Exception">MalformedPOSTRequest, MaxPostPreDataLengthExceededError, and the errors of the body itself.</exception>
    public async ValueTask<FormPart?> NextAsync(CancellationToken cancellationToken)
    {
        if (_closed)
        {
            return null;
        }

        while (!(await ReadAsync(cancellationToken)).IsEmpty)
        {
            // Content that no caller read.
        }

        await FillToAsync(2, cancellationToken);
        if (Ready.StartsWith("--"u8))
        {
            _closed = true;
            await DrainAsync(cancellationToken);
            return null;
        }

        int line = await FindAsync(LineEnd, cancellationToken);
        if (Ready[..line].ContainsAnyExcept((byte)' ', (byte)'\t'))
        {
            throw FormErrors.Malformed();
        }

        // The headers end with an empty line and begin after this line end, which is kept: a part may have no headers.
        Consume(line);
        int length = await FindAsync(EmptyLine, cancellationToken);
        FormPart part = FormPart.Parse(length == 0 ? default : Ready[LineEnd.Length..length]);
        Consume(length + EmptyLine.Length);
        _inContent = true;
        return part;
    }

    /// <summary>Reads the next run of the part's content, valid until the next call; empty at its end.</summary>
    /// <exception cref="S3Exception">MalformedPOSTRequest when the body ends first, and the errors of the body itself.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        while (_inContent)
        {
            int found = Ready.IndexOf(_delimiter);
            if (found == 0)
            {
                _inContent = false;
                Consume(_delimiter.Length);
                break;
            }

            // The end of the buffered bytes may be the beginning of a delimiter.
            int run = found > 0 ? found : Ready.Length - _delimiter.Length + 1;
            if (run > 0)
            {
                ReadOnlyMemory<byte> content = _buffer.AsMemory(_start, run);
                Consume(run);
                return content;
            }

            if (!await FillAsync(cancellationToken))
            {
                throw FormErrors.Malformed();
            }
        }

        return default;
    }

    /// <summary>Reads the part's whole content as text.</summary>
    /// <exception cref="S3Exception">MalformedPOSTRequest, MaxPostPreDataLengthExceededError.</exception>
    public async ValueTask<string> ReadTextAsync(CancellationToken cancellationToken)
    {
        var text = new ArrayBufferWriter<byte>();
        while (await ReadAsync(cancellationToken) is { IsEmpty: false } run)
        {
            text.Write(run.Span);
        }

        return FormPart.Text(text.WrittenSpan);
    }

    /// <summary>Ends the limit on the fields' bytes: next comes the file, and what follows it is ignored.</summary>
    public void BeginFile() => _counting = false;

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }

    private Span<byte> Ready => _buffer.AsSpan(_start, _end - _start);

    private void Consume(int bytes)
    {
        _start += bytes;
        _counted += _counting ? bytes : 0;
        if (_counted > MaxFieldBytes)
        {
            throw new S3Exception(S3Error.MaxPostPreDataLengthExceeded);
        }
    }

    /// <summary>Buffers at least so many bytes.</summary>
    /// <exception cref="S3Exception">MalformedPOSTRequest when the body ends first.</exception>
    private async ValueTask FillToAsync(int bytes, CancellationToken cancellationToken)
    {
        while (_end - _start < bytes)
        {
            if (!await FillAsync(cancellationToken))
            {
                throw FormErrors.Malformed();
            }
        }
    }

    /// <summary>Finds a pattern that ends a part of the form's own syntax, which is short.</summary>
    private async ValueTask<int> FindAsync(byte[] pattern, CancellationToken cancellationToken)
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

    /// <summary>Reads the body to its end, so that it is verified: it may continue after its last part.</summary>
    private async ValueTask DrainAsync(CancellationToken cancellationToken)
    {
        do
        {
            _start = _end;
        }
        while (await FillAsync(cancellationToken));
    }

    /// <summary>Adds bytes to the buffer; false when there are no more.</summary>
    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
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
}
