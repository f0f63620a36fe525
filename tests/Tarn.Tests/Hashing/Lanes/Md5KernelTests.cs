using System.Security.Cryptography;
using System.Text;
using Tarn.Core.Hashing.Lanes;

namespace Tarn.Tests.Hashing.Lanes;

/// <summary>MD5 itself: the scalar code, and every width that this processor has, against the RFC and the platform's library.</summary>
public sealed unsafe class Md5KernelTests
{
    private const int LongestTried = 4096;

    /// <summary>Numbers of messages at once; four works on every processor.</summary>
    public static TheoryData<int> Widths { get; } = new(Kernels.All.Select(kernel => kernel.Lanes));

    /// <summary>RFC 1321, appendix A.5.</summary>
    [Theory]
    [InlineData("", "d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData("a", "0cc175b9c0f1b6a831c399e269772661")]
    [InlineData("abc", "900150983cd24fb0d6963f7d28e17f72")]
    [InlineData("message digest", "f96b697d7cb7938d525a2f31aaf161d0")]
    [InlineData("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b")]
    [InlineData("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "d174ab98d277d9f5a5611c2c9f419d9f")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345678901234567890", "57edf4a22be3c955ac49da2e2107b67a")]
    public void Examples_of_the_RFC(string text, string expected)
    {
        Assert.Equal(expected, Hash(Encoding.ASCII.GetBytes(text)));
        foreach (Md5Kernel kernel in Kernels.All)
        {
            byte[][] messages = [.. Enumerable.Repeat(Encoding.ASCII.GetBytes(text), kernel.Lanes)];
            Assert.All(HashInLanes(kernel, messages), hash => Assert.Equal(expected, hash));
        }
    }

    [Fact]
    public void Every_length_by_scalar_code_is_the_platforms()
    {
        byte[] data = CrcTests.Bytes(new Random(3), LongestTried);
        for (int length = 0; length <= LongestTried; length++)
        {
            Assert.Equal(Expected(data.AsSpan(0, length)), Hash(data.AsSpan(0, length)));
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Every_length_in_every_lane_is_the_platforms(int width)
    {
        Md5Kernel kernel = Kernels.All.Single(kernel => kernel.Lanes == width);
        var random = new Random(width);
        byte[] data = CrcTests.Bytes(random, LongestTried + (width * 7));
        for (int length = 0; length <= LongestTried; length++)
        {
            // Each lane begins at an address of its own, aligned to nothing.
            byte[][] messages = [.. Enumerable.Range(0, width).Select(lane => data.AsSpan(lane * 7, length).ToArray())];
            string[] hashes = HashInLanes(kernel, messages);
            for (int lane = 0; lane < width; lane++)
            {
                Assert.True(Expected(messages[lane]) == hashes[lane], $"length {length}, lane {lane}");
            }
        }
    }

    [Fact]
    public void Pieces_make_the_whole_and_finishing_starts_afresh()
    {
        var random = new Random(9);
        byte[] data = CrcTests.Bytes(random, 20_000);
        string expected = Expected(data);
        var state = new Md5State();
        for (int round = 0; round < 200; round++)
        {
            int longest = random.Next(1, 400);
            for (int at = 0; at < data.Length;)
            {
                int length = Math.Min(random.Next(longest + 1), data.Length - at);
                state.Append(data.AsSpan(at, length));
                at += length;
            }

            Assert.Equal(expected, Finish(state));
        }
    }

    private static string Expected(ReadOnlySpan<byte> data) => Convert.ToHexStringLower(MD5.HashData(data));

    private static string Hash(ReadOnlySpan<byte> data)
    {
        var state = new Md5State();
        state.Append(data);
        return Finish(state);
    }

    private static string Finish(Md5State state)
    {
        byte[] hash = new byte[Md5State.HashSize];
        state.Finish(hash);
        return Convert.ToHexStringLower(hash);
    }

    /// <summary>Hashes the whole blocks of messages of one length in lanes, and the rest by scalar code.</summary>
    private static string[] HashInLanes(Md5Kernel kernel, byte[][] messages)
    {
        int lanes = kernel.Lanes;
        int blocks = messages[0].Length / Md5State.BlockSize;
        uint[] words = new uint[4 * lanes];
        var states = messages.Select(_ => new Md5State()).ToArray();
        byte[] together = [.. messages.SelectMany(message => message), 0];
        fixed (uint* state = words)
        fixed (byte* start = together)
        {
            byte** pointers = stackalloc byte*[lanes];
            for (int i = 0; i < words.Length; i++)
            {
                words[i] = states[i % lanes].Words[i / lanes];
                pointers[i % lanes] = start + (i % lanes * messages[0].Length);
            }

            kernel.Compress(state, pointers, (nuint)blocks);
        }

        for (int lane = 0; lane < lanes; lane++)
        {
            for (int word = 0; word < 4; word++)
            {
                states[lane].Words[word] = words[(word * lanes) + lane];
            }

            states[lane].Skip((nuint)blocks);
            states[lane].Append(messages[lane].AsSpan(blocks * Md5State.BlockSize));
        }

        return [.. states.Select(Finish)];
    }
}
