using System.Buffers;
using System.Text;
using Tarn.Core.Errors;
using Tarn.Core.Objects.Writing;

namespace Tarn.S3.Forms;

/// <summary>
/// Takes the body of a form apart while it arrives, in one buffer whatever its size. Source: RFC 7578; RFC 2046, section 5.1.
/// </summary>
internal sealed class MultipartFormReader : IDisposable
{
    /// <summary>Bytes of everything before the file: fields, headers, boundaries. Source: Amazon S3 API Reference, "POST Object".</summary>
    public const int MaxFieldBytes = 20 * 1024;

    private const int BufferSize = 128 * 1024;
    private const int MaxBoundaryLength = 70;

    private static readonly byte[] LineEnd = "\r\n"u8.ToArray();
    private static readonly byte[] EmptyLine = "\r\n\r\n"u8.ToArray();

    /// <summary>Bytes of the form that have come so far.</summary>
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
    /// <param name="boundary">What separates the parts, as the Content-Type header has it.</param>
    public MultipartFormReader(IUploadBody body, string boundary)
    {
        _body = body;
        _delimiter = Encoding.UTF8.GetBytes("\r\n--" + boundary);
        _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);

        // The first delimiter has no line end before it; with this one it looks like any other.
        LineEnd.CopyTo(_buffer, 0);
        _end = LineEnd.Length;
    }

    /// <summary>The boundary of a form; null when the media type is no form, or has no boundary.</summary>
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

    /// <summary>Goes to the next part, past what is left of this one; null after the last.</summary>
    /// <exception cref="S3Exception">MalformedPOSTRequest, MaxPostPreDataLengthExceededError, and what the body itself refuses.</exception>
    public async ValueTask<FormPart?> NextAsync(CancellationToken cancellationToken)
    {
        if (_closed)
        {
            return null;
        }

        while (!(await ReadAsync(cancellationToken)).IsEmpty)
        {
            // Content that nobody asked for.
        }

        await DemandAsync(2, cancellationToken);
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

        // The headers end with an empty line, and begin after the line end that is looked at here: a part may have none.
        Consume(line);
        int length = await FindAsync(EmptyLine, cancellationToken);
        FormPart part = FormPart.Parse(length == 0 ? default : Ready[LineEnd.Length..length]);
        Consume(length + EmptyLine.Length);
        _inContent = true;
        return part;
    }

    /// <summary>The next run of the part's content, valid until the next call; empty at its end.</summary>
    /// <exception cref="S3Exception">MalformedPOSTRequest when the body ends first, and what the body itself refuses.</exception>
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

            // The end of what is here may be the beginning of a delimiter.
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

    /// <summary>The part's whole content as text.</summary>
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

    /// <summary>Ends the count of the fields' bytes: what follows is the file, and what follows that is ignored.</summary>
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

    private async ValueTask DemandAsync(int bytes, CancellationToken cancellationToken)
    {
        while (_end - _start < bytes)
        {
            if (!await FillAsync(cancellationToken))
            {
                throw FormErrors.Malformed();
            }
        }
    }

    /// <summary>Where the pattern is; only for what belongs to the form, and so is short.</summary>
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

    /// <summary>Reads to the end of the body, which may say something after its last part.</summary>
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
