using System.Globalization;
using System.Text.RegularExpressions;
using Tarn.Server.Configuration;
using Tarn.Server.Connections;

namespace Tarn.Server.Cli.Doctor.Checks;

/// <summary>How many files the server may open: the running one, or one that this shell starts.</summary>
internal sealed partial class DescriptorsCheck : SimpleCheck
{
    /// <summary>What to do about a low limit.</summary>
    internal const string Advice = "raise the limit to 65536: LimitNOFILE in the unit, ulimits in compose, ulimit -n in a shell";

    public override string Name => "descriptors";

    /// <summary>How many files a process may open: its hard limit, to which servers raise the soft one. Null where the kernel does not tell.</summary>
    /// <param name="process">Its process id, or <c>self</c>.</param>
    /// <param name="proc">What the kernel tells.</param>
    internal static long? LimitOf(string process, ProcFiles proc) =>
        proc.Read($"{process}/limits") is not { } limits || OpenFiles().Match(limits) is not { Success: true } line ? null
        : line.Groups["hard"].Value is var hard && hard == "unlimited" ? int.MaxValue : long.Parse(hard, CultureInfo.InvariantCulture);

    protected override IEnumerable<Finding> Look(Examined examined)
    {
        string whose = examined.Server is { } server ? string.Create(CultureInfo.InvariantCulture, $"{server}") : "self";
        string who = examined.Server is null ? "a server that this shell starts" : $"the server (process {examined.Server})";
        if (LimitOf(whose, examined.Proc) is not { } limit)
        {
            return [Finding.Skipped($"the limits of {who} may not be read by this user", "run this command as the server's user")];
        }

        try
        {
            DescriptorBudget budget = DescriptorBudget.Of(limit, mirrored: examined.Options?.Mirror is not null);
            int? open = examined.Server is null ? null : examined.Proc.Count($"{whose}/fd");
            string what = string.Create(CultureInfo.InvariantCulture, $"{who} may open {limit:N0} files, so S3 takes {budget.S3Connections:N0} connections{(open is null ? "" : $"; it has {open:N0} open")}");
            return open >= budget.HighMark ? [Finding.Problem($"{what}: new connections are refused", Advice)]
                : budget.IsLow ? [Finding.Warning(what, Advice)]
                : [Finding.Ok(what)];
        }
        catch (StartupException e)
        {
            return [Finding.Problem(e.Message, Advice)];
        }
    }

    [GeneratedRegex(@"^Max open files\s+(?<soft>\d+|unlimited)\s+(?<hard>\d+|unlimited)", RegexOptions.Multiline)]
    private static partial Regex OpenFiles();
}
