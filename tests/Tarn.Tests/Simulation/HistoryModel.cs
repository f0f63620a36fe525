using System.Collections.Immutable;
using System.Security.Cryptography;
using Tarn.Core.Objects.Multipart;

namespace Tarn.Tests.Simulation;

/// <summary>What a client of the store must see: plain maps.</summary>
internal sealed record HistoryModel
{
    public ImmutableSortedSet<string> Buckets { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    public ImmutableDictionary<(string Bucket, string Key), ModelObject> Objects { get; init; } =
        ImmutableDictionary<(string, string), ModelObject>.Empty;

    public ImmutableList<ModelUpload> Uploads { get; init; } = [];

    /// <summary>Buckets whose versions may keep them from being deleted. Not shown.</summary>
    public ImmutableHashSet<string> Versioned { get; init; } = [];

    /// <summary>A key is written: the object is there, or, without one, it is not. Uploads of it that began up to <paramref name="until"/> are overtaken.</summary>
    public HistoryModel Write(string bucket, string key, ModelObject? written, int until = int.MaxValue) => this with
    {
        Objects = written is null ? Objects.Remove((bucket, key)) : Objects.SetItem((bucket, key), written),
        Uploads = Uploads.ConvertAll(u => u.Bucket == bucket && u.Key == key && u.Overtaken != Overtaking.Yes && Uploads.IndexOf(u) < until
            ? u with { Overtaken = Versioned.Contains(bucket) ? Overtaking.Yes : Overtaking.Unsure }
            : u),
    };

    /// <summary>The whole state as text, to compare.</summary>
    public string Render()
    {
        IEnumerable<string> objects = Objects.Select(o => Line(o.Key.Bucket, o.Key.Key, o.Value.Bytes, o.Value.Type));
        IEnumerable<string> uploads = Uploads.Select(u => Line(u.Bucket, u.Key, u.Parts.Select(p => (p.Key, Hex(p.Value)))));
        return Render(Buckets, objects, uploads);
    }

    public static string Render(IEnumerable<string> buckets, IEnumerable<string> objects, IEnumerable<string> uploads) =>
        string.Join('\n', [.. buckets, .. objects.Order(StringComparer.Ordinal), .. uploads.Order(StringComparer.Ordinal)]);

    public static string Line(string bucket, string key, byte[] bytes, string type) => $"object {bucket} {key} {bytes.Length} {Hex(bytes)} {type}";

    public static string Line(string bucket, string key, IEnumerable<(int Number, string ETag)> parts) =>
        $"upload {bucket} {key} {string.Join(' ', parts.Select(p => $"{p.Number}={p.ETag}"))}";

    public static string Hex(byte[] bytes) => Convert.ToHexStringLower(MD5.HashData(bytes));
}

internal sealed record ModelObject(byte[] Bytes, string Type);

internal sealed record ModelUpload(string Bucket, string Key, UploadHandle Handle, ImmutableSortedDictionary<int, byte[]> Parts)
{
    /// <summary>Whether its key was written after it began: where versions are kept, its object is then not the newest.</summary>
    public Overtaking Overtaken { get; init; }
}

internal enum Overtaking
{
    No,

    /// <summary>Written before the bucket kept versions: times have whole seconds, so they do not show which came first.</summary>
    Unsure,
    Yes,
}

/// <summary>The upload's id, once the server has returned it.</summary>
internal sealed class UploadHandle
{
    public MultipartUpload? Upload { get; set; }
}
