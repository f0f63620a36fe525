using Tarn.Backends.Files;

namespace Tarn.Server.Cli.Doctor.Checks;

/// <summary>Every check, in the order in which a reader wants to know: first what keeps a server from starting.</summary>
internal static class AllChecks
{
    public static IReadOnlyList<ICheck> Create() =>
    [
        new SettingsCheck(),
        new DataDirectoryCheck(),
        new FormatCheck(),
        new MasterKeyCheck(),
        new FileSystemCheck(),
        new SpaceCheck(FileSystemSpace.Of),
        new MirrorCheck(FileSystemSpace.Of),
        new MetadataCheck(),
        new ServerCheck(),
        new PortsCheck(),
        new ClockCheck(FileFacts.IsClockSynchronized),
        new DescriptorsCheck(),
        new MemoryCheck(static () => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes),
        new KernelCheck(),
        new CertificateCheck(),
        new BackupRootsCheck(FileSystemSpace.Of),
        new DiskRootsCheck(),
        new ProxyCheck(),
    ];
}
