using Tarn.Core.Files;
using Tarn.Core.Mirroring;

namespace Tarn.Server.Storage;

/// <summary>The file <c>mirror</c> of a data directory: what the directory knows of its part in a mirror. It is not there without one.</summary>
internal static class MirrorMarkFile
{
    public const string Name = "mirror";

    /// <summary>Reads the mark; null when there is none.</summary>
    /// <exception cref="IOException">It cannot be read, or is damaged.</exception>
    public static MirrorMark? Find(string root)
    {
        string path = Path.Combine(root, Name);
        return File.Exists(path)
            ? MirrorMark.Decode(File.ReadAllBytes(path)) ?? throw new IOException($"{path}: damaged")
            : null;
    }

    /// <summary>Writes the mark durably. One that exists is overwritten in place, which works on a full disk too.</summary>
    /// <exception cref="IOException">It is not known to be on the device.</exception>
    public static void Write(string root, MirrorMark mark)
    {
        string path = Path.Combine(root, Name);
        if (!File.Exists(path))
        {
            AtomicFile.Write(path, mark.Encode());
            return;
        }

        using Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.Write(file, mark.Encode(), 0);
        FileSync.File(file, path);
    }
}
