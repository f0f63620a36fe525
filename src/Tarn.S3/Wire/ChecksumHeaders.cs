using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.Core.Hashing;

namespace Tarn.S3.Wire;

/// <summary>
/// The checksum headers of an upload. Source: Amazon S3 User Guide, "Checking object integrity in Amazon S3".
/// </summary>
/// <param name="Algorithm">The algorithm; null when the client asks for no checksum.</param>
/// <param name="Expected">The decoded value of the header; null when there is none or it follows in the trailer.</param>
/// <param name="InTrailer">True when the value follows the body.</param>
internal readonly record struct ChecksumHeaders(ChecksumAlgorithm? Algorithm, byte[]? Expected, bool InTrailer)
{
    private const string Prefix = "x-amz-checksum-";

    /// <summary>Reads the headers of PutObject, UploadPart and requests with an XML body.</summary>
    /// <exception cref="S3Exception">
    /// InvalidRequest: several checksums, a malformed value, or an algorithm that does not match. A checksum with an unknown algorithm has been
    /// refused earlier by <see cref="RequestFeatures"/>.
    /// </exception>
    public static ChecksumHeaders Read(IHeaderDictionary headers)
    {
        ChecksumAlgorithm? algorithm = null;
        byte[]? expected = null;
        bool inTrailer = false;
        if (FindValue(headers) is { } sent)
        {
            algorithm = sent.Algorithm;
            expected = Decode(sent.Algorithm, sent.Text);
        }

        if (headers.TryGetValue("x-amz-trailer", out var trailers))
        {
            foreach (ReadOnlySpan<char> name in new TrailerNames(trailers.ToString()))
            {
                if (!name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
                {
                    continue;
                }

                if (algorithm is not null)
                {
                    throw Several();
                }

                algorithm = ChecksumAlgorithms.TryParseHeader(name.ToString(), out ChecksumAlgorithm declared)
                    ? declared
                    : throw new S3Exception(S3Error.InvalidRequest, "The value specified in the x-amz-trailer header is not supported");
                inTrailer = true;
            }
        }

        return new(WithDeclaration(headers, algorithm), expected, inTrailer);
    }

    /// <summary>Finds the checksum header, not decoded; null when there is none. Requests have few headers, so all of them are scanned.</summary>
    /// <exception cref="S3Exception">InvalidRequest for more than one.</exception>
    public static (ChecksumAlgorithm Algorithm, string Text)? FindValue(IHeaderDictionary headers)
    {
        (ChecksumAlgorithm Algorithm, string Text)? found = null;
        foreach (var header in headers)
        {
            if (header.Key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && ChecksumAlgorithms.TryParseHeader(header.Key, out ChecksumAlgorithm algorithm))
            {
                found = found is null && header.Value.Count == 1 ? (algorithm, header.Value.ToString()) : throw Several();
            }
        }

        return found;
    }

    /// <summary>Reads the value from the trailer that <see cref="InTrailer"/> announces.</summary>
    /// <exception cref="S3Exception">InvalidRequest when malformed or missing.</exception>
    public byte[] ReadTrailer(IReadOnlyDictionary<string, string> trailers)
    {
        ChecksumAlgorithm algorithm = Algorithm ?? throw new InvalidOperationException("No checksum was declared.");
        return trailers.TryGetValue(ChecksumAlgorithms.HeaderName(algorithm), out string? value)
            ? Decode(algorithm, value)
            : throw new S3Exception(S3Error.InvalidRequest, $"The trailer {ChecksumAlgorithms.HeaderName(algorithm)} was declared but not sent.");
    }

    /// <summary>Reads the checksum algorithm for the result of a copy or multipart upload; null when the client names none.</summary>
    /// <exception cref="S3Exception">InvalidRequest for an algorithm that S3 does not have, or several values.</exception>
    public static ChecksumAlgorithm? ReadAlgorithm(IHeaderDictionary headers)
    {
        _ = FindValue(headers);
        string name = headers["x-amz-checksum-algorithm"].ToString();
        if (name.Length == 0)
        {
            return null;
        }

        return ChecksumAlgorithms.TryParseName(name, out ChecksumAlgorithm algorithm) ? algorithm : throw Unsupported();
    }

    /// <summary>Reads the checksum type for a multipart upload; null when the client names none.</summary>
    /// <exception cref="S3Exception">InvalidRequest for a type that S3 does not have.</exception>
    public static ChecksumType? ReadType(IHeaderDictionary headers) => headers["x-amz-checksum-type"].ToString() switch
    {
        "" => null,
        "COMPOSITE" => ChecksumType.Composite,
        "FULL_OBJECT" => ChecksumType.FullObject,
        _ => throw new S3Exception(S3Error.InvalidRequest, "Value for x-amz-checksum-type header is invalid."),
    };

    /// <summary>Checks that <c>x-amz-sdk-checksum-algorithm</c> and <c>x-amz-checksum-algorithm</c> name the checksum that is sent, if one is.</summary>
    private static ChecksumAlgorithm? WithDeclaration(IHeaderDictionary headers, ChecksumAlgorithm? sent)
    {
        foreach (string header in Declarations)
        {
            if (!headers.TryGetValue(header, out var value))
            {
                continue;
            }

            if (!ChecksumAlgorithms.TryParseName(value.ToString(), out ChecksumAlgorithm declared))
            {
                throw Unsupported();
            }

            // SDKs also name MD5 here when they send Content-MD5.
            if (declared == ChecksumAlgorithm.Md5 && sent != declared && headers.ContentMD5.Count > 0)
            {
                continue;
            }

            if (sent is null && header == SdkAlgorithm)
            {
                throw new S3Exception(S3Error.InvalidRequest, "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.");
            }

            if (sent is not null && sent != declared)
            {
                throw new S3Exception(S3Error.InvalidRequest, $"Value for {header} header is invalid.");
            }

            sent ??= declared;
        }

        return sent;
    }

    private const string SdkAlgorithm = "x-amz-sdk-checksum-algorithm";

    private static readonly string[] Declarations = [SdkAlgorithm, "x-amz-checksum-algorithm"];

    private static byte[] Decode(ChecksumAlgorithm algorithm, string text) =>
        Checksum.TryParse(algorithm, text, out byte[]? value, out int parts) && parts == 0
            ? value
            : throw new S3Exception(S3Error.InvalidRequest, $"Value for {ChecksumAlgorithms.HeaderName(algorithm)} header is invalid.");

    private static S3Exception Unsupported() =>
        new(S3Error.InvalidRequest, $"Checksum algorithm provided is unsupported. Please try again with any of the valid types: [{ChecksumAlgorithms.Names}]");

    private static S3Exception Several() => new(S3Error.InvalidRequest, "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");

    private ref struct TrailerNames(string list)
    {
        private ReadOnlySpan<char> _rest = list;

        public ReadOnlySpan<char> Current { get; private set; }

        public readonly TrailerNames GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_rest.IsEmpty)
            {
                return false;
            }

            int comma = _rest.IndexOf(',');
            Current = (comma < 0 ? _rest : _rest[..comma]).Trim();
            _rest = comma < 0 ? default : _rest[(comma + 1)..];
            return true;
        }
    }
}
