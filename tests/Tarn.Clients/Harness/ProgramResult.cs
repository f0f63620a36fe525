namespace Tarn.Clients.Harness;

/// <summary>The exit code and output of a program that ran to its end.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="StandardOutput">All it wrote there, as UTF-8.</param>
/// <param name="StandardError">All it wrote there, as UTF-8.</param>
public sealed record ProgramResult(int ExitCode, string StandardOutput, string StandardError)
{
    /// <summary>The lines of standard output without empty ones.</summary>
    public string[] Lines => StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
