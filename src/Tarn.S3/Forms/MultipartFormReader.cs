using System.Buffers;
using System.Text;
using Tarn.Core.Errors;
using Tarn.Core.Objects.Writing;

namespace Tarn.S3.Forms;

/// <summary>Parses the body of a form as it arrives. Source: RFC 7578; RFC 2046, section 5.1.</summary>
internal sealed class MultipartFormReader : IDisposable
{
    private const int MaxBoundaryLength = 70;

    private static readonly byte[] LineEnd = "\r\n"u8.ToArray();
    private static readonly byte[] EmptyLine = "\r\n\r\n"u8.ToArray();

    private readonly FormBuffer _buffer;
    private readonly byte[] _delimiter;
    private bool _inContent = true;
    private bool _closed;

    /// <param name="body">The request's body.</param>
    /// <param name="boundary">The boundary in the Content-Type header.</param>
    public MultipartFormReader(IUploadBody body, string boundary)
    {
        _delimiter = Encoding.UTF8.GetBytes("\r\n--" + boundary);

        // The first delimiter has no line end before it; with this one it looks like any other.
        _buffer = new FormBuffer(body, LineEnd);
    }

    /// <summary>Bytes of the form received so far.</summary>
    public long Received => _buffer.Received;

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

        await _buffer.FillToAsync(2, cancellationToken);
        if (_buffer.Ready.StartsWith("--"u8))
        {
            _closed = true;
            await _buffer.DrainAsync(cancellationToken);
            return null;
        }

        int line = await _buffer.FindAsync(LineEnd, cancellationToken);
        if (_buffer.Ready[..line].ContainsAnyExcept((byte)' ', (byte)'\t'))
        {
            throw FormErrors.Malformed();
        }

        // The headers end with an empty line and begin after this line end, which is kept: a part may have no headers.
        _buffer.Consume(line);
        int length = await _buffer.FindAsync(EmptyLine, cancellationToken);
        FormPart part = FormPart.Parse(length == 0 ? default : _buffer.Ready[LineEnd.Length..length]);
        _buffer.Consume(length + EmptyLine.Length);
        _inContent = true;
        return part;
    }

    /// <summary>Reads the next run of the part's content, valid until the next call; empty at its end.</summary>
    /// <exception cref="S3Exception">MalformedPOSTRequest when the body ends first, and the errors of the body itself.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        while (_inContent)
        {
            int found = _buffer.Ready.IndexOf(_delimiter);
            if (found == 0)
            {
                _inContent = false;
                _buffer.Consume(_delimiter.Length);
                break;
            }

            // The end of the buffered bytes may be the beginning of a delimiter.
            int run = found > 0 ? found : _buffer.Ready.Length - _delimiter.Length + 1;
            if (run > 0)
            {
                return _buffer.Consume(run);
            }

            if (!await _buffer.FillAsync(cancellationToken))
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
    public void BeginFile() => _buffer.EndLimit();

    public void Dispose() => _buffer.Dispose();
}
