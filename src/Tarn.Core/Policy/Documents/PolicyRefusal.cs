using System.Text;
using Tarn.Core.Errors;

namespace Tarn.Core.Policy.Documents;

/// <summary>Creates the errors for refused policies: S3's own wording where it is known, then the offending element.</summary>
internal static class PolicyRefusal
{
    public const string NotJson = "Policies must be valid JSON and the first byte must be '{'";
    public const string InvalidPrincipal = "Invalid principal in policy";
    public const string InvalidAction = "Policy has invalid action";
    public const string InvalidResource = "Policy has invalid resource";
    public const string InvalidConditionKey = "Policy has an invalid condition key";
    public const string NotApplicable = "Action does not apply to any resource(s) in statement";

    /// <summary>The maximum number of characters of the client's text that a message repeats.</summary>
    private const int MaxQuoted = 200;

    public static S3Exception Because(string message) => new(S3Error.MalformedPolicy, message);

    /// <param name="what">The offending element or value.</param>
    public static S3Exception Because(string message, string where, string what) => Because($"{message}: {Printable(what)} ({where})");

    /// <summary>The client's own text, shortened, and without what an XML document cannot hold.</summary>
    private static string Printable(string text)
    {
        var result = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (result.Length >= MaxQuoted)
            {
                result.Append('…');
                break;
            }

            result.Append((Rune.IsControl(rune) || rune.Value is 0xFFFE or 0xFFFF ? Rune.ReplacementChar : rune).ToString());
        }

        return result.ToString();
    }
}
