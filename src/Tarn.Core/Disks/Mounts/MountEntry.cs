namespace Tarn.Core.Disks.Mounts;

/// <summary>One line of the mount table. Source: proc_pid_mountinfo(5).</summary>
/// <param name="Id">The mount's id; reused once the mount is gone, and different after each restart.</param>
/// <param name="Parent">The id of the mount that it is on.</param>
/// <param name="Root">The directory of the file system that is mounted: not <c>/</c> for bind mounts and subvolumes.</param>
/// <param name="Point">Where it is mounted, absolute.</param>
/// <param name="Type">The file system's type, such as <c>ext4</c> or <c>fuse.sshfs</c>.</param>
/// <param name="Source">What is mounted: a device, <c>server:/export</c>, or any text that was given to mount(8).</param>
internal sealed record MountEntry(int Id, int Parent, string Root, string Point, string Type, string Source);
