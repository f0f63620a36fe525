namespace Tarn.Server.Configuration;

/// <summary>
/// One thing that can be configured: its name (also the key in the configuration file), and from that its flag and
/// its environment variable.
/// </summary>
/// <param name="Name">Lower case with dashes, as in the configuration file.</param>
/// <param name="ValueName">What stands for the value in the help text.</param>
/// <param name="Default">The value when nothing sets it; null when there is none.</param>
/// <param name="Help">One sentence, for the help text.</param>
internal sealed record Setting(string Name, string ValueName, string? Default, string Help)
{
    /// <summary>May be given more than once; the environment variable separates the values with commas.</summary>
    public bool Repeatable { get; init; }

    /// <summary>Never a flag, because command lines are visible to every user of the machine.</summary>
    public bool Secret { get; init; }

    /// <summary>The setting that names a file with the value instead: every secret has one.</summary>
    public Setting? InFile { get; init; }

    /// <summary><c>true</c> or <c>false</c>; the flag without a value, and JSON's own literals, mean one of them.</summary>
    public bool IsSwitch { get; init; }

    public string Flag => "--" + Name;

    public string Variable => "TARN_" + Name.ToUpperInvariant().Replace('-', '_');
}
