using System.Runtime.CompilerServices;
using Tarn.Core.Blobs;
using Tarn.Core.Files;

namespace Tarn.Backends.Files;

/// <summary>
/// The files of blobs that were set aside, in <c>orphans/</c>: <c>abcd…</c>, or <c>abcd….bare</c> with perhaps <c>abcd….bare.sums</c> of one that a build before
/// layout 1 wrote, which must go back to its old place. The file with the bytes is moved first when a blob leaves its place and last when it comes back: so it is never taken for a blob without a tail.
/// </summary>
internal sealed class AsideBlobs(string root, BlobPlaces places)
{
    private const string BareSuffix = ".bare";

    // A blob in two files is between its places for a moment: another move of it must not begin there.
    private readonly Lock _moving = new();

    private string Folder { get; } = Path.Combine(root, "orphans");

    /// <summary>
    /// Finishes the moves of blobs in two files that the end of the process or machine cut off: then the file with the bytes is here and its tail is not. What is left of a removal goes.
    /// </summary>
    public void Converge()
    {
        if (BlobCalls.TryStat(Folder) is null)
        {
            return;
        }

        foreach (string path in Directory.EnumerateFiles(Folder, "*" + BareSuffix + "*"))
        {
            ReadOnlySpan<char> name = Path.GetFileName(path.AsSpan());
            int suffix = name.IndexOf(BareSuffix, StringComparison.Ordinal);
            if (!BlobPlaces.IsBlob(name[..suffix], out BlobId id))
            {
                continue;
            }

            string bare = PathOf(id) + BareSuffix, tail = places.BarePathOf(id) + BlobPlaces.TailSuffix;
            if (BlobCalls.TryStat(bare) is null)
            {
                if (BlobCalls.TryStat(places.BarePathOf(id)) is not null && BlobCalls.TryStat(tail) is null)
                {
                    MoveIfThere(bare + BlobPlaces.TailSuffix, tail);
                }
                else
                {
                    BlobCalls.TryUnlink(bare + BlobPlaces.TailSuffix);
                }
            }
            else if (BlobCalls.TryStat(bare + BlobPlaces.TailSuffix) is null && BlobCalls.TryStat(places.BarePathOf(id)) is null)
            {
                MoveIfThere(tail, bare + BlobPlaces.TailSuffix);
            }
        }
    }

    public bool SetAside(BlobId id)
    {
        using Lock.Scope _ = _moving.EnterScope();
        string path = places.PathOf(id), bare = places.BarePathOf(id);
        if (BlobCalls.TryStat(path) is not null)
        {
            Create();
            Move(path, PathOf(id));
            return true;
        }

        if (BlobCalls.TryStat(bare) is null)
        {
            return false;
        }

        Create();
        Move(bare, PathOf(id) + BareSuffix);
        MoveIfThere(bare + BlobPlaces.TailSuffix, PathOf(id) + BareSuffix + BlobPlaces.TailSuffix);
        return true;
    }

    public bool BringBack(BlobId id)
    {
        using Lock.Scope _ = _moving.EnterScope();
        string aside = PathOf(id), bare = places.BarePathOf(id);
        if (BlobCalls.TryStat(aside) is not null)
        {
            Move(aside, places.PathOf(id));
            return true;
        }

        aside += BareSuffix;
        if (BlobCalls.TryStat(aside) is null)
        {
            return false;
        }

        if (BlobCalls.TryStat(places.PathOf(id)) is not null || BlobCalls.TryStat(bare) is not null)
        {
            throw new IOException($"{aside} cannot be moved: the blob {id} is in its place");
        }

        DurableDirectory.Create(Path.GetDirectoryName(bare)!);
        MoveIfThere(aside + BlobPlaces.TailSuffix, bare + BlobPlaces.TailSuffix);
        Move(aside, bare);
        return true;
    }

    public void Drop(BlobId id)
    {
        using Lock.Scope _ = _moving.EnterScope();
        BlobCalls.TryUnlink(PathOf(id));
        BlobCalls.TryUnlink(PathOf(id) + BareSuffix);
        BlobCalls.TryUnlink(PathOf(id) + BareSuffix + BlobPlaces.TailSuffix);
    }

    public FileBlobReader? TryOpen(BlobId id) => FileBlobStore.TryOpenWhole(PathOf(id)) ?? FileBlobStore.TryOpenBare(PathOf(id) + BareSuffix);

    public async IAsyncEnumerable<BlobInfo> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (BlobCalls.TryStat(Folder) is null)
        {
            yield break;
        }

        foreach (string path in Directory.EnumerateFiles(Folder))
        {
            cancellationToken.ThrowIfCancellationRequested();
            string name = Path.GetFileName(path);
            bool isBare = name.EndsWith(BareSuffix, StringComparison.Ordinal);
            if (BlobPlaces.IsBlob(isBare ? name.AsSpan(0, name.Length - BareSuffix.Length) : name, out BlobId id) && BlobCalls.TryStat(path) is { } file)
            {
                yield return isBare && BlobCalls.TryStat(path + BlobPlaces.TailSuffix) is { } tail
                    ? new BlobInfo(id, file.Size + tail.Size, file.Modified.ToTime(), TailAt: file.Size)
                    : new BlobInfo(id, file.Size, file.Modified.ToTime(), isBare);
            }
        }
    }

    private string PathOf(BlobId id) => Path.Join(Folder, id.ToString());

    private void Create() => DurableDirectory.Create(Folder);

    private static void MoveIfThere(string from, string to)
    {
        if (BlobCalls.TryStat(from) is not null)
        {
            Move(from, to);
        }
    }

    /// <summary>Renames a file durably.</summary>
    private static void Move(string from, string to)
    {
        if (!BlobCalls.TryRename(from, to))
        {
            throw new IOException($"{from} cannot be moved: {to} exists");
        }

        FileSync.Directory(Path.GetDirectoryName(to)!);
        FileSync.Directory(Path.GetDirectoryName(from)!);
    }
}
