using System.Diagnostics;
using System.Globalization;
using System.Text;
using Tarn.Core;
using Tarn.Core.Disks;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Listing;
using Tarn.Core.KeyValue;

namespace Tarn.Benchmarks;

/// <summary>Listings of large trees against <c>find -printf</c>, without a network: one directory of many files, and many directories of a few.</summary>
internal static class DiskBenchmarks
{
    private const int FilesPerDirectory = 100;
    private static readonly UTF8Encoding Utf8 = new(false);

    /// <param name="work">Where the trees are created; those of an earlier run are reused.</param>
    /// <param name="files">Files of each tree.</param>
    public static async Task RunAsync(string work, int files)
    {
        string flat = Path.Combine(work, $"tarn-flat-{files}");
        string tree = Path.Combine(work, $"tarn-tree-{files}");
        Make(flat, files, i => $"file-{i:d8}.dat");
        Make(tree, files, i => $"d{i / FilesPerDirectory:d5}/file-{i % FilesPerDirectory:d3}.dat");

        // Names are cached only for a directory that has not changed for three seconds.
        await Task.Delay(TimeSpan.FromSeconds(4), TimeProvider.System);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"find -printf, {files} files in one directory: {Find(flat)}; in {files / FilesPerDirectory} directories: {Find(tree)}"));

        await using var store = new MemoryKeyValueStore();
        var catalog = new DiskCatalog(store, new DiskPlaces(Path.Combine(work, "made"), null), TimeProvider.System, SystemRandomSource.Instance);
        await MeasureAsync(catalog, "one directory", flat, files, byDirectory: false);
        await MeasureAsync(catalog, "many directories", tree, files, byDirectory: true);
        using Process self = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"peak memory of this process: {self.PeakWorkingSet64 >> 20} MiB"));
    }

    private static async Task MeasureAsync(DiskCatalog catalog, string name, string path, int files, bool byDirectory)
    {
        using var disks = new DiskStore(catalog, new DiskOptions(), TimeProvider.System);
        Disk disk = (await catalog.AttachAsync("bench", name, path, default))!;
        Report($"{name}: first page, names not kept", await PageAsync(disks, disk, new DiskQuery()));
        Report($"{name}: first page, names kept", await PageAsync(disks, disk, new DiskQuery()));
        Report($"{name}: a page in the middle", await PageAsync(disks, disk, new DiskQuery { After = Utf8.GetBytes(byDirectory ? $"d{files / FilesPerDirectory / 2:d5}/file-050.dat" : $"file-{files / 2:d8}.dat") }));
        if (byDirectory)
        {
            Report($"{name}: first page with a delimiter", await PageAsync(disks, disk, new DiskQuery { ByDirectory = true }));
        }

        var clock = new Meter();
        int found = 0;
        var query = new DiskQuery();
        DiskPage page;
        do
        {
            page = await disks.Lister.ListAsync(disk, "", query, default);
            found += page.Objects.Count;
            query = query with { After = page.Last };
        }
        while (page.IsTruncated);
        Report($"{name}: all {found} of {files} keys, 1,000 to a page", clock);
    }

    private static async Task<Meter> PageAsync(DiskStore disks, Disk disk, DiskQuery query)
    {
        var clock = new Meter();
        await disks.Lister.ListAsync(disk, "", query, default);
        return clock;
    }

    private static void Report(string what, Meter meter) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {meter.Elapsed:n1} ms, {meter.Processor:n1} ms of processor"));

    private static string Find(string path)
    {
        const string Script = "TIMEFORMAT='%U s user, %S s system'; time find \"$1\" -type f -printf '%P %s %T@\\n' > /dev/null";
        var clock = Stopwatch.StartNew();
        using Process find = Process.Start(new ProcessStartInfo("bash", ["-c", Script, "find", path]) { RedirectStandardError = true })!;
        string processor = find.StandardError.ReadToEnd().Trim();
        find.WaitForExit();
        return string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalMilliseconds:n0} ms ({processor})");
    }

    private static void Make(string root, int files, Func<int, string> name)
    {
        string done = root + ".done";
        if (File.Exists(done))
        {
            return;
        }

        string? directory = null;
        for (int i = 0; i < files; i++)
        {
            string path = Path.Combine(root, name(i));
            if (Path.GetDirectoryName(path) is { } above && above != directory)
            {
                Directory.CreateDirectory(above);
                directory = above;
            }

            File.OpenHandle(path, FileMode.Create, FileAccess.Write).Dispose();
        }

        File.WriteAllText(done, "");
    }

    /// <summary>Time since its creation: wall-clock time, and CPU time of this process, which is meaningful on a busy machine too.</summary>
    private sealed class Meter
    {
        private readonly Stopwatch _clock = Stopwatch.StartNew();
        private readonly TimeSpan _used = Environment.CpuUsage.TotalTime;

        public double Elapsed => _clock.Elapsed.TotalMilliseconds;

        public double Processor => (Environment.CpuUsage.TotalTime - _used).TotalMilliseconds;
    }
}
