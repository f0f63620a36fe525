using System.Globalization;
using Tarn.Server.Accelerator;
using Tarn.Server.Cli.Doctor.Checks;
using Tarn.Server.Configuration;
using Tarn.Server.Connections;

namespace Tarn.Server.Cli.Doctor.Accelerators;

/// <summary>How many files the accelerator may open: the running one, or one that this shell starts.</summary>
internal sealed class AcceleratorDescriptorsCheck : SimpleCheck<ExaminedAccelerator>
{
    public override string Name => "descriptors";

    protected override IEnumerable<Finding> Look(ExaminedAccelerator examined)
    {
        if (examined.Options is not { } options)
        {
            return [Finding.Skipped("they are not known: the settings are wrong")];
        }

        // It has locked a file of the cache.
        int? running = FileFacts.Find(Path.Combine(options.Cache, "lock")) is { } file ? examined.Proc.HolderOf(file) : null;
        string whose = running?.ToString(CultureInfo.InvariantCulture) ?? "self";
        string who = running is null ? "an accelerator that this shell starts" : $"the accelerator (process {running})";
        if (DescriptorsCheck.LimitOf(whose, examined.Proc) is not { } limit)
        {
            return [Finding.Skipped($"the limits of {who} may not be read by this user", "run this command as the accelerator's user")];
        }

        try
        {
            DescriptorBudget budget = AcceleratorDescriptors.Of(limit, AcceleratorProcess.CacheOptionsOf(options).MaxOpenFiles, options.Peers is not null).Budget;
            int? open = running is null ? null : examined.Proc.Count($"{whose}/fd");
            string what = string.Create(CultureInfo.InvariantCulture, $"{who} may open {limit:N0} files{(open is null ? "" : $"; it has {open:N0} open")}");
            return open >= budget.HighMark ? [Finding.Problem($"{what}: new connections are refused", DescriptorsCheck.Advice)]
                : budget.IsLow ? [Finding.Warning($"{what}: each request needs four", DescriptorsCheck.Advice)]
                : [Finding.Ok(what)];
        }
        catch (StartupException e)
        {
            return [Finding.Problem(e.Message, DescriptorsCheck.Advice)];
        }
    }
}
