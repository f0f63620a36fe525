namespace Tarn.Server.Cli.Completion;

/// <summary>
/// The scripts that let a shell complete commands: each asks <c>tarn complete</c>, which prints a candidate a line. They are files, which packages have too, and resources of the program.
/// </summary>
internal static class CompletionScripts
{
    /// <summary>The names of the files, by shell.</summary>
    public static readonly IReadOnlyDictionary<string, string> Files = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["bash"] = "tarn.bash", ["zsh"] = "_tarn", ["fish"] = "tarn.fish",
    };

    /// <summary>The script for a shell; null for one that has none.</summary>
    public static string? Find(string shell)
    {
        if (!Files.TryGetValue(shell, out string? file))
        {
            return null;
        }

        using Stream script = typeof(CompletionScripts).Assembly.GetManifestResourceStream($"completion/{file}")!;
        using var reader = new StreamReader(script);
        return reader.ReadToEnd();
    }
}
