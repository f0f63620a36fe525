using System.Globalization;
using System.Runtime.InteropServices;
using Tarn.Server.Configuration;

namespace Tarn.Server.Connections;

/// <summary>
/// Divides the file descriptors that the process may open. A client that gets none can be told to retry; the runtime, which opens an
/// assembly when its code is first needed, and RocksDB, which opens a new log when the current one is full, cannot.
/// </summary>
/// <param name="Limit">The limit of the process (RLIMIT_NOFILE).</param>
/// <param name="MetadataFiles">Files that a metadata store may keep open; a mirror has two.</param>
/// <param name="S3Connections">Connections of the S3 listener; each is counted twice, since a transfer opens a file, or three times with a mirror, where it opens two.</param>
/// <param name="ControlConnections">Connections of the control listener, reserved for it.</param>
internal sealed partial record DescriptorBudget(int Limit, int MetadataFiles, int S3Connections, int ControlConnections)
{
    /// <summary>The runtime and its assemblies (190 right after the start), the log, locks and listeners.</summary>
    internal const int Runtime = 256;

    /// <summary>Short-lived descriptors: directories being listed, temporary files, files that maintenance reads.</summary>
    internal const int Passing = 64;

    private const int FewestConnections = 16;

    /// <summary>Limits below this are worth a warning: 1024 is the default of many shells and of older containers.</summary>
    private const int LowLimit = 4096;

    private const int OpenFiles = 7; // RLIMIT_NOFILE

    /// <summary>Whether the limit may be too low for a busy server.</summary>
    public bool IsLow => Limit < LowLimit;

    /// <summary>A new descriptor of this number or above shows that few are left, since the system assigns the lowest free number.</summary>
    public int HighMark => Limit - Math.Max(32, Limit / 32);

    /// <summary>Divides the present limit of the process. The runtime raises the soft limit to the hard one at startup.</summary>
    /// <exception cref="StartupException">The limit is too low.</exception>
    public static DescriptorBudget OfProcess(bool mirrored = false) => Of(ReadLimit(), mirrored);

    /// <exception cref="StartupException">The limit is too low.</exception>
    public static DescriptorBudget Of(long limit, bool mirrored = false)
    {
        int copies = mirrored ? 2 : 1;
        int total = (int)Math.Min(limit, 1 << 20);
        int metadata = Math.Clamp(total / 8 / copies, 48, 512);
        int left = total - Runtime - Passing - (copies * metadata);
        int control = Math.Clamp(left / 8, FewestConnections, 256);
        int s3 = (left - (2 * control)) / (1 + copies);
        if (s3 < FewestConnections)
        {
            throw new StartupException(string.Create(
                CultureInfo.InvariantCulture, $"the process may open {limit} files, which is too few: raise the limit (ulimit -n, LimitNOFILE) to 512 or, better, 65536"));
        }

        return new DescriptorBudget(total, metadata, s3, control);
    }

    /// <summary>The limit of the process, raised as far as it may be.</summary>
    /// <exception cref="StartupException">It cannot be read.</exception>
    internal static long ReadLimit()
    {
        if (GetLimit(OpenFiles, out ResourceLimit limit) != 0)
        {
            throw new StartupException($"the limit of open files cannot be read: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        if (limit.Soft < limit.Hard)
        {
            // The runtime did not raise it: use what is allowed.
            ResourceLimit raised = limit with { Soft = limit.Hard };
            if (SetLimit(OpenFiles, in raised) == 0)
            {
                limit = raised;
            }
        }

        return (long)Math.Min(limit.Soft, long.MaxValue);
    }

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetLimit(int resource, out ResourceLimit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimit(int resource, in ResourceLimit limit);

    private record struct ResourceLimit(ulong Soft, ulong Hard);
}
