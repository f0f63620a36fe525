using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Tarn.Core.Errors;
using Tarn.Core.Objects.Writing;

namespace Tarn.S3.Forms;

/// <summary>
/// Parses the body of a form as it arrives, in buffers of constant size. Source: RFC 7578; RFC 2046, section 5.1.
/// </summary>
internal sealed class MultipartFormReader : IDisposable
{
    /// <summary>The most bytes before the file: fields, headers and boundaries. Source: Amazon S3 API Reference, "POST Object".</summary>
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
    /// <param name="boundary">The boundary in the Content-Type header.</param>
    public MultipartFormReader(IUploadBody body, string boundary)
    {
        _body = body;
        _stream = new UploadBodyStream(body);
        _delimiterLength = boundary.Length + "\r\n--\r\n".Length;

        // The limit on all headers and fields together is enforced here; the library's reader only has limits for each part.
        _reader = new MultipartReader(boundary, _stream, BufferSize) { HeadersLengthLimit = int.MaxValue, HeadersCountLimit = int.MaxValue };
        _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    }

    /// <summary>Bytes received from the client so far.</summary>
    public long Received => _body.Received;

    /// <summary>The boundary of a form; null when the media type is not a form's, or has no boundary.</summary>
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

    /// <summary>Skips the rest of this part and moves to the next; null after the last.</summary>
    /// <exception cref="S3Exception">MalformedPOSTRequest, MaxPostPreDataLengthExceededError, and the errors of the body itself.</exception>
    public async ValueTask<FormPart?> NextAsync(CancellationToken cancellationToken)
    {
        while (_section is not null && !(await ReadAsync(cancellationToken)).IsEmpty)
        {
            // Content that no caller read.
        }

        try
        {
            // What precedes a part's content may be endless; the reader reads ahead by at most one buffer.
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
            // The body may continue after its last part; it is read to its end so that it is verified.
            while (await _stream.ReadAsync(_buffer, cancellationToken) > 0)
            {
            }

            return null;
        }

        return Parse(_section);
    }

    /// <summary>Reads the next run of the part's content, valid until the next call; empty at its end.</summary>
    /// <exception cref="S3Exception">MalformedPOSTRequest when the body ends first, and the errors of the body itself.</exception>
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
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw FormErrors.Malformed();
        }
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

        // The library replaces malformed UTF-8 in headers with this character; a name must not be stored with it.
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
