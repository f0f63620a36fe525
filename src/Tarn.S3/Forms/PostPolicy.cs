using Tarn.Core.Errors;

namespace Tarn.S3.Forms;

/// <summary>
/// The policy document of a form: what its signer allows to be uploaded. Source: Amazon S3 API Reference, "POST Policy" (Signature Version 4).
/// </summary>
internal sealed class PostPolicy
{
    private static readonly string[] Exempt = ["x-amz-signature", FormFields.File, "policy"];
    private static readonly string[] ExemptOfVersion2 = ["AWSAccessKeyId", "signature", FormFields.File, "policy"];

    /// <summary>When the policy expires.</summary>
    public required DateTimeOffset Expiration { get; init; }

    /// <summary>The conditions on fields, all of which must hold.</summary>
    public required IReadOnlyList<PolicyCondition> Conditions { get; init; }

    /// <summary>The minimum size of the file, in bytes.</summary>
    public long MinLength { get; init; }

    /// <summary>The maximum size of the file, in bytes.</summary>
    public long MaxLength { get; init; } = long.MaxValue;

    /// <summary>Refuses a form that the policy does not allow.</summary>
    /// <param name="fields">The form's fields, expanded.</param>
    /// <param name="bucket">The bucket that the form was sent to.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    public void ThrowIfViolated(FormFields fields, string bucket, DateTimeOffset now)
    {
        if (now >= Expiration)
        {
            throw FormErrors.Denied("Policy expired.");
        }

        foreach (PolicyCondition condition in Conditions)
        {
            string? value = condition.Field.Equals("bucket", StringComparison.OrdinalIgnoreCase) ? bucket : fields[condition.Field];
            if (!condition.Holds(value))
            {
                throw FormErrors.Denied($"Policy Condition failed: {condition.Source}");
            }
        }

        // A form has one signature or the other, never parts of both.
        bool isVersion2 = fields["AWSAccessKeyId"] is not null;
        string[] extra = [.. fields.All.Select(field => field.Key).Append("bucket").Distinct(StringComparer.OrdinalIgnoreCase).Where(name => !Covers(name, isVersion2))];
        if (extra.Length > 0)
        {
            throw FormErrors.Denied($"Extra input fields: {string.Join(", ", extra)}");
        }
    }

    private bool Covers(string name, bool isVersion2) =>
        (isVersion2 ? ExemptOfVersion2 : Exempt).Contains(name, StringComparer.OrdinalIgnoreCase)
        || name.StartsWith("x-ignore-", StringComparison.OrdinalIgnoreCase)
        || Conditions.Any(condition => condition.Field.Equals(name, StringComparison.OrdinalIgnoreCase));
}
