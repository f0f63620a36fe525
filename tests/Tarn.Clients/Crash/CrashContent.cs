namespace Tarn.Clients.Crash;

/// <summary>The content of a key: bytes generated from a seed, so that every one of them can be checked later.</summary>
/// <param name="Seed">Unique for each write.</param>
/// <param name="Size">How many bytes.</param>
internal sealed record CrashContent(int Seed, int Size)
{
    /// <summary>The bytes.</summary>
    public byte[] Bytes()
    {
        var bytes = new byte[Size];
#pragma warning disable CA5394 // Test content, the same in every run.
        new Random(Seed).NextBytes(bytes);
#pragma warning restore CA5394
        return bytes;
    }

    /// <summary>Whether bytes that were read are exactly these.</summary>
    public bool Matches(byte[] read) => read.Length == Size && read.AsSpan().SequenceEqual(Bytes());
}
