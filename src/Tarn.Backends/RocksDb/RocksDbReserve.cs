using Tarn.Backends.Files;
using Tarn.Core.Files;

namespace Tarn.Backends.RocksDb;

/// <summary>
/// The room that is kept for removals. Half of it is set aside in files where the file system keeps that promise, so that it is there
/// when another process has filled the device; the files are given up one by one as removals need their room, and made again when
/// there is enough. The other half, and elsewhere all of it, is counted: what only adds is refused while less is free.
/// </summary>
internal sealed class RocksDbReserve
{
    /// <summary>The name of the directory with the files; RocksDB leaves alone what it does not know.</summary>
    public const string DirectoryName = "reserve";

    private const int Steps = 4;

    // Each step also holds names, so that inodes are given up with it.
    private const int NamesPerStep = 8;
    private const int LowInodes = 16;

    private readonly string _directory;
    private readonly string _reserve;
    private readonly long _bytes;
    private readonly long _stepBytes;
    private readonly Lock _lock = new();
    private int _held;

    /// <param name="directory">Where the database is; it exists.</param>
    /// <param name="bytes">How much is kept in all; 0 for nothing.</param>
    public RocksDbReserve(string directory, long bytes)
    {
        _directory = directory;
        _reserve = Path.Combine(directory, DirectoryName);
        _bytes = bytes;
        _stepBytes = bytes / 2 / Steps;
        IsSetAside = _stepBytes > 0 && FileSystemSpace.Of(directory).KeepsAllocations;
        Adopt();

        // What opens next needs room too.
        MakeRoom(0);
    }

    /// <summary>Whether half of it is in files; else all of it is counted.</summary>
    public bool IsSetAside { get; private set; }

    /// <summary>Bytes that the files hold now.</summary>
    public long HeldBytes => Volatile.Read(ref _held) * _stepBytes;

    /// <summary>Whether <paramref name="more"/> bytes can be written that only add.</summary>
    public bool Allows(long more)
    {
        if (_bytes == 0)
        {
            return true;
        }

        FileSystemSpace space = FileSystemSpace.Of(_directory);
        int held = Volatile.Read(ref _held);
        return space.FreeBytes + (held * _stepBytes) - more >= _bytes
            && (space.Inodes == 0 || space.FreeInodes - (IsSetAside ? (Steps - held) * NamesPerStep : 0) >= space.ReservedInodes / 2);
    }

    /// <summary>Releases steps until <paramref name="more"/> bytes can be written with a quarter of the reserve to spare, or none is left.</summary>
    public void MakeRoom(long more)
    {
        while (Volatile.Read(ref _held) > 0)
        {
            FileSystemSpace space = FileSystemSpace.Of(_directory);
            if (space.FreeBytes - more >= _bytes / 4 && (space.Inodes == 0 || space.FreeInodes >= LowInodes))
            {
                return;
            }

            GiveUp();
        }
    }

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

    /// <summary>Makes steps again that were given up, while that leaves half of the reserve free.</summary>
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

    /// <summary>Counts the steps that an earlier process left; what it left half done, or of another size, goes.</summary>
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
                // There was no room after all; what is not set aside is counted.
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
