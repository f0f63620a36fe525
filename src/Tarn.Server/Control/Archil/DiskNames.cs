namespace Tarn.Server.Control.Archil;

/// <summary>Checks the names of disks.</summary>
internal static class DiskNames
{
    private const int MaxLength = 128;

    /// <exception cref="ControlRefusalException">400: the name is not allowed.</exception>
    public static void ThrowIfInvalid(string name)
    {
        if (name.Length is 0 or > MaxLength || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            throw ControlRefusalException.BadRequest($"the name of a disk must be 1 to {MaxLength} letters, digits, '-' and '_'");
        }

        // Clients would mistake such a name for an id.
        if ((name.StartsWith("dsk-", StringComparison.Ordinal) || name.StartsWith("fs-", StringComparison.Ordinal))
            && name[(name.IndexOf('-', StringComparison.Ordinal) + 1)..].All(char.IsAsciiHexDigit))
        {
            throw ControlRefusalException.BadRequest("the name of a disk must not look like the id of one");
        }
    }
}
