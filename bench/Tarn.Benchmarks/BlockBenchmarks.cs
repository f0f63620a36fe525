using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Hashing;

namespace Tarn.Benchmarks;

/// <summary>
/// What a verified read of 4 KiB costs by the size of the block that has to be read with it, from the device and from the page cache:
/// `Tarn.Benchmarks blocks [directory] [reads]`. For choosing the block size of blobs.
/// </summary>
internal static partial class BlockBenchmarks
{
    private const int FileSize = 256 << 20;
    private const int Range = 4096;
    private const int DontNeed = 4; // POSIX_FADV_DONTNEED

    public static void Run(string directory, int reads)
    {
        string path = Path.Combine(directory, $"blocks-{Guid.NewGuid():n}");
        try
        {
            Write(path);
            using SafeFileHandle file = File.OpenHandle(path);
            Console.WriteLine("| block | checksums of 1 TiB | CRC of a block | 4 KiB from the device, p50 and p90 | 4 KiB from the page cache, p50 |");
            Console.WriteLine("|---|---|---|---|---|");
            Measure(file, Range, reads, verify: false);
            for (int log2 = 14; log2 <= 20; log2++)
            {
                Measure(file, 1 << log2, reads, verify: true);
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Measure(SafeFileHandle file, int block, int reads, bool verify)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(block, pinned: true);
        double[] cold = new double[reads], warm = new double[reads], crc = new double[reads];
        var random = new Random(block);
        for (int i = -20; i < reads; i++)
        {
            long offset = random.NextInt64(FileSize / block) * block;
            ThrowIfFailed(Advise(file, 0, 0, DontNeed));
            double first = Read(file, buffer, offset, verify);
            double second = Read(file, buffer, offset, verify);
            long begun = Stopwatch.GetTimestamp();
            Crc.Crc64Nvme.Of(buffer);
            double hash = Stopwatch.GetElapsedTime(begun).TotalMicroseconds;
            if (i >= 0)
            {
                (cold[i], warm[i], crc[i]) = (first, second, hash);
            }
        }

        Array.Sort(cold);
        Array.Sort(warm);
        Array.Sort(crc);
        string name = verify ? $"{block >> 10} KiB" : "none";
        string table = verify ? $"{(1L << 40) / block * 8 >> 20} MiB" : "–";
        Console.WriteLine(FormattableString.Invariant(
            $"| {name} | {table} | {(verify ? crc[reads / 2] : 0):f1} µs | {cold[reads / 2]:f0} and {cold[reads * 9 / 10]:f0} µs | {warm[reads / 2]:f1} µs |"));
    }

    private static double Read(SafeFileHandle file, byte[] buffer, long offset, bool verify)
    {
        long begun = Stopwatch.GetTimestamp();
        RandomAccess.Read(file, buffer, offset);
        if (verify)
        {
            Crc.Crc64Nvme.Of(buffer);
        }

        return Stopwatch.GetElapsedTime(begun).TotalMicroseconds;
    }

    private static void Write(string path)
    {
        using FileStream file = File.Create(path);
        byte[] some = new byte[1 << 20];
        var random = new Random(1);
        for (int i = 0; i < FileSize / some.Length; i++)
        {
            random.NextBytes(some);
            file.Write(some);
        }

        Tarn.Core.Files.FileSync.File(file.SafeFileHandle, path);
    }

    private static void ThrowIfFailed(int error)
    {
        if (error != 0)
        {
            throw new IOException($"posix_fadvise failed with {error}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeFileHandle file, long offset, long length, int advice);
}
