using System.Diagnostics;
using System.Security.Cryptography;
using Tarn.Core.Hashing;
using Tarn.Core.Hashing.Lanes;

namespace Tarn.Benchmarks;

/// <summary>
/// How fast checksums are on one core, in GB/s: MD5 of 1 to 16 streams in lanes beside the platform's, MD5 with SHA-256, and the CRCs:
/// `Tarn.Benchmarks hashing [rounds]`. Medians; the cases of a round run one after another, so that other load meets all of them.
/// </summary>
internal static unsafe class LaneBenchmarks
{
    private const int Size = 64 * 1024;

    /// <summary>Between the streams' buffers, so that they are not at the same place in pages.</summary>
    private const int Skew = 320;

    private const int MaxLanes = 16;
    private static readonly TimeSpan Once = TimeSpan.FromMilliseconds(20);

    public static void Run(int rounds)
    {
        byte[] data = GC.AllocateArray<byte>((Size + Skew) * MaxLanes, pinned: true);
        new Random(1).NextBytes(data);
        byte[] large = new byte[256 << 20];
        new Random(2).NextBytes(large);
        var cases = new List<(string Name, double Bytes, Action Act)>();
        var platform = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        cases.Add(("MD5, the platform's", Size, () => platform.AppendData(data.AsSpan(0, Size))));
        var state = new Md5State();
        cases.Add(("MD5, scalar", Size, () => state.Append(data.AsSpan(0, Size))));
        foreach (Md5Kernel kernel in Md5Kernel.Wide)
        {
            for (int active = kernel.Lanes / 2; active <= kernel.Lanes; active += kernel.Lanes / 2)
            {
                cases.Add(($"MD5, {active} of {kernel.Lanes} lanes", (double)Size * active, InLanes(kernel, active, data)));
            }
        }

        var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        cases.Add(("SHA-256, the platform's", Size, () => sha.AppendData(data.AsSpan(0, Size))));
        cases.Add(("MD5 and SHA-256, one after the other", Size, () =>
        {
            state.Append(data.AsSpan(0, Size));
            sha.AppendData(data.AsSpan(0, Size));
        }));
        int at = 0;
        foreach (ChecksumAlgorithm algorithm in new[] { ChecksumAlgorithm.Crc32, ChecksumAlgorithm.Crc32C, ChecksumAlgorithm.Crc64Nvme })
        {
            Crc crc = Crc.For(algorithm);
            cases.Add(($"{algorithm}, in the cache", Size, () => crc.Of(data.AsSpan(0, Size))));
            cases.Add(($"{algorithm}, 128-bit, in the cache", Size, () => crc.UpdateByFolding(crc.Mask, data.AsSpan(0, Size))));
            cases.Add(($"{algorithm}, from memory", Size, () => crc.Of(large.AsSpan(at = (at + Size) % large.Length, Size))));
        }

        ulong sum = 0;
        cases.Add(("reading memory", Size, () => sum += Sum(large.AsSpan(at = (at + Size) % large.Length, Size))));
        var rates = cases.ToDictionary(one => one.Name, _ => new List<double>());
        for (int round = 0; round <= rounds; round++)
        {
            foreach ((string name, double bytes, Action act) in cases)
            {
                long begun = Stopwatch.GetTimestamp();
                int times = 0;
                do
                {
                    act();
                    times++;
                }
                while (Stopwatch.GetElapsedTime(begun) < Once);
                double rate = bytes * times / Stopwatch.GetElapsedTime(begun).TotalSeconds / 1e9;

                // The first round is the compiler's.
                if (round > 0)
                {
                    rates[name].Add(rate);
                }
            }
        }

        Console.WriteLine("| | GB/s | least | most |\n|---|---|---|---|");
        foreach ((string name, List<double> all) in rates)
        {
            all.Sort();
            Console.WriteLine(FormattableString.Invariant($"| {name} | {all[all.Count / 2]:f2} | {all[0]:f2} | {all[^1]:f2} |"));
        }

        GC.KeepAlive(sum);
    }

    private static Action InLanes(Md5Kernel kernel, int active, byte[] data)
    {
        uint[] state = new uint[4 * kernel.Lanes];
        nint[] messages = new nint[kernel.Lanes];
        return () =>
        {
            fixed (byte* start = data)
            fixed (uint* words = state)
            fixed (nint* pointers = messages)
            {
                for (int lane = 0; lane < messages.Length; lane++)
                {
                    pointers[lane] = (nint)(start + (lane < active ? lane * (Size + Skew) : 0));
                }

                kernel.Compress(words, (byte**)pointers, Size / Md5State.BlockSize);
            }
        };
    }

    private static ulong Sum(ReadOnlySpan<byte> data)
    {
        System.Numerics.Vector<ulong> sum = default;
        foreach (System.Numerics.Vector<ulong> some in System.Runtime.InteropServices.MemoryMarshal.Cast<byte, System.Numerics.Vector<ulong>>(data))
        {
            sum += some;
        }

        return System.Numerics.Vector.Sum(sum);
    }
}
