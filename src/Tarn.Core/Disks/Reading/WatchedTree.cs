using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Trees;
using Tarn.Core.Disks.Mounts;

namespace Tarn.Core.Disks.Reading;

/// <summary>An open tree, known to be of the file systems that its disk was attached with.</summary>
internal sealed class WatchedTree(DiskTree tree, Disk disk, MountList list, IReadOnlyList<MountEntry> seen, MountSurvey survey) : IDisposable
{
    public DiskTree Tree => tree;

    /// <summary>Whether nothing was mounted or unmounted since, anywhere.</summary>
    public bool IsUntouched => ReferenceEquals(survey.Current(), list);

    /// <summary>Whether nothing of this tree was mounted or unmounted since.</summary>
    public bool IsSame => IsUntouched || MountSurvey.Seen(survey.Current(), disk.RootPath, disk.IsAttached, out _).SequenceEqual(seen);

    public void Dispose() => tree.Dispose();
}
