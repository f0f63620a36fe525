using BenchmarkDotNet.Attributes;
using Tarn.Core.Hashing;

namespace Tarn.Benchmarks;

/// <summary>Checksums of one buffer: a small one, and the size the request pipeline hands over.</summary>
public class HashingBenchmarks
{
    private readonly byte[] _hash = new byte[32];
    private readonly StreamHasher _md5 = StreamHasher.CreateMd5();
    private byte[] _data = [];
    private StreamHasher _checksum = StreamHasher.Create(ChecksumAlgorithm.Crc32);

    [Params(64, 4096, 65536, 1048576)]
    public int Length { get; set; }

    [ParamsAllValues]
    public ChecksumAlgorithm Algorithm { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _data = new byte[Length];
        new Random(1).NextBytes(_data);
        _checksum = StreamHasher.Create(Algorithm);
    }

    [Benchmark]
    public void Checksum()
    {
        _checksum.Append(_data);
        _checksum.Finish(_hash);
    }

    /// <summary>MD5, which every upload computes in addition to the checksum, as the baseline; the same for every algorithm.</summary>
    [Benchmark(Baseline = true)]
    public void Md5()
    {
        _md5.Append(_data);
        _md5.Finish(_hash);
    }

    /// <summary>CRC32 by System.IO.Hashing, the only one of S3's CRCs that it has; the same for every algorithm.</summary>
    [Benchmark]
    public uint LibraryCrc32() => System.IO.Hashing.Crc32.HashToUInt32(_data);
}
