using System.Globalization;
using Tarn.Core.Errors;
using Tarn.S3.Wire;

namespace Tarn.S3.Forms;

/// <summary>The refusals of uploads by form, in S3's words. Source: Amazon S3 API Reference, "Error responses" and "POST Object".</summary>
internal static class FormErrors
{
    public static S3Exception Malformed() => new(S3Error.MalformedPostRequest);

    public static S3Exception NoForm() => new(S3Error.PreconditionFailed)
    {
        Details = [new("Condition", "Bucket POST must be of the enclosure-type multipart/form-data")],
    };

    public static S3Exception Missing(string field) => Arguments.Invalid(
        $"Bucket POST must contain a field named '{field}'.  If it is specified, please check the order of the fields.", field, "");

    public static S3Exception NotOneFile(int files) => Arguments.Invalid(
        "POST requires exactly one file upload per request.", "file", files.ToString(CultureInfo.InvariantCulture));

    public static S3Exception TooSmall(long size, long least) => new(S3Error.EntityTooSmall)
    {
        Details =
        [
            new("ProposedSize", size.ToString(CultureInfo.InvariantCulture)),
            new("MinSizeAllowed", least.ToString(CultureInfo.InvariantCulture)),
        ],
    };

    public static S3Exception InvalidPolicy(string why) => new(S3Error.InvalidPolicyDocument, "Invalid Policy: " + why);

    public static S3Exception Denied(string why) => new(S3Error.AccessDenied, "Invalid according to Policy: " + why);
}
