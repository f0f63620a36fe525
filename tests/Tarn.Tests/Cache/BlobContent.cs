using System.Buffers.Binary;
using Tarn.Core.Blobs;
using Tarn.Core.Hashing;
using Tarn.Core.Model;

namespace Tarn.Tests.Cache;

/// <summary>What blobs of these tests consist of: bytes that follow from the blob and their place in it, so that bytes of another place are noticed.</summary>
internal static class BlobContent
{
    public static BlobId Blob(int number) => new(new Id128((ulong)number << 32, (ulong)number * 0xD1342543DE82EF95));

    public static byte[] Of(BlobId blob, long start, int length)
    {
        byte[] bytes = new byte[length];
        Fill(blob, start, bytes);
        return bytes;
    }

    public static void Fill(BlobId blob, long start, Span<byte> bytes)
    {
        Span<byte> word = stackalloc byte[8];
        for (int done = 0; done < bytes.Length;)
        {
            long at = start + done;
            BinaryPrimitives.WriteUInt64LittleEndian(word, Mix(blob.Value.Low ^ (ulong)(at >> 3)));
            int into = (int)(at & 7), taken = Math.Min(8 - into, bytes.Length - done);
            word.Slice(into, taken).CopyTo(bytes[done..]);
            done += taken;
        }
    }

    public static ulong Checksum(ReadOnlySpan<byte> block) => Crc.Crc64Nvme.Of(block);

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
