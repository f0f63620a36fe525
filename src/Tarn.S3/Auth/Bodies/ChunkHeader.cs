using System.Buffers;
using System.Globalization;
using System.Text;
using Tarn.Core.Errors;

namespace Tarn.S3.Auth.Bodies;

/// <summary>The line before a chunk: its size in hex, then ";chunk-signature=…" when the chunk is signed.</summary>
/// <param name="Size">Bytes of data that follow; 0 for the last chunk.</param>
/// <param name="Signature">Signature of the chunk; empty when chunks are not signed.</param>
internal readonly record struct ChunkHeader(long Size, string Signature)
{
    /// <summary>Longest chunk header or trailer line, in bytes.</summary>
    public const int MaxLine = 1024;

    private const string SignatureName = "chunk-signature=";

    /// <exception cref="S3Exception">The line is not a chunk header.</exception>
    public static ChunkHeader Parse(ReadOnlySpan<char> line, bool signed)
    {
        var semicolon = line.IndexOf(';');
        var digits = (semicolon < 0 ? line : line[..semicolon]).TrimEnd(' ');
        if (!TryHex(digits, out var size))
        {
            throw AwsChunkedErrors.Malformed();
        }

        if (!signed)
        {
            return new ChunkHeader(size, "");
        }

        var extension = semicolon < 0 ? default : line[(semicolon + 1)..].Trim(' ');
        return extension.StartsWith(SignatureName, StringComparison.Ordinal)
            ? new ChunkHeader(size, extension[SignatureName.Length..].ToString())
            : throw AwsChunkedErrors.Malformed();
    }

    private static bool TryHex(ReadOnlySpan<char> digits, out long value)
    {
        value = 0;
        if (digits.Length is 0 or > 16)
        {
            return false;
        }

        foreach (var digit in digits)
        {
            if (!char.IsAsciiHexDigit(digit) || value > long.MaxValue >> 4)
            {
                return false;
            }

            value = (value << 4) | (uint)(digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
        }

        return true;
    }
}

/// <summary>The refusals of aws-chunked framing.</summary>
internal static class AwsChunkedErrors
{
    /// <summary>S3 reports malformed framing as a body that ended too early.</summary>
    public static S3Exception Malformed() => new(S3Error.IncompleteBody, "The request body terminated unexpectedly");

    /// <summary>Trailing headers that are malformed, not announced in x-amz-trailer, or not signed.</summary>
    public static S3Exception MalformedTrailer() => new(S3Error.MalformedTrailer);

    /// <summary>A chunk below the minimum size that is not the last one.</summary>
    /// <param name="chunk">Number of the chunk that follows it, from 1.</param>
    /// <param name="size">The small chunk's bytes.</param>
    public static S3Exception TooSmall(long chunk, long size) => new(S3Error.InvalidChunkSize)
    {
        Details = [new("Chunk", Number(chunk)), new("BadChunkSize", Number(size))],
    };

    /// <summary>The chunks do not add up to x-amz-decoded-content-length.</summary>
    public static S3Exception LengthMismatch(long expected, long provided) => new(S3Error.IncompleteBody)
    {
        Details = [new("NumberBytesExpected", Number(expected)), new("NumberBytesProvided", Number(provided))],
    };

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Removes one line from the buffer and returns it without its line end; null when it has not arrived completely.</summary>
    public static string? TakeLine(ref ReadOnlySequence<byte> buffer)
    {
        if (buffer.PositionOf((byte)'\n') is not { } end)
        {
            return buffer.Length > ChunkHeader.MaxLine ? throw Malformed() : null;
        }

        var line = buffer.Slice(0, end);
        if (line.Length > ChunkHeader.MaxLine)
        {
            throw Malformed();
        }

        var text = Encoding.Latin1.GetString(line);
        buffer = buffer.Slice(buffer.GetPosition(1, end));
        return text.EndsWith('\r') ? text[..^1] : text;
    }
}
