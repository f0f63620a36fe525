using System.Globalization;
using System.Text;
using Tarn.Backends.Files;
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
    /// <param name="sides">The data directory; with a mirror, each side that is in use.</param>
    /// <param name="metadata">The metadata.</param>
    /// <param name="isNew">Whether the metadata was created by this start.</param>
    /// <param name="lose">Gives up a side of a mirror whose files fail; false if it is the only one. Null without a mirror.</param>
    /// <exception cref="IOException">The metadata store failed, or a file of the only side cannot be read, or not be written for another reason than lack of room.</exception>
    public static async Task CheckAsync(IReadOnlyList<StoreDevices> sides, IKeyValueStore metadata, bool isNew, Func<StoreDevices, Exception, Task<bool>>? lose = null)
    {
        long row = await MetadataEpoch.ReadAsync(metadata, CancellationToken.None);
        var found = new List<string?>();
        sides = await OnEachAsync(sides, side => found.Add(Read(side.BlobsPath)), lose);
        string?[] files = [.. found];
        string? reason =
            Array.TrueForAll(files, static file => file is null) && row == 0 && !isNew
                ? "It is not known whether an earlier build was started by force, restored or rebuilt: rows of objects may be lost."
            : Array.Exists(files, file => file is not null && (!TryParse(file, out long number) || row < number))
                ? "The metadata is older than the blobs: rows of objects may be missing."
            : null;
        if (reason is not null)
        {
            sides = await OnEachAsync(sides, side => KeptOrphans.Keep(side.Root, reason), lose);
        }

        await RaiseAsync(sides, metadata, row, files, lose);
    }

    /// <summary>Raises the number. Where there is no room for it, a restore is noticed only if it goes further back.</summary>
    /// <exception cref="IOException">The metadata store failed.</exception>
    public static async Task RaiseAsync(IReadOnlyList<StoreDevices> sides, IKeyValueStore metadata)
    {
        long row = await MetadataEpoch.ReadAsync(metadata, CancellationToken.None);
        await RaiseAsync(sides, metadata, row, [.. sides.Select(static side => Read(side.BlobsPath))], lose: null);
    }

    private static async Task RaiseAsync(
        IReadOnlyList<StoreDevices> sides, IKeyValueStore metadata, long row, string?[] files, Func<StoreDevices, Exception, Task<bool>>? lose)
    {
        long next = files.Select(static file => TryParse(file, out long number) ? number : 0).Append(row).Max() + 1;
        try
        {
            await MetadataEpoch.WriteAsync(metadata, next, CancellationToken.None);
        }
        catch (StorageFullException)
        {
            // As above: a server also starts and stops while its disk is full.
            return;
        }

        byte[] text = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{next}\n"));
        await OnEachAsync(sides, side => Write(Path.Combine(side.BlobsPath, Name), text), lose);
    }

    private static void Write(string path, byte[] text)
    {
        try
        {
            AtomicFile.Write(path, text);
        }
        catch (IOException e) when (DiskFull.IsCause(e))
        {
            // The number stays, as where there is no room for the row.
        }
    }

    /// <summary>Does the same in each side, and returns those where it succeeded.</summary>
    private static async Task<IReadOnlyList<StoreDevices>> OnEachAsync(IReadOnlyList<StoreDevices> sides, Action<StoreDevices> act, Func<StoreDevices, Exception, Task<bool>>? lose)
    {
        var good = new List<StoreDevices>();
        foreach (StoreDevices side in sides)
        {
            try
            {
                act(side);
                good.Add(side);
            }
            catch (Exception e) when (lose is not null && (e is IOException or UnauthorizedAccessException))
            {
                if (!await lose(side, e))
                {
                    throw;
                }
            }
        }

        return good;
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
