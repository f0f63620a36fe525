using System.Globalization;
using Tarn.Core;
using Tarn.Core.Files;
using Tarn.Server.Configuration;

namespace Tarn.Server.Storage;

/// <summary>
/// Keeps the parts of a store together: a random id in the file <c>store-id</c> of the data directory, of <c>meta/</c> and of <c>blobs/</c>, each of which may
/// be a file system of its own. If one part lacks it while another has it, the file system of the first is not mounted.
/// </summary>
internal static class StoreId
{
    private const string Name = "store-id";

    /// <summary>
    /// The file in the data directory that holds the id while it is being written to the parts. It exists before any part has the id and is removed once all have it, so
    /// that a crash in between can be distinguished from a missing part.
    /// </summary>
    private const string Pending = "store-id.pending";

    private const int Digits = 32;

    /// <summary>Whether a file holds the store's id, or is left over from writing it.</summary>
    public static bool IsOf(string file) => Path.GetFileName(file.AsSpan()).StartsWith(Name, StringComparison.Ordinal);

    /// <summary>Compares the ids of the parts, and writes nothing. True if all have the id.</summary>
    /// <exception cref="StartupException">A part lacks the id, or has a different one.</exception>
    public static bool Check(string root, params ReadOnlySpan<string> parts)
    {
        string? pending = Read(root, Pending);
        string? id = pending;
        string? of = pending is null ? null : root;
        var lacking = new List<string>();
        foreach (string part in (ReadOnlySpan<string>)[root, .. parts])
        {
            string? own = Read(part, Name);
            if (own is null)
            {
                lacking.Add(part);
            }
            else if (id is not null && own != id)
            {
                throw new StartupException(
                    $"{of} belongs to the store {id} and {part} to the store {own}: parts of different stores cannot be used together; mount or restore those that belong together");
            }
            else
            {
                (id, of) = (own, of ?? part);
            }
        }

        if (lacking.Count > 0 && id is not null && pending is null)
        {
            throw new StartupException(
                $"{string.Join(" and ", lacking)} {(lacking.Count == 1 ? "has" : "have")} no {Name}, but {of} belongs to the store {id}: is a file system not mounted? "
                + $"Nothing was written. If the content does belong to the store, copy {Path.Combine(of!, Name)} into it");
        }

        return lacking.Count == 0;
    }

    /// <summary>The id of the store in a data directory.</summary>
    /// <exception cref="StartupException">It has none.</exception>
    public static string Of(string root) => Read(root, Name) ?? throw new StartupException($"{root} has no {Name}");

    /// <summary>Whether a text is one that may be the id of a store.</summary>
    public static bool IsValid(string text) => text.Length == Digits && text.All(char.IsAsciiHexDigitLower);

    /// <summary>Gives the parts an id if none has one, and completes what a crash interrupted. The parts must exist.</summary>
    /// <param name="random">Generates an id.</param>
    /// <param name="given">The id that a new store gets: that of the other side of a mirror; null: a random one.</param>
    /// <param name="root">The data directory.</param>
    /// <param name="parts">Its parts.</param>
    /// <exception cref="StartupException">As <see cref="Check"/>.</exception>
    public static void Ensure(IRandomSource random, string? given, string root, params ReadOnlySpan<string> parts)
    {
        if (!Check(root, parts))
        {
            string id = Read(root, Pending) ?? given ?? string.Create(CultureInfo.InvariantCulture, $"{random.NextUInt64():x16}{random.NextUInt64():x16}");
            byte[] content = System.Text.Encoding.ASCII.GetBytes(id + "\n");
            AtomicFile.Write(Path.Combine(root, Pending), content);
            foreach (string part in parts)
            {
                AtomicFile.Write(Path.Combine(part, Name), content);
            }

            File.Move(Path.Combine(root, Pending), Path.Combine(root, Name));
            FileSync.Directory(root);
        }
        else if (File.Exists(Path.Combine(root, Pending)))
        {
            File.Delete(Path.Combine(root, Pending));
        }
    }

    /// <summary>The id of the store in a data directory; null if it has none yet.</summary>
    /// <exception cref="StartupException">It is damaged.</exception>
    public static string? Find(string root) => Read(root, Name) ?? Read(root, Pending);

    private static string? Read(string directory, string name)
    {
        string path = Path.Combine(directory, name);
        if (!File.Exists(path))
        {
            return null;
        }

        string text = File.ReadAllText(path).Trim();
        return IsValid(text) ? text : throw new StartupException($"{path}: damaged: not {Digits} hex digits");
    }
}
