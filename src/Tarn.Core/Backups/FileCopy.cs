using System.Security.Cryptography;
using Tarn.Core.Files;

namespace Tarn.Core.Backups;

/// <summary>Copies a file out of a place of backups, durably, and verifies it on the way.</summary>
internal static class FileCopy
{
    /// <exception cref="BackupDamagedException">It is missing, or does not match its checksum; nothing is left of the copy.</exception>
    public static async ValueTask RunAsync(IBackupTarget target, BackupFile file, string path, CancellationToken cancellationToken)
    {
        await using Stream content = await target.OpenAsync(file.Sha256, cancellationToken) ?? throw new BackupDamagedException($"the file {file.Name} of the backup is missing");
        await using var copy = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        bool isWhole = false;
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            byte[] buffer = new byte[1 << 20];
            while (await content.ReadAsync(buffer, cancellationToken) is > 0 and int count)
            {
                hash.AppendData(buffer, 0, count);
                await copy.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            }

            if (copy.Length != file.Length || Convert.ToHexStringLower(hash.GetHashAndReset()) != file.Sha256)
            {
                throw new BackupDamagedException($"the file {file.Name} of the backup does not match its checksum");
            }

            FileSync.File(copy.SafeFileHandle, path);
            isWhole = true;
        }
        finally
        {
            if (!isWhole)
            {
                System.IO.File.Delete(path);
            }
        }
    }
}
