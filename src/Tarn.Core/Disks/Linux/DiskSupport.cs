using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tarn.Core.Disks.Linux;

/// <summary>Whether this system has the calls that disks need; found out once per process.</summary>
internal static class DiskSupport
{
    private static readonly Lazy<string?> Missing = new(Probe);

    /// <summary>Why this system does not support disks, for an operator; null when it does.</summary>
    public static string? WhyUnsupported => Missing.Value;

    private static string? Probe()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture is not (Architecture.X64 or Architecture.Arm64))
        {
            return "Disks need Linux on x64 or arm64.";
        }

        if (LinuxFiles.OpenRoot("/", out SafeFileHandle? root) is not Errno.None and int error)
        {
            return $"Disks cannot open the root directory: {Marshal.GetPInvokeErrorMessage(error)}.";
        }

        using (root)
        {
            error = LinuxFiles.Locate(root!, "."u8, followLinks: false, out SafeFileHandle? found);
            found?.Dispose();
            return error == Errno.None
                ? null
                : $"Disks need the system call openat2, which Linux has since 5.6 and this system refuses: {Marshal.GetPInvokeErrorMessage(error)}.";
        }
    }
}
