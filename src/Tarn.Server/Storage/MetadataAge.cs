using System.Globalization;
using System.Text;
using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Scrubbing;

namespace Tarn.Server.Storage;

/// <summary>
/// Notices that the metadata is older than the blobs beside it, as after a restore of <c>meta/</c> alone: a number is raised at each start and stop, first in a row and then in the file
/// <c>metadata-epoch</c> in <c>blobs/</c>. A crash in between leaves the row ahead, which says nothing.
/// </summary>
internal static class MetadataAge
{
    private const string Name = "metadata-epoch";

    /// <summary>Keeps orphans if rows may be missing, and raises the number.</summary>
    /// <param name="root">The data directory.</param>
    /// <param name="blobs">The directory of the blobs.</param>
    /// <param name="metadata">The metadata.</param>
    /// <param name="isNew">Whether the metadata was created by this start.</param>
    /// <exception cref="IOException">The metadata store failed, or the file that keeps orphans cannot be written.</exception>
    public static async Task CheckAsync(string root, string blobs, IKeyValueStore metadata, bool isNew)
    {
        long row = await MetadataEpoch.ReadAsync(metadata, CancellationToken.None);
        string? file = Read(blobs);
        if (file is null && row == 0 && !isNew)
        {
            KeptOrphans.Keep(root, "It is not known whether an earlier build was started by force, restored or rebuilt: rows of objects may be lost.");
        }
        else if (file is not null && (!TryParse(file, out long number) || row < number))
        {
            KeptOrphans.Keep(root, "The metadata is older than the blobs: rows of objects may be missing.");
        }

        await RaiseAsync(blobs, metadata, row, file);
    }

    /// <summary>Raises the number. Where there is no room for it, a restore is noticed only if it goes further back.</summary>
    /// <exception cref="IOException">The metadata store failed.</exception>
    public static async Task RaiseAsync(string blobs, IKeyValueStore metadata)
    {
        long row = await MetadataEpoch.ReadAsync(metadata, CancellationToken.None);
        await RaiseAsync(blobs, metadata, row, Read(blobs));
    }

    private static async Task RaiseAsync(string blobs, IKeyValueStore metadata, long row, string? file)
    {
        long next = Math.Max(row, TryParse(file, out long number) ? number : 0) + 1;
        try
        {
            await MetadataEpoch.WriteAsync(metadata, next, CancellationToken.None);
            AtomicFile.Write(Path.Combine(blobs, Name), Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{next}\n")));
        }
        catch (StorageFullException)
        {
            // As above: a server also starts and stops while its disk is full.
        }
    }

    private static bool TryParse(string? text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < long.MaxValue;

    private static string? Read(string blobs)
    {
        try
        {
            return File.ReadAllText(Path.Combine(blobs, Name)).TrimEnd();
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
