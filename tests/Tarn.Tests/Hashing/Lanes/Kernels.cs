using System.Runtime.Intrinsics;
using Tarn.Core.Hashing.Lanes;

namespace Tarn.Tests.Hashing.Lanes;

/// <summary>The kernels to test: those of this processor, and the one of four lanes, which the compiler can make for any.</summary>
internal static unsafe class Kernels
{
    public static readonly Md5Kernel Four = new(4, &Md5Compression<Vector128<uint>, Lanes128>.Compress);

    public static readonly IReadOnlyList<Md5Kernel> All = [Four, .. Md5Kernel.Wide.Where(kernel => kernel.Lanes > 4)];
}

/// <summary>Four lanes, counting how often they are used; by one class of tests.</summary>
internal static unsafe class CountingKernel
{
    public static readonly Md5Kernel Instance = new(4, &Compress);

    public static int Calls { get; set; }

    private static void Compress(uint* state, byte** messages, nuint blocks)
    {
        Calls++;
        Kernels.Four.Compress(state, messages, blocks);
    }
}
