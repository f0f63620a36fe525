using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Tarn.Core.Errors;
using Tarn.Core.Objects.Writing;

namespace Tarn.S3.Forms;

/// <summary>
/// Takes the body of a form apart while it arrives, in buffers that do not grow with it. Source: RFC 7578; RFC 2046, section 5.1.
/// </summary>
internal sealed class MultipartFormReader : IDisposable
{
    /// <summary>Bytes of everything before the file: fields, headers, boundaries. Source: Amazon S3 API Reference, "POST Object".</summary>
    public const int MaxFieldBytes = 20 * 1024;

    private const int BufferSize = 64 * 1024;
    private const int MaxBoundaryLength = 70;
    private const char ReplacementCharacter = '\uFFFD';

    private readonly IUploadBody _body;
    private readonly UploadBodyStream _stream;
    private readonly MultipartReader _reader;
    private readonly int _delimiterLength;
    private MultipartSection? _section;
    private byte[] _buffer;
    private bool _counting = true;
    private int _counted;

    /// <param name="body">The request's body.</param>
    /// <param name="boundary">What separates the parts, as the Content-Type header has it.</param>
    public MultipartFormReader(IUploadBody body, string boundary)
    {
        _body = body;
        _stream = new UploadBodyStream(body);
        _delimiterLength = boundary.Length + "\r\n--\r\n".Length;

        // The bound is on all headers and fields together, and kept here; the reader has only limits for each part.
        _reader = new MultipartReader(boundary, _stream, BufferSize) { HeadersLengthLimit = int.MaxValue, HeadersCountLimit = int.MaxValue };
        _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    }

    /// <summary>Bytes that have come from the client so far.</summary>
    public long Received => _body.Received;

    /// <summary>The boundary of a form; null when the media type is no form, or has no boundary.</summary>
    public static string? BoundaryOf(string? contentType)
    {
        if (!MediaTypeHeaderValue.TryParse(contentType, out MediaTypeHeaderValue? type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        string boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        return boundary.Length is 0 or > MaxBoundaryLength || boundary.AsSpan().ContainsAnyExceptInRange(' ', '~') ? null : boundary;
    }

    /// <summary>Goes to the next part, past what is left of this one; null after the last.</summary>
    /// <exception cref="S3Exception">MalformedPOSTRequest, MaxPostPreDataLengthExceededError, and what the body itself refuses.</exception>
    public async ValueTask<FormPart?> NextAsync(CancellationToken cancellationToken)
    {
        while (_section is not null && !(await ReadAsync(cancellationToken)).IsEmpty)
        {
            // Content that nobody asked for.
        }

        try
        {
            // What comes before a part's content may have no end; the reader has read ahead by a buffer at most.
            _stream.Limit = _stream.Delivered + MaxFieldBytes + BufferSize;
            _section = await _reader.ReadNextSectionAsync(cancellationToken);
            _stream.Limit = long.MaxValue;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw FormErrors.Malformed();
        }

        if (_section is null)
        {
            // The body may say something after its last part, which is read so that it is verified to its end.
            while (await _stream.ReadAsync(_buffer, cancellationToken) > 0)
            {
            }

            return null;
        }

        return Parse(_section);
    }

    /// <summary>The next run of the part's content, valid until the next call; empty at its end.</summary>
    /// <exception cref="S3Exception">MalformedPOSTRequest when the body ends first, and what the body itself refuses.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        if (_section is null)
        {
            return default;
        }

        try
        {
            int bytes = await _section.Body.ReadAsync(_buffer.AsMemory(0, BufferSize), cancellationToken);
            Count(bytes);
            return _buffer.AsMemory(0, bytes);
        }
        catch (IOException)
        {
            throw FormErrors.Malformed();
        }
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

    private FormPart Parse(MultipartSection section)
    {
        Count(_delimiterLength);
        string? disposition = null;
        foreach ((string name, var values) in section.Headers!)
        {
            foreach (string? value in values)
            {
                Count(Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value!) + ": \r\n".Length);
            }

            disposition ??= name.Equals(HeaderNames.ContentDisposition, StringComparison.OrdinalIgnoreCase) ? values[0] : null;
        }

        // The library puts this character where a header is not UTF-8; a name must not be stored with it.
        return disposition is null || disposition.Contains(ReplacementCharacter, StringComparison.Ordinal)
            ? throw FormErrors.Malformed()
            : FormPart.OfDisposition(disposition);
    }

    private void Count(int bytes)
    {
        _counted += _counting ? bytes : 0;
        if (_counted > MaxFieldBytes)
        {
            throw new S3Exception(S3Error.MaxPostPreDataLengthExceeded);
        }
    }
}
