using System.Net;
using System.Net.NetworkInformation;
using Tarn.Backends.Files;
using Tarn.Server.Cli.Doctor.Checks;
using Tarn.Server.Configuration;

namespace Tarn.Server.Cli.Doctor.Accelerators;

/// <summary>What is examined: the settings with which an accelerator is started, and the machine.</summary>
internal sealed record ExaminedAccelerator
{
    /// <summary>The settings; null if they are wrong.</summary>
    public AcceleratorOptions? Options { get; init; }

    /// <summary>What is wrong with them.</summary>
    public string? SettingsProblem { get; init; }

    public ProcFiles Proc { get; init; } = new("/proc");

    /// <summary>Whether this user may write to what a path leads to.</summary>
    public Func<string, bool> MayWrite { get; init; } = FileFacts.MayWrite;

    /// <summary>Measures the file system of a path.</summary>
    public Func<string, FileSystemSpace> Space { get; init; } = FileSystemSpace.Of;

    /// <summary>Whether the kernel's clock is kept right; null where that is not told.</summary>
    public Func<bool?> IsClockSynchronized { get; init; } = FileFacts.IsClockSynchronized;

    /// <summary>The addresses that a name has.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>The addresses of this machine.</summary>
    public Func<IReadOnlyCollection<IPAddress>> Addresses { get; init; } = static () =>
        [.. NetworkInterface.GetAllNetworkInterfaces().SelectMany(static one => one.GetIPProperties().UnicastAddresses).Select(static one => one.Address)];

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Binds the settings as <c>accelerate</c> does.</summary>
    public static ExaminedAccelerator From(Func<Setting, string[]?> flags, IReadOnlyDictionary<string, string> variables)
    {
        try
        {
            return new ExaminedAccelerator { Options = AcceleratorOptionsBinder.Bind(SettingValues.Collect(flags, variables, AcceleratorSettings.All)) };
        }
        catch (StartupException e)
        {
            return new ExaminedAccelerator { SettingsProblem = e.Message };
        }
    }
}
