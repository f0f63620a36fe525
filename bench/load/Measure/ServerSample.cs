using System.Globalization;

namespace Tarn.Load.Measure;

/// <summary>What the server's processes have used, read from /proc: the difference of two samples is what a run cost.</summary>
/// <param name="CpuSeconds">User plus system time of all threads, summed over the processes; the kernel counts it in ticks of 10 ms.</param>
/// <param name="ResidentBytes">VmRSS, summed.</param>
/// <param name="PeakBytes">VmHWM, summed: the peak since <see cref="ResetPeak"/>, where that was allowed, else since the start.</param>
internal readonly record struct ServerSample(double CpuSeconds, long ResidentBytes, long PeakBytes)
{
    private const double TicksPerSecond = 100;

    /// <exception cref="IOException">A process has ended.</exception>
    public static ServerSample Take(IReadOnlyList<int> pids)
    {
        double cpu = 0;
        long resident = 0;
        long peak = 0;
        foreach (int pid in pids)
        {
            cpu += CpuTicks(File.ReadAllText($"/proc/{pid}/stat")) / TicksPerSecond;
            string status = File.ReadAllText($"/proc/{pid}/status");
            resident += Kibibytes(status, "VmRSS:") * 1024;
            peak += Kibibytes(status, "VmHWM:") * 1024;
        }

        return new ServerSample(cpu, resident, peak);
    }

    /// <summary>Resets VmHWM to VmRSS; false if the kernel does not allow it (another user's process).</summary>
    public static bool ResetPeak(IReadOnlyList<int> pids)
    {
        try
        {
            foreach (int pid in pids)
            {
                File.WriteAllText($"/proc/{pid}/clear_refs", "5");
            }

            return true;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return false;
        }
    }

    /// <summary>utime + stime of a /proc/PID/stat line: fields 14 and 15, counted after the ')' because the name may hold spaces.</summary>
    internal static long CpuTicks(string stat)
    {
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
    }

    private static long Kibibytes(string status, string name)
    {
        int at = status.IndexOf(name, StringComparison.Ordinal);
        if (at < 0)
        {
            return 0;
        }

        ReadOnlySpan<char> rest = status.AsSpan(at + name.Length).TrimStart();
        return long.Parse(rest[..rest.IndexOf(' ')], CultureInfo.InvariantCulture);
    }
}
