using System.Buffers.Binary;
using Tarn.Core;

namespace Tarn.S3.Requests;

/// <summary>Creates request ids, which are unique within a process and, with their random seed, almost certainly across processes.</summary>
public sealed class RequestIds
{
    private readonly ulong _seed;
    private ulong _count;

    /// <param name="random">Seeds the ids.</param>
    public RequestIds(IRandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        Span<byte> seed = stackalloc byte[8];
        random.Fill(seed);
        _seed = BinaryPrimitives.ReadUInt64LittleEndian(seed);

        Span<byte> host = stackalloc byte[48];
        random.Fill(host);
        HostId = Convert.ToBase64String(host);
    }

    /// <summary>The id of this process: 64 characters of base64.</summary>
    public string HostId { get; }

    /// <summary>The request's id: sixteen upper-case hex digits.</summary>
    public string Next()
    {
        // SplitMix64 maps the counter one to one, so two requests never share an id.
        ulong z = unchecked(_seed + (Interlocked.Increment(ref _count) * 0x9E3779B97F4A7C15));
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EB);
        return (z ^ (z >> 31)).ToString("X16", System.Globalization.CultureInfo.InvariantCulture);
    }
}
