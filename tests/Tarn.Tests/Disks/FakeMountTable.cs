using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Mounts;

namespace Tarn.Tests.Disks;

/// <summary>A mount table that a test writes; each change gives all mounts new ids, as a restart does.</summary>
internal sealed class FakeMountTable : IMountTable
{
    private readonly Dictionary<string, FileSystemId> _ids = [];
    private MountList _list = new([]);
    private int _nextId = 100;

    /// <summary>Mounts, each on the one before it in the list that holds its point.</summary>
    public void Set(params ReadOnlySpan<(string Point, string Type, string Source, string Root)> mounts)
    {
        var entries = new List<MountEntry>();
        foreach ((string point, string type, string source, string root) in mounts)
        {
            MountEntry? on = entries.Where(entry => entry.Point == "/" || point == entry.Point || point.StartsWith(entry.Point + "/", StringComparison.Ordinal)).MaxBy(entry => (entry.Point.Length, entry.Id));
            entries.Add(new MountEntry(_nextId++, on?.Id ?? 1, root, point, type, source));
        }

        _list = new MountList(entries);
    }

    /// <summary>What the file system of a source reports about itself.</summary>
    public void Name(string source, string? uuid, ulong number = 0) => _ids[source] = new FileSystemId(uuid, number);

    public MountList Current() => _list;

    public FileSystemId Identify(MountEntry mount, SafeFileHandle? directory) => _ids.GetValueOrDefault(mount.Source);
}
