using Tarn.Server.Cli.Doctor.Checks;

namespace Tarn.Server.Cli.Doctor.Accelerators;

/// <summary>Every check of an accelerator, in the order in which a reader wants to know: first what keeps it from starting.</summary>
internal static class AcceleratorChecks
{
    public static IReadOnlyList<ICheck<ExaminedAccelerator>> Create() =>
    [
        new AcceleratorSettingsCheck(),
        new CacheCheck(),
        new CacheSpaceCheck(),
        new AcceleratorDescriptorsCheck(),
        new UpstreamCheck(),
        new AcceleratorClockCheck(),
        new PeersCheck(),
    ];
}
