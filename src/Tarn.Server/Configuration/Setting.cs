namespace Tarn.Server.Configuration;

/// <summary>
/// A setting: its name (also the key in the configuration file), from which its flag and its environment variable
/// are derived.
/// </summary>
/// <param name="Name">Lower case with dashes, as in the configuration file.</param>
/// <param name="ValueName">The placeholder for the value in the help text.</param>
/// <param name="Default">The value if nothing sets it; null if there is none.</param>
/// <param name="Help">One sentence, for the help text.</param>
internal sealed record Setting(string Name, string ValueName, string? Default, string Help)
{
    /// <summary>Whether it may be given more than once; the environment variable separates the values with commas.</summary>
    public bool Repeatable { get; init; }

    /// <summary>Whether it is a secret, which has no flag, because command lines are visible to every user of the machine.</summary>
    public bool Secret { get; init; }

    /// <summary>The setting that names a file containing the value: every secret has one.</summary>
    public Setting? InFile { get; init; }

    /// <summary>Whether the value is <c>true</c> or <c>false</c>. The flag without a value means true; JSON's literals are accepted too.</summary>
    public bool IsSwitch { get; init; }

    /// <summary>Whether the value may be a path, relative to the working directory of the process.</summary>
    public bool IsPath => ValueName is "FILE" or "DIR" or "FILE|-" or "PLACE";

    public string Flag => "--" + Name;

    public string Variable => "TARN_" + Name.ToUpperInvariant().Replace('-', '_');
}
