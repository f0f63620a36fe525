using System.Text;
using Microsoft.AspNetCore.StaticFiles;

namespace Tarn.S3.Wire;

/// <summary>
/// The content type of a file by its extension: ASP.NET Core's table, with additions and newer names. Source: the IANA
/// registry of media types.
/// </summary>
internal static class ContentTypes
{
    private const int LongestExtension = 24;

    private static readonly FileExtensionContentTypeProvider Known = new();

    static ContentTypes()
    {
        foreach ((string extension, string type) in new[]
        {
            (".avif", "image/avif"), (".bz2", "application/x-bzip2"), (".conf", "text/plain"), (".flac", "audio/flac"), (".go", "text/plain"),
            (".gz", "application/gzip"), (".heic", "image/heic"), (".heif", "image/heif"), (".ini", "text/plain"), (".ipynb", "application/x-ipynb+json"),
            (".jsonl", "application/jsonl"), (".jxl", "image/jxl"), (".log", "text/plain"), (".md", "text/markdown"), (".mjs", "text/javascript"),
            (".mkv", "video/x-matroska"), (".ndjson", "application/x-ndjson"), (".opus", "audio/ogg"), (".parquet", "application/vnd.apache.parquet"),
            (".py", "text/x-python"), (".rs", "text/plain"), (".sh", "application/x-sh"), (".toml", "application/toml"), (".ts", "video/mp2t"),
            (".tsv", "text/tab-separated-values"), (".xz", "application/x-xz"), (".yaml", "application/yaml"), (".yml", "application/yaml"),
            (".zst", "application/zstd"), (".wasm", "application/wasm"), (".webp", "image/webp"), (".7z", "application/x-7z-compressed"),
        })
        {
            Known.Mappings[extension] = type;
        }
    }

    /// <summary>The content type; null when the extension is missing or unknown.</summary>
    public static string? Of(ReadOnlySpan<byte> key)
    {
        ReadOnlySpan<byte> name = key[(key.LastIndexOf((byte)'/') + 1)..];
        int dot = name.LastIndexOf((byte)'.');
        ReadOnlySpan<byte> extension = dot < 0 ? default : name[dot..];
        return extension.Length is > 1 and <= LongestExtension && Ascii.IsValid(extension)
            && Known.Mappings.TryGetValue(Encoding.ASCII.GetString(extension), out string? type) ? type : null;
    }
}
