using System.Globalization;

namespace Tarn.Server.Cli.Doctor.Checks;

/// <summary>The clock: signatures are refused when it is 15 minutes off, and versions are in the order of its times.</summary>
/// <param name="isSynchronized">Whether the kernel's clock is kept right; null where that is not told.</param>
internal sealed class ClockCheck(Func<bool?> isSynchronized) : SimpleCheck
{
    /// <summary>Files may get times this far ahead by the coarse clock of their file system, or of another machine.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    public override string Name => "clock";

    protected override IEnumerable<Finding> Look(Examined examined)
    {
        DateTimeOffset now = examined.Time.GetUtcNow();
        DateTimeOffset? newest = Newest(examined.Metadata);
        if (newest - now > Tolerance)
        {
            yield return Finding.Problem(
                string.Create(CultureInfo.InvariantCulture, $"the newest file of the metadata is of {newest:u}, but it is {now:u}: the clock was ahead then, or is behind now"),
                "set the clock right (timedatectl); what was written meanwhile keeps its times");
        }

        yield return isSynchronized() switch
        {
            true => Finding.Ok(string.Create(CultureInfo.InvariantCulture, $"{now:u}, and the kernel says that it is synchronized")),
            false => Finding.Warning(
                string.Create(CultureInfo.InvariantCulture, $"it is {now:u}, but nothing keeps the clock right: requests are refused once it is 15 minutes off (RequestTimeTooSkewed)"),
                "run a time service: timedatectl set-ntp true, or chrony"),
            null => Finding.Skipped("the kernel does not tell whether the clock is synchronized"),
        };
    }

    private static DateTimeOffset? Newest(string metadata) => !Directory.Exists(metadata) ? null
        : Directory.EnumerateFiles(metadata).Select(static file => (DateTimeOffset?)new DateTimeOffset(File.GetLastWriteTimeUtc(file), TimeSpan.Zero)).Max();
}
