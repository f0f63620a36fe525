using System.Security.Cryptography;

namespace Tarn.Clients.Harness;

/// <summary>Bytes to store: the same for the same seed, different for every other.</summary>
internal static class Content
{
    /// <summary>One mebibyte.</summary>
    public const int MiB = 1024 * 1024;

    // Not now: a client that synchronizes by time takes a file younger than the whole second
    // that the server answers as Last-Modified for one that changed since it was sent.
    private static readonly DateTime Written = new(2026, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc);

    /// <summary>Pseudo-random bytes.</summary>
    /// <param name="size">How many.</param>
    /// <param name="seed">Which ones.</param>
    public static byte[] Of(int size, int seed = 0)
    {
        var bytes = new byte[size];
#pragma warning disable CA5394 // Test content, the same in every run.
        new Random(seed).NextBytes(bytes);
#pragma warning restore CA5394
        return bytes;
    }

    /// <summary>Fails unless two files hold the same bytes.</summary>
    public static void AssertSame(string expectedFile, string actualFile) =>
        Assert.Equal(HashOf(expectedFile), HashOf(actualFile));

    /// <summary>SHA-256 of a file in hex.</summary>
    public static string HashOf(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>Every file below a directory with its hash, by relative path.</summary>
    public static SortedDictionary<string, string> Tree(string directory) =>
        new(
            Directory
                .EnumerateFiles(directory, "*", SearchOption.AllDirectories)
                .ToDictionary(file => Path.GetRelativePath(directory, file), HashOf),
            StringComparer.Ordinal
        );

    /// <summary>Writes a tree of files: empty, small, some MiB, in folders, with odd names.</summary>
    public static void WriteTree(string directory)
    {
        (string Name, int Size)[] files =
        [
            ("empty", 0),
            ("small.txt", 100),
            ("folder/large.bin", (6 * MiB) + 5),
            ("folder/deeper/a b+c%25&é😀", 5000),
            ("folder/deeper/plus+plus", 5),
            ("folder/trailing.", 6),
            ("folder.txt", 7),
            ("nfc caf\u00e9", 8),
            ("nfd cafe\u0301", 9),
            ("日本語/ключ", 10),
        ];
        var seed = 1;
        foreach (var (name, size) in files)
        {
            var path = Path.Combine(directory, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, Of(size, seed++));
            File.SetLastWriteTimeUtc(path, Written);
        }
    }
}
