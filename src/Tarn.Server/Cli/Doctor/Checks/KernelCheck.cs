using System.Globalization;
using System.Text.RegularExpressions;

namespace Tarn.Server.Cli.Doctor.Checks;

/// <summary>The kernel's version and the settings of it that matter to a server.</summary>
internal sealed partial class KernelCheck : SimpleCheck
{
    /// <summary>As many connections as Kestrel lets wait.</summary>
    private const long Backlog = 512;

    private const long NeverOvercommit = 2;

    /// <summary>The first version with openat2(2), without which disks do not work.</summary>
    private static readonly Version WithDisks = new(5, 6);

    public override string Name => "kernel";

    protected override IEnumerable<Finding> Look(Examined examined)
    {
        if (examined.Proc.Read("sys/kernel/osrelease") is not { } text || Release().Match(text) is not { Success: true } match)
        {
            return [Finding.Skipped("the kernel's version is not told")];
        }

        Finding[] wrong = [.. Unsuitable(examined.Proc, text.Trim(), Version.Parse(match.Value))];
        return wrong.Length > 0 ? wrong : [Finding.Ok($"Linux {text.Trim()}")];
    }

    private static IEnumerable<Finding> Unsuitable(ProcFiles proc, string release, Version version)
    {
        if (version < WithDisks)
        {
            yield return Finding.Warning($"Linux {release} has no openat2: disks do not work, object buckets do", "use Linux 5.6 or later for disks");
        }

        if (proc.Number("sys/net/core/somaxconn") is { } backlog and < Backlog)
        {
            yield return Finding.Warning(
                string.Create(CultureInfo.InvariantCulture, $"only {backlog} connections may wait to be accepted (net.core.somaxconn): under a burst of clients some have to try again"), $"sysctl net.core.somaxconn={Backlog} or more");
        }

        if (proc.Number("sys/vm/overcommit_memory") == NeverOvercommit)
        {
            yield return Finding.Warning("memory that is reserved counts as used (vm.overcommit_memory=2): .NET reserves much more than it uses, and may not start", "sysctl vm.overcommit_memory=0, or set DOTNET_GCHeapHardLimit");
        }
    }

    [GeneratedRegex(@"^\d+\.\d+")]
    private static partial Regex Release();
}
