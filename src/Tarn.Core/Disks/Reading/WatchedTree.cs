using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Trees;
using Tarn.Core.Disks.Mounts;

namespace Tarn.Core.Disks.Reading;

/// <summary>An open tree that was checked to have the expected file systems.</summary>
internal sealed class WatchedTree(DiskTree tree, Disk disk, MountList list, IReadOnlyList<MountEntry> seen, MountSurvey survey) : IDisposable
{
    public DiskTree Tree => tree;

    /// <summary>Whether nothing was mounted or unmounted anywhere since.</summary>
    public bool IsUntouched => ReferenceEquals(survey.Current(), list);

    /// <summary>Whether nothing was mounted or unmounted in this tree since.</summary>
    public bool IsSame => IsUntouched || MountSurvey.Seen(survey.Current(), disk.RootPath, disk.IsAttached, out _).SequenceEqual(seen);

    public void Dispose() => tree.Dispose();
}
