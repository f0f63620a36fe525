using System.Globalization;
using Tarn.Core.Errors;

namespace Tarn.S3.Wire;

/// <summary>What a Range header requests of an object of known size.</summary>
internal enum RangeKind
{
    /// <summary>No range, or one that S3 ignores: the whole object, status 200.</summary>
    Whole,

    /// <summary>Part of the object: status 206.</summary>
    Partial,

    /// <summary>A range outside the object: InvalidRange, status 416.</summary>
    Unsatisfiable,
}

/// <summary>
/// One byte range. S3 serves a single range; several ranges, other units and malformed ones are ignored.
/// Source: RFC 9110, section 14; Amazon S3 API Reference, GetObject.
/// </summary>
internal readonly record struct HttpRange(RangeKind Kind, long Offset, long Length)
{
    /// <summary>Parses a Range header. Null, empty or malformed means the whole object.</summary>
    /// <param name="size">The object's size in bytes.</param>
    public static HttpRange Parse(string? header, long size)
    {
        var whole = new HttpRange(RangeKind.Whole, 0, size);
        if (!TrySplit(header, out long? first, out long? last))
        {
            return whole;
        }

        if (first is null)
        {
            // The last bytes of an empty object are the whole object (RFC 9110, 14.1.3), for which S3 answers 200.
            long suffix = Math.Min(last!.Value, size);
            return suffix == 0 && last > 0 ? whole : suffix == 0
                ? new(RangeKind.Unsatisfiable, 0, 0)
                : new(RangeKind.Partial, size - suffix, suffix);
        }

        if (last < first)
        {
            return whole;
        }

        return first >= size
            ? new(RangeKind.Unsatisfiable, 0, 0)
            : new(RangeKind.Partial, first.Value, Math.Min(last ?? long.MaxValue, size - 1) - first.Value + 1);
    }

    /// <summary>
    /// Parses <c>x-amz-copy-source-range</c>, which must be <c>bytes=first-last</c> and inside the source.
    /// </summary>
    /// <exception cref="S3Exception">InvalidArgument when malformed or outside the source.</exception>
    public static HttpRange ParseCopySource(string header, long size)
    {
        if (!TrySplit(header, out long? first, out long? last) || first is null || last is null || last < first)
        {
            throw new S3Exception(S3Error.InvalidArgument, "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy")
            {
                Details = [new("ArgumentName", "x-amz-copy-source-range"), new("ArgumentValue", header)],
            };
        }

        return last < size
            ? new(RangeKind.Partial, first.Value, last.Value - first.Value + 1)
            : throw new S3Exception(S3Error.InvalidArgument, $"Range specified is not valid for source object of size: {size}")
            {
                Details = [new("ArgumentName", "x-amz-copy-source-range"), new("ArgumentValue", header)],
            };
    }

    /// <summary>The Content-Range of a partial answer.</summary>
    public string ContentRange(long size) =>
        string.Create(CultureInfo.InvariantCulture, $"bytes {Offset}-{Offset + Length - 1}/{size}");

    /// <summary>The refusal of an unsatisfiable range.</summary>
    public static S3Exception Unsatisfiable(string? requested, long size)
    {
        string text = size.ToString(CultureInfo.InvariantCulture);
        return new S3Exception(S3Error.InvalidRange)
        {
            Details = [new("RangeRequested", requested ?? ""), new("ActualObjectSize", text)],
            Headers = [new("Content-Range", "bytes */" + text)],
        };
    }

    /// <summary>Splits <c>bytes=first-last</c>, where either end may be left out but not both.</summary>
    private static bool TrySplit(string? header, out long? first, out long? last)
    {
        first = last = null;
        ReadOnlySpan<char> text = header.AsSpan().Trim();
        if (!text.StartsWith("bytes=", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        text = text[6..].Trim();
        int dash = text.IndexOf('-');
        return dash >= 0
            && TryNumber(text[..dash].Trim(), out first)
            && TryNumber(text[(dash + 1)..].Trim(), out last)
            && (first ?? last) is not null;
    }

    /// <summary>Parses an offset; a number too large for 64 bits counts as beyond the end of any object.</summary>
    private static bool TryNumber(ReadOnlySpan<char> digits, out long? value)
    {
        value = null;
        if (digits.IsEmpty)
        {
            return true;
        }

        if (digits.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        value = long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long parsed) ? parsed : long.MaxValue;
        return true;
    }
}
