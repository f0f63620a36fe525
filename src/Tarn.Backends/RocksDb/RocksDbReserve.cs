using Tarn.Backends.Files;
using Tarn.Core.Files;

namespace Tarn.Backends.RocksDb;

/// <summary>
/// The room reserved for removals. Half of it is preallocated in files where the file system guarantees that, so that it is available
/// when another process has filled the device; the files are released one by one as removals need room, and created again when
/// there is enough. The other half, or all of it on other file systems, is a limit: commits that only add are refused while less is free.
/// </summary>
internal sealed class RocksDbReserve
{
    /// <summary>The name of the directory with the files; RocksDB ignores files that it does not know.</summary>
    public const string DirectoryName = "reserve";

    private const int Steps = 4;

    // Each step also holds empty files, so that releasing it frees inodes: as many as opening the database needs.
    private const int NamesPerStep = 12;

    // The last step is kept for the next opening, which cannot do without: a commit gets it only if the device has refused it.
    private const int KeptSteps = 1;
    private const int LowInodes = 16;

    private readonly string _directory;
    private readonly string _reserve;
    private readonly long _bytes;
    private readonly long _stepBytes;
    private readonly Lock _lock = new();
    private int _held;

    /// <param name="directory">The database's directory, which exists.</param>
    /// <param name="bytes">The whole reserve in bytes; 0 for none.</param>
    public RocksDbReserve(string directory, long bytes)
    {
        _directory = directory;
        _reserve = Path.Combine(directory, DirectoryName);
        _bytes = bytes;
        _stepBytes = bytes / 2 / Steps;
        IsSetAside = _stepBytes > 0 && FileSystemSpace.Of(directory).KeepsAllocations;
        Adopt();

        // Opening the database needs room too.
        MakeRoom(0, 0);
    }

    /// <summary>Whether half of it is preallocated in files; otherwise all of it is a limit.</summary>
    public bool IsSetAside { get; private set; }

    /// <summary>The bytes that the files hold now.</summary>
    public long HeldBytes => Volatile.Read(ref _held) * _stepBytes;

    /// <summary>Whether a commit that only adds may write <paramref name="more"/> bytes.</summary>
    public bool Allows(long more) => Allows(more, out _);

    /// <summary>Whether a commit that only adds may write <paramref name="more"/> bytes.</summary>
    /// <param name="more">Bytes.</param>
    /// <param name="isAmple">Whether there is so much room that <see cref="MakeRoom(long)"/> would release nothing, and need not be asked.</param>
    public bool Allows(long more, out bool isAmple)
    {
        isAmple = true;
        if (_bytes == 0)
        {
            return true;
        }

        FileSystemSpace space = FileSystemSpace.Of(_directory);
        int held = Volatile.Read(ref _held);
        isAmple = IsAmple(space, more);
        return space.FreeBytes + (held * _stepBytes) - more >= _bytes
            && (space.Inodes == 0 || space.FreeInodes - (IsSetAside ? (Steps - held) * NamesPerStep : 0) >= space.ReservedInodes / 2);
    }

    /// <summary>Releases steps until <paramref name="more"/> bytes can be written with a quarter of the reserve to spare, or only what the next opening needs is left.</summary>
    public void MakeRoom(long more) => MakeRoom(more, KeptSteps);

    private void MakeRoom(long more, int kept)
    {
        while (Volatile.Read(ref _held) > kept)
        {
            FileSystemSpace space = FileSystemSpace.Of(_directory);
            if (IsAmple(space, more))
            {
                return;
            }

            GiveUp();
        }
    }

    private bool IsAmple(FileSystemSpace space, long more) =>
        space.FreeBytes - more >= _bytes / 4 && (space.Inodes == 0 || space.FreeInodes >= LowInodes);

    /// <summary>Releases one step, if one is left.</summary>
    public void GiveUp()
    {
        lock (_lock)
        {
            if (_held > 0)
            {
                Volatile.Write(ref _held, _held - 1);
                Directory.Delete(StepPath(_held), recursive: true);
            }
        }
    }

    /// <summary>Creates released steps again while that leaves half of the reserve free.</summary>
    public void Refill()
    {
        while (IsSetAside && Volatile.Read(ref _held) < Steps)
        {
            FileSystemSpace space = FileSystemSpace.Of(_directory);
            if (space.FreeBytes - _stepBytes < _bytes / 2
                || (space.Inodes != 0 && space.FreeInodes - NamesPerStep - 2 < Math.Max(space.ReservedInodes / 2, 2 * LowInodes))
                || !TryTake())
            {
                return;
            }
        }
    }

    /// <summary>Counts the steps that an earlier process left, and removes incomplete ones and those of another size.</summary>
    private void Adopt()
    {
        bool whole = IsSetAside;
        for (int i = 0; i < Steps; i++)
        {
            var file = new FileInfo(FilePath(i));
            if (whole && file.Exists && file.Length == _stepBytes)
            {
                _held++;
                continue;
            }

            whole = false;
            if (Directory.Exists(StepPath(i)))
            {
                Directory.Delete(StepPath(i), recursive: true);
            }
        }
    }

    private bool TryTake()
    {
        lock (_lock)
        {
            string step = StepPath(_held);
            try
            {
                Directory.CreateDirectory(step);
                int error = Allocate(step);
                if (error == 0)
                {
                    Volatile.Write(ref _held, _held + 1);
                    return true;
                }

                IsSetAside = error != FileSync.NotSupported;
            }
            catch (IOException)
            {
                // There was no room after all; what is not preallocated counts as a limit.
            }

            if (Directory.Exists(step))
            {
                Directory.Delete(step, recursive: true);
            }

            return false;
        }
    }

    private int Allocate(string step)
    {
        for (int i = 1; i < NamesPerStep; i++)
        {
            File.Create(Path.Combine(step, $"{i}"), 1).Dispose();
        }

        using FileStream file = File.Create(FilePath(_held), 1);
        return FileSync.Allocate(file.SafeFileHandle, _stepBytes);
    }

    private string StepPath(int step) => Path.Combine(_reserve, $"{step}");

    private string FilePath(int step) => Path.Combine(StepPath(step), "space");
}
