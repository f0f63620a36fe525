using System.Globalization;

namespace Tarn.Server.Cli.Doctor.Checks;

/// <summary>The memory that the machine, or this container, has.</summary>
/// <param name="limit">The memory that this process may use, in bytes: its container's limit, or the machine's.</param>
internal sealed class MemoryCheck(Func<long> limit) : SimpleCheck
{
    private const long Small = 512L << 20;

    public override string Name => "memory";

    protected override IEnumerable<Finding> Look(Examined examined)
    {
        long bytes = limit();
        long? available = Available(examined.Proc);
        string what = $"{HumanBytes.Of(bytes)} may be used{(available is { } free ? $", {HumanBytes.Of(free)} are available now" : "")}";
        if (examined.Options?.RequestMemory is { } budget && budget > bytes / 2)
        {
            yield return Finding.Problem(
                $"--request-memory is {HumanBytes.Of(budget)} of the {HumanBytes.Of(bytes)} that may be used: the server may be killed under load", "lower it to a quarter of the memory, or leave it out");
        }

        yield return bytes < Small ? Finding.Warning($"{what}: little for large listings and many connections", "give it 1 GiB or more")
            : available < bytes / 20 ? Finding.Warning($"{what}: other programs use nearly all", "stop some, or give the machine more; when memory runs out the kernel kills a process, perhaps the server")
            : Finding.Ok(what);
    }

    private static long? Available(ProcFiles proc)
    {
        string[]? line = proc.Read("meminfo")?.Split('\n').FirstOrDefault(static line => line.StartsWith("MemAvailable:", StringComparison.Ordinal))?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return line is [_, var kib, ..] && long.TryParse(kib, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number << 10 : null;
    }
}
