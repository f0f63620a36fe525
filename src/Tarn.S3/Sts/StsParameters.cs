using System.Globalization;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.S3.Routing;

namespace Tarn.S3.Sts;

/// <summary>The parameters of a request to the Security Token Service: its query, or the form in its body.</summary>
internal sealed class StsParameters(RequestQuery values)
{
    private const string Version = "2011-06-15";

    /// <summary>Characters of names of sessions besides letters and digits.</summary>
    private const string InNames = "_+=,.@-";

    /// <summary>The name of the action.</summary>
    /// <exception cref="S3Exception">MissingAction; ValidationError: another version, or a repeated parameter.</exception>
    public string Action()
    {
        if (values["Version"] is { } version && version != Version)
        {
            throw Invalid($"The Version must be {Version}");
        }

        return values["Action"] is { Length: > 0 } action ? action : throw new S3Exception(StsErrors.MissingAction);
    }

    /// <summary>Refuses what the action does not have, and what comes twice: nothing that a client asks for is ignored.</summary>
    /// <exception cref="S3Exception">ValidationError.</exception>
    public void ThrowIfOthers(ReadOnlySpan<string> known)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach ((string name, _) in values.Pairs)
        {
            if (!seen.Add(name))
            {
                throw Invalid($"The parameter {name} may occur only once");
            }

            if (name is not ("Action" or "Version") && !known.Contains(name) && !name.StartsWith("X-Amz-", StringComparison.OrdinalIgnoreCase))
            {
                throw Invalid($"The parameter {name} is not supported");
            }
        }
    }

    /// <summary>A parameter; null without it.</summary>
    public string? this[string name] => values[name];

    /// <summary>A parameter that must be there.</summary>
    /// <exception cref="S3Exception">ValidationError.</exception>
    public string Required(string name) => values[name] is { Length: > 0 } value ? value : throw Invalid($"The parameter {name} is required");

    /// <summary>DurationSeconds; null without it.</summary>
    /// <exception cref="S3Exception">ValidationError: it is not 900 to 43,200.</exception>
    public int? Duration() => values["DurationSeconds"] is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds is >= IdentityRoles.MinSession and <= IdentityRoles.MaxSession ? seconds
        : throw Invalid("DurationSeconds must be 900 to 43200");

    /// <summary>RoleSessionName.</summary>
    /// <exception cref="S3Exception">ValidationError.</exception>
    public string SessionName()
    {
        string name = Required("RoleSessionName");
        return name.Length is >= 2 and <= 64 && name.All(static c => char.IsAsciiLetterOrDigit(c) || InNames.Contains(c, StringComparison.Ordinal))
            ? name
            : throw Invalid("RoleSessionName must be 2 to 64 letters, digits and _ + = , . @ -");
    }

    public static S3Exception Invalid(string message) => new(StsErrors.ValidationError, message);
}
