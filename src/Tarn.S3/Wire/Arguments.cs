using System.Globalization;
using Tarn.Core.Errors;
using Tarn.S3.Routing;

namespace Tarn.S3.Wire;

/// <summary>Parses numbers in query parameters and headers.</summary>
internal static class Arguments
{
    /// <summary>Parses a count that S3 silently caps, such as max-keys.</summary>
    /// <exception cref="S3Exception">InvalidArgument when it is not a number or is negative.</exception>
    public static int Limit(RequestQuery query, string name, int most) => Limit(query[name], name, most);

    public static int Limit(string? text, string name, int most)
    {
        if (string.IsNullOrEmpty(text))
        {
            return most;
        }

        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value))
        {
            throw Invalid($"Provided {name} not an integer or within integer range", name, text);
        }

        return value < 0
            ? throw Invalid($"Argument {name} must be an integer between 0 and 2147483647", name, text)
            : Math.Min(value, most);
    }

    /// <summary>Parses a part number: 1 to 10,000.</summary>
    /// <exception cref="S3Exception">InvalidArgument.</exception>
    public static int PartNumber(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value is >= 1 and <= 10_000
            ? value
            : throw Invalid("Part number must be an integer between 1 and 10000, inclusive", "partNumber", text ?? "");

    public static S3Exception Invalid(string message, string name, string value) =>
        new(S3Error.InvalidArgument, message) { Details = [new("ArgumentName", name), new("ArgumentValue", value)] };
}
