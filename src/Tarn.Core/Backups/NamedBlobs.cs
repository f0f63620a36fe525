using System.Runtime.InteropServices;
using Tarn.Core.Blobs;
using Tarn.Core.Consistency;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Backups;

/// <summary>A blob that rows name.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Size">Bytes of the whole blob as stored. If a build before layout 1 of blobs wrote it, which did not note it: the end of the last run in it that rows name, negated.</param>
internal readonly record struct NamedBlob(BlobId Id, long Size)
{
    /// <summary>Bytes of the whole blob as stored; 0 if that was not noted.</summary>
    public long Stored => Math.Max(Size, 0);

    /// <summary>Bytes that it has at least.</summary>
    public long Least => Math.Abs(Size);
}

/// <summary>All blobs that rows name, each once, in the order of their ids: 24 bytes of memory for each, and about 200 more where the length was not noted.</summary>
internal sealed class NamedBlobs
{
    private readonly NamedBlob[][] _directories;
    private readonly Dictionary<BlobId, Piece> _holders;

    private NamedBlobs(NamedBlob[][] directories, Dictionary<BlobId, Piece> holders, IReadOnlyList<string> unreadable)
    {
        _directories = directories;
        _holders = holders;
        Unreadable = unreadable;
        Count = directories.Sum(static directory => (long)directory.Length);
        Bytes = directories.Sum(static directory => directory.Sum(static blob => blob.Stored));
    }

    /// <summary>How many there are.</summary>
    public long Count { get; }

    /// <summary>Their size in bytes, as far as the rows say it.</summary>
    public long Bytes { get; }

    /// <summary>Rows that do not decode, so that the blobs they name are not known, and why.</summary>
    public IReadOnlyList<string> Unreadable { get; }

    /// <summary>Reads all rows that name blobs.</summary>
    /// <exception cref="IOException">Rows cannot be read.</exception>
    public static async ValueTask<NamedBlobs> ReadAsync(IKeyValueReader rows, CancellationToken cancellationToken)
    {
        List<NamedBlob>[] found = [.. Enumerable.Range(0, 256).Select(static _ => new List<NamedBlob>())];
        var holders = new Dictionary<BlobId, Piece>();
        var unreadable = new List<string>();
        await ExtentRows.ReadAsync(
            rows,
            (row, part, extent) =>
            {
                found[extent.Blob.Directory].Add(new NamedBlob(extent.Blob, extent.Stored > 0 ? extent.Stored : -extent.End));
                if (extent.Stored == 0)
                {
                    (CollectionsMarshal.GetValueRefOrAddDefault(holders, extent.Blob, out _) ??= new Piece()).Add(new Holder(row, extent.Reference, extent.Offset, extent.End, 0, part));
                }
            },
            (row, why) => unreadable.Add(why.Length > 0 ? why : Tables.Describe(row)),
            cancellationToken);
        var directories = new NamedBlob[found.Length][];
        for (int i = 0; i < found.Length; i++)
        {
            directories[i] = Distinct(found[i]);
            found[i] = [];
        }

        return new NamedBlobs(directories, holders, unreadable);
    }

    /// <summary>Those of one <see cref="BlobId.Directory"/>.</summary>
    public IReadOnlyList<NamedBlob> In(int directory) => _directories[directory];

    /// <summary>The rows that name a blob of a build before layout 1, which may have no checksums of its own; null for any other.</summary>
    public Piece? HoldersOf(BlobId id) => _holders.GetValueOrDefault(id);

    /// <summary>Whether rows name the blob.</summary>
    public bool Has(BlobId id) => Array.BinarySearch(_directories[id.Directory], new NamedBlob(id, 0), ById.Instance) >= 0;

    private static NamedBlob[] Distinct(List<NamedBlob> blobs)
    {
        blobs.Sort(ById.Instance);
        int count = 0;
        for (int i = 0; i < blobs.Count; i++)
        {
            if (count > 0 && blobs[count - 1].Id == blobs[i].Id)
            {
                // Of two that name it, one may not have noted how long it is.
                blobs[count - 1] = blobs[i] with { Size = Whole(blobs[count - 1].Size, blobs[i].Size) };
            }
            else
            {
                blobs[count++] = blobs[i];
            }
        }

        blobs.RemoveRange(count, blobs.Count - count);
        return [.. blobs];
    }

    private static long Whole(long one, long other) => one > 0 || other > 0 ? Math.Max(one, other) : Math.Min(one, other);

    private sealed class ById : IComparer<NamedBlob>
    {
        public static ById Instance { get; } = new();

        public int Compare(NamedBlob x, NamedBlob y)
        {
            int high = x.Id.Value.High.CompareTo(y.Id.Value.High);
            return high != 0 ? high : x.Id.Value.Low.CompareTo(y.Id.Value.Low);
        }
    }
}
