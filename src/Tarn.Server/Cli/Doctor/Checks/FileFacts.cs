using System.Runtime.InteropServices;

namespace Tarn.Server.Cli.Doctor.Checks;

/// <summary>What .NET does not tell about files and this process.</summary>
/// <param name="Owner">The user id of the owner.</param>
/// <param name="Inode">The number of the file in its file system.</param>
/// <param name="Major">The device's driver; 0 of file systems that have no device, or several.</param>
/// <param name="Minor">The number of the device.</param>
internal readonly partial record struct FileFacts(uint Owner, ulong Inode, uint Major, uint Minor)
{
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const uint BasicFacts = 0x7ff; // STATX_BASIC_STATS
    private const int Readable = 4;
    private const int Writable = 2;
    private const int Enterable = 1;
    private const int Unsynchronized = 0x40; // STA_UNSYNC
    private const int ClockIsUnsynchronized = 5; // TIME_ERROR

    /// <summary>The user id of this process.</summary>
    public static uint User => EffectiveUser();

    /// <summary>The facts of what a path leads to; null if there is nothing.</summary>
    public static unsafe FileFacts? Find(string path)
    {
        // struct statx, of 256 bytes: the owner is at 20, the inode at 32, the device at 136. Source: statx(2).
        byte* facts = stackalloc byte[256];
        return Status(CurrentDirectory, path, 0, BasicFacts, facts) == 0 ? new FileFacts(*(uint*)(facts + 20), *(ulong*)(facts + 32), *(uint*)(facts + 136), *(uint*)(facts + 140)) : null;
    }

    /// <summary>Whether this user may read what a path leads to; of a directory, also what is in it.</summary>
    public static bool MayRead(string path) => Access(path, Directory.Exists(path) ? Readable | Enterable : Readable) == 0;

    /// <summary>Whether this user may write to what a path leads to; of a directory, also what is in it.</summary>
    public static bool MayWrite(string path) => Access(path, Directory.Exists(path) ? Writable | Enterable : Writable) == 0;

    /// <summary>The path itself, or else what is nearest above it and exists.</summary>
    public static string Nearest(string path)
    {
        while (!Path.Exists(path))
        {
            path = Path.GetDirectoryName(path) ?? "/";
        }

        return path;
    }

    /// <summary>Whether the kernel's clock is kept right by a daemon for NTP, PTP or a hypervisor's clock; null where that is not told. Source: adjtimex(2).</summary>
    public static unsafe bool? IsClockSynchronized()
    {
        // struct timex begins with the modes, of which none asks for a change; the status is at 40.
        byte* clock = stackalloc byte[512];
        new Span<byte>(clock, 512).Clear();
        int state = AdjustTime(clock);
        return state < 0 ? null : state != ClockIsUnsynchronized && (*(int*)(clock + 40) & Unsynchronized) == 0;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int Status(int directory, string path, int flags, uint wanted, byte* facts);

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string path, int mode);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "adjtimex")]
    private static unsafe partial int AdjustTime(byte* clock);
}
