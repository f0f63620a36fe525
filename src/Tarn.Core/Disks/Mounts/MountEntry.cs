namespace Tarn.Core.Disks.Mounts;

/// <summary>One line of the mount table. Source: proc_pid_mountinfo(5).</summary>
/// <param name="Id">Of the mount; used again once it is gone, and another one after each restart.</param>
/// <param name="Parent">The id of the mount that it is on.</param>
/// <param name="Root">The directory of the file system that is shown: not <c>/</c> for bind mounts and subvolumes.</param>
/// <param name="Point">Where it is mounted, absolute.</param>
/// <param name="Type">Of the file system, as <c>ext4</c> or <c>fuse.sshfs</c>.</param>
/// <param name="Source">What is mounted: a device, <c>server:/export</c>, or anything that who mounted it wrote.</param>
internal sealed record MountEntry(int Id, int Parent, string Root, string Point, string Type, string Source);
