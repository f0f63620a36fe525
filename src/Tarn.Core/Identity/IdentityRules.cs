using System.Text;

namespace Tarn.Core.Identity;

/// <summary>The rules for names, ids, keys and secrets: wide enough for those that other servers have issued.</summary>
public static class IdentityRules
{
    private const int MaxText = 256;
    private const int MaxPrincipalName = 1024 + 16;

    /// <summary>
    /// The name of an organization, user, group or policy: 1 to 128 letters, digits and <c>+ = . @ _ -</c>, since it is a part
    /// of ARNs, of paths and of keys. Source: IAM User Guide, "IAM and AWS STS quotas", names (a comma is left out: lists are separated by it).
    /// </summary>
    public static string? Name(string what, string? name) =>
        name is { Length: >= 1 and <= 128 } && name is not ("." or "..") && name.All(IsNameCharacter)
            ? null
            : $"{what} must be 1 to 128 letters, digits and + = . @ _ -";

    /// <summary>A canonical user id: 64 hex digits.</summary>
    public static string? CanonicalId(string id) =>
        id.Length == 64 && id.All(char.IsAsciiHexDigit) ? null : "the canonical id must be 64 hexadecimal digits";

    /// <summary>An access key id: 3 to 128 printable ASCII characters; it stands between slashes and commas in the scope of a signature.</summary>
    public static string? AccessKeyId(string id) =>
        id.Length is < 3 or > 128 ? "must have 3 to 128 characters"
        : !id.All(c => c is > ' ' and < (char)0x7F && c is not ('/' or ',' or '=')) ? "must be printable ASCII without spaces, '/', ',' and '='"
        : null;

    /// <summary>A secret: 8 to 1024 characters, none of them a control character.</summary>
    public static string? Secret(string secret) =>
        secret.Length < 8 ? "must have at least 8 characters"
        : secret.Length > 1024 ? "must have at most 1024 characters"
        : secret.Any(char.IsControl) ? "must not have control characters"
        : null;

    /// <summary>An e-mail address: text around one @. Whether it receives mail is not checked.</summary>
    public static string? Email(string email) =>
        email.Length <= 254 && email.IndexOf('@') is > 0 and int at && at == email.LastIndexOf('@') && at < email.Length - 1
            && !email.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)) && IsWellFormed(email)
            ? null
            : "the e-mail address must be like name@example.com";

    /// <summary>Text for people: at most 256 characters, none of them a control character.</summary>
    public static string? Text(string what, string text) =>
        text.Length <= MaxText && !text.Any(char.IsControl) && IsWellFormed(text)
            ? null
            : $"{what} must have at most {MaxText} characters and no control characters";

    /// <summary>
    /// The name of a principal as keys are listed by it, up to <c>role/</c> with the longest role that a policy can name, an issuer's URL and a subject: no control characters.
    /// </summary>
    public static string? PrincipalName(string name) =>
        name.Length <= MaxPrincipalName && !name.Any(char.IsControl) && IsWellFormed(name)
            ? null
            : $"the name of a principal must have at most {MaxPrincipalName} characters and no control characters";

    /// <summary>A user id: 1 to 128 characters without spaces, slashes and control characters.</summary>
    public static string? UserId(string id) =>
        id.Length is >= 1 and <= 128 && id.All(c => c is > ' ' and < (char)0x7F and not '/')
            ? null
            : "the user id must be 1 to 128 printable ASCII characters without spaces and '/'";

    /// <exception cref="IdentityRefusalException">There is a problem.</exception>
    internal static void ThrowIfBroken(string? problem)
    {
        if (problem is not null)
        {
            throw IdentityRefusalException.Invalid(problem);
        }
    }

    private static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '+' or '=' or '.' or '@' or '_' or '-';

    // An unpaired surrogate would be stored as another character.
    private static bool IsWellFormed(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar)
            {
                return false;
            }
        }

        return true;
    }
}
