using System.Globalization;
using System.Runtime.InteropServices;
using Tarn.Server.Configuration;

namespace Tarn.Server.Connections;

/// <summary>
/// How the file descriptors that the process may have are shared out. Whoever is refused one can be told to come back; the runtime, which
/// opens an assembly when its code is first needed, and RocksDB, which opens a log when one is full, cannot.
/// </summary>
/// <param name="Limit">The limit of the process (RLIMIT_NOFILE).</param>
/// <param name="MetadataFiles">Files that the metadata store may keep open.</param>
/// <param name="S3Connections">Connections of the S3 listener; each is counted twice, since a transfer opens a file.</param>
/// <param name="ControlConnections">Connections of the control listener, which are nobody else's.</param>
internal sealed partial record DescriptorBudget(int Limit, int MetadataFiles, int S3Connections, int ControlConnections)
{
    /// <summary>The runtime and its assemblies (190 right after the start), the log, locks and listeners.</summary>
    private const int Runtime = 256;

    /// <summary>What is open for a moment: directories of listings, temporary files, files that maintenance reads.</summary>
    private const int Passing = 64;

    private const int FewestConnections = 16;

    /// <summary>What is lower is worth a warning: the default of many shells and of containers of old.</summary>
    private const int LowLimit = 4096;

    private const int OpenFiles = 7; // RLIMIT_NOFILE

    /// <summary>A limit that may fall short of what a busy server needs.</summary>
    public bool IsLow => Limit < LowLimit;

    /// <summary>A new descriptor of this number or more says that few are left: the system gives out the lowest free number.</summary>
    public int HighMark => Limit - Math.Max(32, Limit / 32);

    /// <summary>Shares out what the process may have now. The runtime has raised the soft limit to the hard one when it started.</summary>
    /// <exception cref="StartupException">It is too little.</exception>
    public static DescriptorBudget OfProcess() => Of(ReadLimit());

    /// <exception cref="StartupException">It is too little.</exception>
    public static DescriptorBudget Of(long limit)
    {
        int total = (int)Math.Min(limit, 1 << 20);
        int metadata = Math.Clamp(total / 8, 48, 512);
        int left = total - Runtime - Passing - metadata;
        int control = Math.Clamp(left / 8, FewestConnections, 256);
        int s3 = (left - (2 * control)) / 2;
        if (s3 < FewestConnections)
        {
            throw new StartupException(string.Create(
                CultureInfo.InvariantCulture, $"the process may open {limit} files, which is too few: raise the limit (ulimit -n, LimitNOFILE) to 512 or, better, 65536"));
        }

        return new DescriptorBudget(total, metadata, s3, control);
    }

    private static long ReadLimit()
    {
        if (GetLimit(OpenFiles, out ResourceLimit limit) != 0)
        {
            throw new StartupException($"the limit of open files cannot be read: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        if (limit.Soft < limit.Hard)
        {
            // A runtime that leaves it to the program: what is allowed is used.
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
