using Microsoft.Win32.SafeHandles;
using Tarn.Backends.Files;
using Tarn.Backends.RocksDb;
using Tarn.Core;
using Tarn.Core.KeyValue;
using Tarn.Core.Mirroring;
using Tarn.Server.Configuration;

namespace Tarn.Server.Storage;

/// <summary>A data directory as one side of a mirror.</summary>
/// <param name="root">The directory.</param>
/// <param name="other">The other side's directory, whose store id a new side gets.</param>
/// <param name="options">The settings.</param>
/// <param name="metadataFiles">Files that the metadata may keep open.</param>
/// <param name="random">Generates ids.</param>
/// <param name="logger">The log of the metadata.</param>
internal sealed class DirectorySide(string root, string other, ServerOptions options, int metadataFiles, IRandomSource random, ILogger logger) : MirrorSide
{
    /// <summary>Where damaged metadata is put aside, below its directory.</summary>
    public const string Damaged = "damaged";

    private const string Current = "CURRENT";

    private DataDirectory? _directory;
    private volatile RocksDbKeyValueStore? _metadata;

    // Kept open: a lack of descriptors must not keep a mark from being written, without which nothing is answered.
    private SafeFileHandle? _mark;
    private readonly Lock _taking = new();
    private bool _wasBeingFilled;

    public override string Name => root;

    public override MirrorLook Look()
    {
        MirrorMark? mark = null;
        try
        {
            mark = MirrorMarkFile.Find(root);
            return new MirrorLook(mark, DataDirectory.IsEmpty(root, CountsDisks), Problem: null, StoreId.Find(root));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or StartupException)
        {
            return new MirrorLook(mark, IsEmpty: false, e as IOException ?? new IOException(e.Message, e));
        }
    }

    public override void Enter()
    {
        try
        {
            _wasBeingFilled = MirrorMarkFile.Find(root) is { Standing: MirrorStanding.Stale };
            _directory = DataDirectory.Open(root, random, storeId: IdOfOther(), isBeingFilled: _wasBeingFilled, countsDisks: CountsDisks);
            _mark = MirrorMarkFile.TryOpen(root);
        }
        catch (StartupException e)
        {
            throw e.InnerException is IOException { HResult: DataDirectory.WouldBlock } ? new StoreLockedException(e.Message, e) : new IOException(e.Message, e);
        }
    }

    public override void WriteMark(MirrorMark mark)
    {
        if (_mark is null)
        {
            MirrorMarkFile.Write(root, mark);
            _mark = MirrorMarkFile.TryOpen(root);
        }
        else
        {
            MirrorMarkFile.Write(root, _mark, mark);
        }
    }

    public override void KeepOrphans(string reason) => KeptOrphans.Keep(root, reason);

    public override async ValueTask<MirrorStores> OpenAsync(bool replaceMetadata, CancellationToken cancellationToken)
    {
        DataDirectory directory = _directory ?? throw new InvalidOperationException($"{root} was not entered.");
        if (replaceMetadata)
        {
            PutAside(directory.Metadata, _wasBeingFilled);
        }

        RocksDbKeyValueStore metadata = MetadataStore.OpenSide(directory, options, metadataFiles, logger);
        try
        {
            directory.RaiseFormat();
            var blobs = new FileBlobStore(directory.Blobs, options.Durability == Durability.Full);
            _metadata = metadata;
            return new MirrorStores(metadata, blobs);
        }
        catch
        {
            await metadata.DisposeAsync();
            throw;
        }
    }

    public override void Leave()
    {
        _metadata = null;
        _mark?.Dispose();
        _mark = null;
        _directory?.Dispose();
        _directory = null;
    }

    /// <summary>Gives this side the generated master key of the other one, if that has one, and has orphans kept for the same reason as there.</summary>
    public override void TakeFiles(MirrorSide from)
    {
        lock (_taking)
        {
            string? reason = Reading(() => KeptOrphans.Find(from.Name));
            byte[]? key = Reading(() => MasterKeyOf(from.Name));
            KeptOrphans.Take(reason, root);
            if (key is null || MasterKeyOf(root) is { } has && has.AsSpan().SequenceEqual(key))
            {
                return;
            }

            string own = Path.Combine(root, DataDirectory.MasterKeyName);
            string replaced = own + ".replaced";
            if (File.Exists(own) && !File.Exists(replaced))
            {
                // It is that of a store whose directories were moved away, perhaps to be used again.
                File.Move(own, replaced);
            }

            AtomicFile.Write(own, key);
        }
    }

    private static byte[]? MasterKeyOf(string root)
    {
        try
        {
            return File.ReadAllBytes(Path.Combine(root, DataDirectory.MasterKeyName));
        }
        catch (FileNotFoundException)
        {
            // One is configured, or none was generated yet.
            return null;
        }
    }

    private static T Reading<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MirrorSourceException(e.Message, e);
        }
    }

    /// <summary>What there is to monitor of this side.</summary>
    public StoreDevices Devices(bool isMirror) => new(() => _metadata, root, isMirror);

    /// <summary>
    /// Whether trees of disks alone are data whose metadata is missing. Not where a mark says that the rows are on the other side too: the trees, which are not mirrored, stay when the side is filled.
    /// </summary>
    private bool CountsDisks => !MirrorMarkFile.Exists(root) && !MirrorMarkFile.Exists(other);

    private string? IdOfOther()
    {
        try
        {
            return StoreId.Find(other);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or StartupException)
        {
            // It is compared when both are there.
            return null;
        }
    }

    /// <summary>
    /// Moves the files of a damaged database into a directory below it, in place of what an earlier damage left there. If a fill was cut off, they are what it wrote, and what it put aside stays.
    /// </summary>
    internal static void PutAside(string metadata, bool wasBeingFilled)
    {
        string aside = Path.Combine(metadata, Damaged);
        string partly = aside + ".partly";
        List<string> files = [.. Directory.EnumerateFiles(metadata).Where(static file => !StoreId.IsOf(file))];

        // CURRENT goes last: without it, what is left would be taken for a damaged database again.
        bool isPartly = Directory.Exists(partly) && !File.Exists(Path.Combine(partly, Current));
        if (wasBeingFilled && !isPartly && (Directory.Exists(aside) || Directory.Exists(partly)))
        {
            files.ForEach(File.Delete);
        }
        else
        {
            if (!isPartly && Directory.Exists(partly))
            {
                Directory.Delete(partly, recursive: true);
            }

            Directory.CreateDirectory(partly);
            foreach (string file in files.OrderBy(static file => Path.GetFileName(file) == Current))
            {
                File.Move(file, Path.Combine(partly, Path.GetFileName(file)));
            }
        }

        if (Directory.Exists(partly))
        {
            if (Directory.Exists(aside))
            {
                Directory.Delete(aside, recursive: true);
            }

            Directory.Move(partly, aside);
        }
    }
}
