namespace Tarn.Server.Cli.Doctor.Checks;

/// <summary>What a check makes of something.</summary>
internal enum Verdict
{
    Ok,

    /// <summary>It could not be looked at; the text says why.</summary>
    Skipped,

    /// <summary>It works, but will not for long, or not as most people want it.</summary>
    Warning,

    /// <summary>It keeps the server from starting or serving, or loses data.</summary>
    Problem,
}

/// <summary>Something that a check looked at.</summary>
/// <param name="Verdict">What it makes of it.</param>
/// <param name="Found">What it found, as a sentence without its period.</param>
/// <param name="Advice">What to do; null where there is nothing to do.</param>
internal sealed record Finding(Verdict Verdict, string Found, string? Advice)
{
    public static Finding Ok(string found) => new(Verdict.Ok, found, null);

    public static Finding Skipped(string why, string? advice = null) => new(Verdict.Skipped, why, advice);

    public static Finding Warning(string found, string advice) => new(Verdict.Warning, found, advice);

    public static Finding Problem(string found, string advice) => new(Verdict.Problem, found, advice);
}
