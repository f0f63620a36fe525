using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tarn.Clients.Accelerators;

/// <summary>What a write writes: its name is in the object's metadata, and decides each byte, so that any part of it shows which write it is of.</summary>
/// <param name="Name">Unique for each write; ends with the size.</param>
internal sealed record WrittenValue(string Name)
{
    /// <summary>The header that has the name.</summary>
    public const string Header = "x-amz-meta-value";

    public static WrittenValue Of(int worker, int number, int size) => new(string.Create(CultureInfo.InvariantCulture, $"{worker}.{number}.{size}"));

    public int Size => int.Parse(Name[(Name.LastIndexOf('.') + 1)..], CultureInfo.InvariantCulture);

    public byte[] Bytes()
    {
        byte[] bytes = new byte[Size];
#pragma warning disable CA5394 // Test content, the same in every run.
        new Random(BinaryPrimitives.ReadInt32LittleEndian(SHA256.HashData(Encoding.ASCII.GetBytes(Name)))).NextBytes(bytes);
#pragma warning restore CA5394
        return bytes;
    }
}
