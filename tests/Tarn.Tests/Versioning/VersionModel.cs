using System.Security.Cryptography;
using System.Text;
using Tarn.Core.Model;

namespace Tarn.Tests.Versioning;

/// <summary>
/// What Amazon documents of versions, and nothing else: lists in memory. Source: Amazon S3 User Guide, "How S3 Versioning
/// works", "Adding objects to / deleting object versions from a versioning-enabled / -suspended bucket".
/// </summary>
internal sealed class VersionModel
{
    private readonly SortedDictionary<string, List<ModelVersion>> _keys = new(StringComparer.Ordinal);
    private int _serial;

    public VersioningState State { get; set; }

    public IEnumerable<string> Keys => _keys.Keys;

    /// <summary>Newest first.</summary>
    public IReadOnlyList<ModelVersion> Versions(string key) => _keys.TryGetValue(key, out List<ModelVersion>? versions) ? versions : [];

    public ModelVersion? Current(string key) => Versions(key) is [{ IsMarker: false } newest, ..] ? newest : null;

    public ModelVersion? Find(string key, string? version) =>
        version is null ? Current(key) : Versions(key).FirstOrDefault(v => v.Name == version);

    /// <summary>A multipart upload begins: what it will make has its place now.</summary>
    public int Begin() => ++_serial;

    /// <summary>Adds an object or, without data, a marker, under the name that the engine gave it.</summary>
    public ModelVersion Push(string key, string name, string? data, string? etag = null, string tags = "", int? begun = null)
    {
        if (!_keys.TryGetValue(key, out List<ModelVersion>? versions))
        {
            _keys[key] = versions = [];
        }

        if (State != VersioningState.Enabled)
        {
            Assert.Equal("null", name);
            versions.RemoveAll(v => v.Name == "null");
        }
        else
        {
            Assert.NotEqual("null", name);
            Assert.DoesNotContain(versions, v => v.Name == name);
        }

        string tag = etag ?? (data is null ? "" : Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(data))));
        bool placed = begun is not null && State == VersioningState.Enabled;
        var version = new ModelVersion(key, name, data, tag, placed ? begun!.Value : ++_serial) { Tags = tags };
        versions.Insert(versions.Count(v => v.Serial > version.Serial), version);
        return version;
    }

    /// <summary>A delete without a version.</summary>
    public void Delete(string key, string? name)
    {
        if (State == VersioningState.Never)
        {
            _keys.Remove(key);
        }
        else
        {
            Push(key, name!, null);
        }
    }

    public void Remove(string key, string version)
    {
        if (_keys.TryGetValue(key, out List<ModelVersion>? versions) && versions.RemoveAll(v => v.Name == version) > 0 && versions.Count == 0)
        {
            _keys.Remove(key);
        }
    }

    /// <summary>Every live key, rolled up, as a listing after a marker has it.</summary>
    public List<string> List(string prefix, string delimiter, string after) =>
        RollUp(Keys.Where(k => Current(k) is not null && string.CompareOrdinal(k, after) > 0).Select(k => (k, k)), prefix, delimiter, after);

    /// <summary>Every version, as "key version latest", rolled up, as a listing after a key and (0 for none) a version's serial has it.</summary>
    public List<string> ListVersions(string prefix, string delimiter, string afterKey, int afterSerial)
    {
        IEnumerable<(string, string)> all = Keys.SelectMany(key => Versions(key)
            .Where(v => string.CompareOrdinal(key, afterKey) > 0 || (key == afterKey && v.Serial < afterSerial))
            .Select(v => (key, Describe(v, v == Versions(key)[0]))));
        return RollUp(all, prefix, delimiter, afterKey);
    }

    public static string Describe(ModelVersion v, bool latest) => $"{v.Key} {v.Name} {latest} {v.IsMarker} {v.ETag}";

    private static List<string> RollUp(IEnumerable<(string Key, string Text)> entries, string prefix, string delimiter, string after)
    {
        var result = new List<string>();
        foreach ((string key, string text) in entries.Where(e => e.Key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            int at = delimiter.Length == 0 ? -1 : key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal);
            string common = at < 0 ? "" : key[..(at + delimiter.Length)];
            if (at < 0)
            {
                result.Add(text);
            }
            else if (common != after && (result.Count == 0 || result[^1] != "prefix " + common))
            {
                result.Add("prefix " + common);
            }
        }

        return result;
    }
}

/// <summary>One version in the model.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Name">"null" or the engine's id.</param>
/// <param name="Data">Null for a delete marker.</param>
/// <param name="ETag">Without quotes; empty for a delete marker.</param>
/// <param name="Serial">Grows with every write to the model.</param>
internal sealed record ModelVersion(string Key, string Name, string? Data, string ETag, int Serial)
{
    public bool IsMarker => Data is null;

    public string Tags { get; set; } = "";
}
