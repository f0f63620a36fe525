using System.Globalization;
using Tarn.Server.Configuration;
using Tarn.Server.Connections;

namespace Tarn.Server.Accelerator;

/// <summary>
/// Divides the file descriptors that an accelerator's process may open: the cache keeps a file open for each of its slabs, and a transfer has a connection to the client and one to the upstream.
/// </summary>
/// <param name="Limit">The limit of the process (RLIMIT_NOFILE).</param>
/// <param name="CacheFiles">The most files of the cache.</param>
/// <param name="Clients">Connections of clients, and as many to the upstream.</param>
/// <param name="Peers">Connections of other accelerators, and as many to them; 0 where nothing is shared.</param>
/// <param name="Metrics">Connections of the listener for metrics and health.</param>
internal sealed record AcceleratorDescriptors(int Limit, int CacheFiles, int Clients, int Peers, int Metrics)
{
    /// <summary>The fewest connections of a kind with which there is any use in starting.</summary>
    private const int Fewest = 16;

    /// <summary>The runtime and its assemblies, the log, locks and listeners; and short-lived ones, as for a server.</summary>
    private const int Others = DescriptorBudget.Runtime + DescriptorBudget.Passing;

    /// <summary>As the rest of a host knows it.</summary>
    public DescriptorBudget Budget => new(Limit, CacheFiles, Clients, Metrics);

    /// <summary>Divides the present limit of the process.</summary>
    /// <exception cref="StartupException">The limit is too low for the cache.</exception>
    public static AcceleratorDescriptors OfProcess(AcceleratorOptions options) => Of(DescriptorBudget.ReadLimit(), AcceleratorProcess.CacheOptionsOf(options).MaxOpenFiles, options.Peers is not null);

    /// <exception cref="StartupException">The limit is too low for the cache.</exception>
    public static AcceleratorDescriptors Of(long limit, int cacheFiles, bool shares)
    {
        long fewest = Others + (long)cacheFiles + (Fewest * (shares ? 5 : 3));
        if (limit < fewest)
        {
            throw new StartupException(string.Create(
                CultureInfo.InvariantCulture,
                $"the process may open {limit} files, which is too few: the cache alone needs {cacheFiles} for its size. Raise the limit (ulimit -n, LimitNOFILE) to {fewest} or, better, {fewest + 16384}, or name a smaller {AcceleratorSettings.CacheSize.Flag}"));
        }

        int total = (int)Math.Min(limit, 1 << 20);
        int left = total - Others - cacheFiles;
        int metrics = Math.Clamp(left / 16, Fewest, 256);
        int peers = shares ? Math.Clamp(left / 8, Fewest, 1024) : 0;
        return new AcceleratorDescriptors(total, cacheFiles, (left - metrics - (2 * peers)) / 2, peers, metrics);
    }
}
