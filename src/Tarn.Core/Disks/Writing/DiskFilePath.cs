using System.Text;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Disks.Trees;

namespace Tarn.Core.Disks.Writing;

/// <summary>The path below a disk's root of something to create, change or remove. Valid once it is built.</summary>
public sealed class DiskFilePath
{
    private const byte Slash = (byte)'/';

    private readonly byte[] _terminatedName;

    private DiskFilePath(byte[] path)
    {
        Utf8 = path;
        Text = Encoding.UTF8.GetString(path);
        int slash = path.AsSpan().LastIndexOf(Slash);
        ParentLength = Math.Max(slash, 0);
        _terminatedName = [.. path.AsSpan(slash + 1), 0];
    }

    /// <summary>The path as text.</summary>
    public string Text { get; }

    internal byte[] Utf8 { get; }

    /// <summary>The path of the directory that it is in; empty for the root.</summary>
    internal ReadOnlySpan<byte> Parent => Utf8.AsSpan(0, ParentLength);

    /// <summary>Its last name, with a terminating zero.</summary>
    internal ReadOnlySpan<byte> Name => _terminatedName;

    private int ParentLength { get; }

    /// <summary>Checks a path.</summary>
    /// <param name="path">Names divided by a slash, UTF-8.</param>
    /// <exception cref="DiskChangeRefusedException">Invalid: it is empty or too long, not UTF-8, or has a name that no file can have or that the server uses.</exception>
    public static DiskFilePath Parse(ReadOnlySpan<byte> path)
    {
        if (path.Length is 0 or > DiskPath.MaxLength)
        {
            throw Invalid($"a path must have 1 to {DiskPath.MaxLength} bytes");
        }

        if (!DiskPath.IsText(path))
        {
            throw Invalid("a path must be UTF-8");
        }

        foreach (Range range in path.Split(Slash))
        {
            ThrowIfBad(path[range]);
        }

        return new DiskFilePath(path.ToArray());
    }

    /// <inheritdoc cref="Parse(ReadOnlySpan{byte})"/>
    public static DiskFilePath Parse(string path) => Parse(Encoding.UTF8.GetBytes(path));

    /// <summary>The directories that the path goes through, outermost first, and itself.</summary>
    internal IEnumerable<DiskFilePath> Steps()
    {
        for (int i = 1; i < Utf8.Length; i++)
        {
            if (Utf8[i] == Slash)
            {
                yield return new DiskFilePath(Utf8[..i]);
            }
        }

        yield return this;
    }

    /// <summary>Whether it is another path or below it.</summary>
    internal bool IsWithin(DiskFilePath other) =>
        Utf8.AsSpan().StartsWith(other.Utf8) && (Utf8.Length == other.Utf8.Length || Utf8[other.Utf8.Length] == Slash);

    private static void ThrowIfBad(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty)
        {
            throw Invalid("a path must not begin or end with a slash, or have two in a row: it is relative to the disk's root");
        }

        if (name.Length > LinuxFiles.MaxName)
        {
            throw Invalid($"each name in a path must have at most {LinuxFiles.MaxName} bytes");
        }

        if (name.SequenceEqual("."u8) || name.SequenceEqual(".."u8))
        {
            throw Invalid("a path must not have '.' or '..' in it");
        }

        if (name.Contains((byte)0))
        {
            throw Invalid("a path must not have a zero byte in it");
        }

        if (name.SequenceEqual(DiskPath.Staging))
        {
            throw Invalid($"the name '{Encoding.UTF8.GetString(DiskPath.Staging)}' is the server's own");
        }
    }

    private static DiskChangeRefusedException Invalid(string message) => new(DiskChangeRefusal.Invalid, message);
}
