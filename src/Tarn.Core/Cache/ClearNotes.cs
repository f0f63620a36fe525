using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Tarn.Core.Files;
using Tarn.Core.Hashing;

namespace Tarn.Core.Cache;

/// <summary>
/// The file <c>clears</c> in a cache's directory: the ids of the clears that are done, so that a process that starts again does not do them again. Each is a line, between one that says what the file
/// is and one with the CRC64NVME of all bytes before it. One that is missing or damaged says that none is done: they are done again then, which costs what was cached since.
/// </summary>
internal sealed class ClearNotes
{
    /// <summary>The most ids.</summary>
    public const int MaxIds = 256;

    private const int MaxIdLength = 64;
    private const string Name = "clears";
    private const string UnfinishedName = Name + ".new";
    private const string First = "Tarn cache clears, format 1";
    private const int MaxSize = 32 * 1024;

    private readonly string _directory;

    public ClearNotes(string directory) => _directory = directory;

    /// <summary>Whether a file of the directory is this one, or what a process has left that ended while it wrote it.</summary>
    public static bool IsName(string name) => name is Name or UnfinishedName;

    /// <summary>Whether a text can be the id of a clear: <c>[A-Za-z0-9]{1,64}</c>.</summary>
    public static bool IsId(string? text) => text is { Length: > 0 and <= MaxIdLength } && text.All(char.IsAsciiLetterOrDigit);

    /// <summary>The text of some ids.</summary>
    /// <exception cref="ArgumentException">There are too many, or one is none.</exception>
    public static byte[] Encode(IReadOnlyCollection<string> ids)
    {
        if (ids.Count > MaxIds || !ids.All(IsId))
        {
            throw new ArgumentException($"They are not up to {MaxIds} ids of clears.", nameof(ids));
        }

        string text = string.Concat(ids.Prepend(First).Select(static line => line + '\n'));
        return Encoding.ASCII.GetBytes(text + ChecksumOf(Encoding.ASCII.GetBytes(text)) + '\n');
    }

    /// <summary>What the file says; nothing if it cannot be read, or is not as it was written.</summary>
    public IReadOnlyList<string> Read()
    {
        try
        {
            using var file = new FileStream(PathOf(Name), new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 });
            byte[] bytes = new byte[MaxSize];
            int length = file.ReadAtLeast(bytes, MaxSize, throwOnEndOfStream: false);
            return TryDecode(bytes.AsSpan(0, length), out string[]? ids) ? ids : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // There is none yet, or the device fails, which the slabs' files tell of.
            return [];
        }
    }

    /// <summary>Replaces the file, durably: it has either what it had, or all of this.</summary>
    /// <exception cref="IOException">The device failed; it has what it had, or this.</exception>
    public void Write(byte[] notes)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(PathOf(UnfinishedName), options))
        {
            file.Write(notes);
            FileSync.File(file.SafeFileHandle, file.Name);
        }

        File.Move(PathOf(UnfinishedName), PathOf(Name), overwrite: true);
        FileSync.Directory(_directory);
    }

    private static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out string[]? ids)
    {
        ids = null;
        string[] lines = Encoding.Latin1.GetString(bytes).Split('\n');
        if (lines.Length < 3 || lines[^1].Length > 0 || lines[0] != First)
        {
            return false;
        }

        int end = bytes.Length - lines[^2].Length - 1;
        string[] between = lines[1..^2];
        if (lines[^2] != ChecksumOf(bytes[..end]) || between.Length > MaxIds || !between.All(IsId))
        {
            return false;
        }

        ids = between;
        return true;
    }

    private static string ChecksumOf(ReadOnlySpan<byte> bytes) => Crc.Crc64Nvme.Of(bytes).ToString("x16", CultureInfo.InvariantCulture);

    private string PathOf(string name) => Path.Combine(_directory, name);
}
