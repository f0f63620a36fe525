using System.Runtime.Intrinsics;

namespace Tarn.Core.Hashing.Lanes;

/// <summary>MD5's compression function for a number of messages at once.</summary>
internal sealed unsafe class Md5Kernel
{
    private readonly delegate*<uint*, byte**, nuint, void> _compress;

    /// <param name="lanes">How many messages it hashes.</param>
    /// <param name="compress">Hashes them, as <see cref="Compress"/> says.</param>
    public Md5Kernel(int lanes, delegate*<uint*, byte**, nuint, void> compress)
    {
        Lanes = lanes;
        _compress = compress;
    }

    /// <summary>One message; works on every processor, at the speed of the platform's library.</summary>
    public static Md5Kernel Scalar { get; } = new(1, &Md5Compression<uint, ScalarLane>.Compress);

    /// <summary>Those for several messages that this processor has instructions for, by their number.</summary>
    public static IReadOnlyList<Md5Kernel> Wide { get; } = Supported();

    /// <summary>How many messages it hashes.</summary>
    public int Lanes { get; }

    /// <inheritdoc cref="Md5Compression{TWords, TLanes}.Compress"/>
    public void Compress(uint* state, byte** messages, nuint blocks) => _compress(state, messages, blocks);

    private static List<Md5Kernel> Supported()
    {
        List<Md5Kernel> kernels = [];
        if (Lanes128.IsSupported)
        {
            kernels.Add(new(Vector128<uint>.Count, &Md5Compression<Vector128<uint>, Lanes128>.Compress));
        }

        if (Lanes256.IsSupported)
        {
            kernels.Add(new(Vector256<uint>.Count, &Md5Compression<Vector256<uint>, Lanes256>.Compress));
        }

        if (Lanes512.IsSupported)
        {
            kernels.Add(new(Vector512<uint>.Count, &Md5Compression<Vector512<uint>, Lanes512>.Compress));
        }

        return kernels;
    }
}
