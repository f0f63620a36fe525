using System.Security.Cryptography;
using System.Text;
using Tarn.Load.Options;

namespace Tarn.Load.Workloads;

/// <summary>
/// Object bodies generated (and hashed) before the run: up to 16 different ones, 64 MiB in all. A key's number determines its body,
/// so that a read-back detects a mixed-up object.
/// </summary>
internal sealed class BodyPool
{
    private readonly byte[][] _bodies;
    private readonly byte[][] _hashes;
    private readonly byte[][] _hexHashes;

    public BodyPool(LoadOptions options)
    {
        int count = options.BodyFile is not null ? 1 : (int)Math.Clamp((64L << 20) / Math.Max(1, options.Size), 1, 16);
        _bodies = new byte[count][];
        for (int i = 0; i < count; i++)
        {
            _bodies[i] = options.BodyFile is not null ? File.ReadAllBytes(options.BodyFile) : new byte[options.Size];
            if (options.BodyFile is null)
            {
                new Random(i + 1).NextBytes(_bodies[i]);
            }
        }

        _hashes = [.. _bodies.Select(b => options.SignPayload || options.Verify ? SHA256.HashData(b) : [])];
        _hexHashes = [.. _hashes.Select(h => options.SignPayload ? Encoding.ASCII.GetBytes(Convert.ToHexStringLower(h)) : "UNSIGNED-PAYLOAD"u8.ToArray())];
    }

    public ReadOnlySpan<byte> Body(long key) => _bodies[key % _bodies.Length];

    /// <summary>The body's SHA-256.</summary>
    public ReadOnlySpan<byte> Hash(long key) => _hashes[key % _bodies.Length];

    /// <summary>The value of x-amz-content-sha256.</summary>
    public ReadOnlySpan<byte> PayloadHash(long key) => _hexHashes[key % _bodies.Length];
}
