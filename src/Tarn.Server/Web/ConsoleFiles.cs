using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Tarn.Server.Configuration;

namespace Tarn.Server.Web;

/// <summary>
/// The files of the console, in memory: what the build made, from the archive beside the program. Names are looked up as a whole, so that no path leads out of them. <c>name.br</c> and <c>name.gz</c> are <c>name</c>, compressed.
/// </summary>
internal sealed class ConsoleFiles
{
    /// <summary>The archive, in the directory of the program.</summary>
    public static readonly string Archive = Path.Combine(AppContext.BaseDirectory, "console.zip");

    /// <summary>The directory of files whose names change with their content.</summary>
    public const string Assets = "/assets/";

    private const string Index = "index.html";

    /// <summary>What the build lists for itself.</summary>
    private const string Manifest = "manifest.json";

    /// <summary>In <see cref="Index"/>, the place of the nonce of style sheets.</summary>
    private const string NoncePlace = "TARN-STYLE-NONCE";

    private readonly FrozenDictionary<string, ConsoleFile> _files;
    private readonly string[] _page;

    private ConsoleFiles(FrozenDictionary<string, ConsoleFile> files, string[] page)
    {
        _files = files;
        _page = page;
    }

    /// <summary>Reads the archive, all of it: it may be replaced while the server runs. Null if there is none.</summary>
    /// <param name="path">The path of the archive.</param>
    /// <exception cref="StartupException">It cannot be read, or is no archive of a console.</exception>
    public static ConsoleFiles? Load(string path)
    {
        try
        {
            return File.Exists(path) ? Read(path) : null;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"the console cannot be read from {path}, which is a part of the program: build or install Tarn again ({e.Message})");
        }
    }

    private static ConsoleFiles Read(string path)
    {
        using ZipArchive archive = ZipFile.OpenRead(path);
        var contents = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            if (entry.FullName.EndsWith('/'))
            {
                continue;
            }

            var content = new MemoryStream();
            using Stream source = entry.Open();
            source.CopyTo(content);
            contents[entry.FullName] = content.ToArray();
        }

        if (!contents.Remove(Index, out byte[]? page))
        {
            throw new InvalidDataException($"{path} has no {Index}");
        }

        contents.Remove(Manifest);
        return new ConsoleFiles(
            contents.Where(file => !IsCompressed(file.Key, contents)).ToFrozenDictionary(
                static file => "/" + file.Key,
                file => new ConsoleFile(file.Key, file.Value, contents.GetValueOrDefault(file.Key + ".br"), contents.GetValueOrDefault(file.Key + ".gz")),
                StringComparer.Ordinal),
            Encoding.UTF8.GetString(page).Split(NoncePlace));
    }

    /// <summary>A file by the path of a request; null if there is none.</summary>
    public ConsoleFile? Find(string path) => _files.GetValueOrDefault(path);

    /// <summary>The page with a nonce.</summary>
    public byte[] Page(string nonce) => Encoding.UTF8.GetBytes(string.Join(nonce, _page));

    private static bool IsCompressed(string name, Dictionary<string, byte[]> all) =>
        Path.GetExtension(name) is ".br" or ".gz" && all.ContainsKey(name[..^3]);
}

/// <summary>A file of the console.</summary>
/// <param name="name">Its name in the archive.</param>
/// <param name="content">The bytes.</param>
/// <param name="brotli">The same, compressed with Brotli; null if it is not.</param>
/// <param name="gzip">The same, compressed with gzip; null if it is not.</param>
internal sealed class ConsoleFile(string name, byte[] content, byte[]? brotli, byte[]? gzip)
{
    public string ContentType { get; } = Path.GetExtension(name) switch
    {
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".png" => "image/png",
        ".ico" => "image/x-icon",
        ".woff2" => "font/woff2",
        ".json" or ".map" => "application/json",
        ".txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };

    /// <summary>Whether it never changes under this name.</summary>
    public bool IsLasting { get; } = ("/" + name).StartsWith(ConsoleFiles.Assets, StringComparison.Ordinal);

    /// <summary>The codings that it is kept in, the best first; <c>identity</c> is the last.</summary>
    public IReadOnlyList<ConsoleFileCoding> Codings { get; } = CodingsOf(content, brotli, gzip);

    private static List<ConsoleFileCoding> CodingsOf(byte[] content, byte[]? brotli, byte[]? gzip)
    {
        string tag = Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 16));
        var all = new List<ConsoleFileCoding>();
        if (brotli is not null)
        {
            all.Add(new("br", brotli, $"\"{tag}-br\""));
        }

        if (gzip is not null)
        {
            all.Add(new("gzip", gzip, $"\"{tag}-gz\""));
        }

        all.Add(new(ConsoleFileCoding.Identity, content, $"\"{tag}\""));
        return all;
    }
}

/// <summary>The content of a file in one coding.</summary>
/// <param name="Name">The coding, as in Content-Encoding.</param>
/// <param name="Content">The bytes.</param>
/// <param name="ETag">The entity tag, in quotes.</param>
internal sealed record ConsoleFileCoding(string Name, byte[] Content, string ETag)
{
    public const string Identity = "identity";
}
