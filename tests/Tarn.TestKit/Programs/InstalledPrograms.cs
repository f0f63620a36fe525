using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Xunit;

namespace Tarn.TestKit.Programs;

/// <summary>
/// Finds the programs that the tests run. A missing one fails its tests: a test that is skipped unnoticed tests nothing.
/// <c>TARN_TEST_ABSENT</c> names, separated by spaces, those that cannot be installed on this machine; their tests are skipped. <c>./test</c> sets it.
/// </summary>
public static class InstalledPrograms
{
    private const string Distribution = "/usr/bin/";

    private static readonly Lazy<IReadOnlyList<string>> Pythons = new(() => FindModule("boto3"));

    /// <summary>The distribution's python3 and the first other one, if they have boto3; the word <c>boto3</c> if neither has.</summary>
    public static IReadOnlyList<string> PythonsWithBoto3 => Pythons.Value;

    /// <summary>
    /// The distribution's program and the first other one on <c>PATH</c>, which a version manager or pip may have installed: one is often
    /// years older than the other, and they send different requests. The bare name if there is none, so that the test fails.
    /// </summary>
    /// <param name="program">Its name.</param>
    /// <param name="path">The <c>PATH</c> to look in; null: this process's.</param>
    public static IReadOnlyList<string> All(string program, string? path = null)
    {
        string[] found = Find(program, path);
        string?[] both = [found.FirstOrDefault(IsOfDistribution), found.FirstOrDefault(place => !IsOfDistribution(place))];
        string[] some = [.. both.OfType<string>()];
        return some.Length > 0 ? some : [program];
    }

    /// <summary>The path of a program, the distribution's first: a version manager's shim may stand for one that it does not have.</summary>
    /// <param name="program">Its name, or a path that <see cref="All"/> gave.</param>
    /// <returns>The path; without one the test fails or is skipped.</returns>
    public static string Need(string program)
    {
        string? found = Path.IsPathRooted(program) ? program : Find(program).FirstOrDefault();
        if (found is null)
        {
            Missing(program, $"{program} is not installed.");
        }

        return found;
    }

    /// <summary>Ends a test for which something is missing: skips it if that cannot be installed here, else fails it.</summary>
    /// <param name="name">What is missing, as <c>TARN_TEST_ABSENT</c> names it.</param>
    /// <param name="message">What to say.</param>
    [DoesNotReturn]
    public static void Missing(string name, string message)
    {
        if (CannotBeHad(name, Environment.GetEnvironmentVariable("TARN_TEST_ABSENT") ?? ""))
        {
            Assert.Skip(message);
        }

        Assert.Fail($"{message} ./test installs what it can; TARN_TEST_ABSENT='{name}' skips the tests that need this.");
    }

    /// <summary>Whether a program is among those that <c>TARN_TEST_ABSENT</c> names.</summary>
    public static bool CannotBeHad(string name, string absent) =>
        absent.Split(' ', StringSplitOptions.RemoveEmptyEntries).Contains(name, StringComparer.Ordinal);

    private static string[] Find(string program, string? path = null) =>
    [
        .. $"{Distribution}:{path ?? Environment.GetEnvironmentVariable("PATH")}".Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(place => Path.Combine(place, program)).Where(File.Exists).Distinct(),
    ];

    // /bin is a link to /usr/bin on current distributions.
    private static bool IsOfDistribution(string path) =>
        path.StartsWith(Distribution, StringComparison.Ordinal) || path.StartsWith("/bin/", StringComparison.Ordinal);

    private static IReadOnlyList<string> FindModule(string module)
    {
        // The first on PATH may lack the module: keep looking.
        string[] found = Find("python3");
        string?[] both = [First(found.Where(IsOfDistribution)), First(found.Where(path => !IsOfDistribution(path)))];
        string[] some = [.. both.OfType<string>().Distinct()];
        return some.Length > 0 ? some : [module];

        string? First(IEnumerable<string> places) => places.Select(path => ExecutableWith(path, module)).FirstOrDefault(path => path is not null);
    }

    /// <summary>The interpreter behind what may be a version manager's shim; null where it lacks the module.</summary>
    private static string? ExecutableWith(string python, string module)
    {
        var start = new ProcessStartInfo(python, ["-c", $"import sys, {module}; print(sys.executable)"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        string executable = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return process.ExitCode == 0 ? executable : null;
    }
}
