using Microsoft.Win32.SafeHandles;
using Tarn.Core.Files;

namespace Tarn.Backends.Files;

/// <summary>The tail of a blob that an older build wrote: a file of its own beside it, since the old file is never written again.</summary>
internal static class BlobTail
{
    /// <summary>
    /// Makes a tail durable, whatever the store's durability: it is written once, in the background, and a truncated one would make
    /// intact data look damaged.
    /// </summary>
    /// <param name="temporary">Where it is written first; on the same file system.</param>
    /// <param name="blob">The file of the blob.</param>
    /// <param name="bytes">The tail.</param>
    /// <returns>False when the blob was deleted or got a tail meanwhile; nothing is left then.</returns>
    public static bool Write(string temporary, string blob, ReadOnlySpan<byte> bytes)
    {
        string path = blob + BlobPlaces.TailSuffix;
        SafeFileHandle file = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write);
        bool isNamed;
        try
        {
            using (file)
            {
                RandomAccess.Write(file, bytes, 0);
                FileSync.File(file, temporary);
                FileSync.Close(file, temporary);
            }

            isNamed = BlobCalls.TryRename(temporary, path);
        }
        catch (Exception failure)
        {
            BlobCalls.UnlinkAfter(failure, temporary);
            throw;
        }

        if (!isNamed)
        {
            BlobCalls.TryUnlink(temporary);
            return false;
        }

        try
        {
            FileSync.Directory(Path.GetDirectoryName(path)!);
        }
        catch (IOException failure)
        {
            BlobCalls.UnlinkAfter(failure, path);
            throw;
        }

        if (BlobCalls.TryStat(blob) is not null)
        {
            return true;
        }

        BlobCalls.TryUnlink(path);
        return false;
    }
}
