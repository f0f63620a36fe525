using System.Text;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Listing;

namespace Tarn.Tests.Versioning;

/// <summary>Compares everything that a client can see of a bucket with the model.</summary>
internal sealed class VersionOracle
{
    private static readonly string[] Prefixes = ["", "", "a", "a/", "a/b", "b", "zz"];
    private static readonly string[] Delimiters = ["", "", "/", "b"];
    private static readonly string[] Markers = ["", "a", "a/", "a/b", "a/b/", "b", "c", "d"];

    public async Task CheckAsync(VersionedBucket bucket, VersionModel model, IReadOnlyList<ModelVersion> gone, string[] strangers, Random random)
    {
        foreach (string key in model.Keys.ToList())
        {
            Assert.Equal(model.Current(key)?.Data, await bucket.GetAsync(key));
            foreach (ModelVersion version in model.Versions(key))
            {
                Assert.Equal(version.Data ?? "(marker)", await bucket.GetAsync(key, version.Name));
                StoredObject found = (await bucket.FindAsync(key, version.Name))!;
                Assert.Equal(version.Name, found.VersionName);
                Assert.Equal(version.IsMarker ? "" : version.ETag, version.IsMarker ? "" : found.ETag.ToString());
                Assert.Equal(version.Tags, string.Concat(found.Metadata.Tags.Select(t => t.Value)));
                Assert.Equal(version == model.Versions(key)[0], found.Record.NoncurrentSince == 0);
            }
        }

        foreach ((string key, string name) in gone.TakeLast(5).Select(v => (v.Key, v.Name)).Concat(strangers.Select(s => ("a", s))))
        {
            if (model.Find(key, name) is null)
            {
                Assert.Null(await bucket.FindAsync(key, name));
            }
        }

        await CheckListingAsync(bucket, model, random);
        await CheckVersionsAsync(bucket, model, random);
    }

    private static async Task CheckListingAsync(VersionedBucket bucket, VersionModel model, Random random)
    {
        (string prefix, string delimiter, string after, int size) = Pick(random);
        var query = new ListQuery { Prefix = Utf8(prefix), Delimiter = Utf8(delimiter), After = after.Length == 0 ? null : Utf8(after), MaxKeys = size };
        var seen = new List<(string Order, string Text)>();
        while (true)
        {
            ObjectPage page = await bucket.Store.Lister.ListAsync(await bucket.NowAsync(), query, VersionedBucket.Token);
            seen.AddRange(page.Objects.Select(o => (o.Key.ToString(), o.Key.ToString())));
            seen.AddRange(page.CommonPrefixes.Select(p => (Text(p), "prefix " + Text(p))));
            int count = page.Objects.Count + page.CommonPrefixes.Count;
            Assert.True(page.IsTruncated ? count == size : count <= size);
            if (!page.IsTruncated)
            {
                break;
            }

            query = query with { After = page.Last };
        }

        Assert.Equal(model.List(prefix, delimiter, after), seen.OrderBy(s => s.Order, StringComparer.Ordinal).Select(s => s.Text));
    }

    private static async Task CheckVersionsAsync(VersionedBucket bucket, VersionModel model, Random random)
    {
        (string prefix, string delimiter, string after, int size) = Pick(random);
        (string? version, int serial) = (null, 0);
        ModelVersion[] marks = [.. model.Keys.SelectMany(model.Versions)];
        if (marks.Length > 0 && model.State != VersioningState.Never && random.Next(2) == 0)
        {
            ModelVersion mark = marks[random.Next(marks.Length)];
            (after, version, serial) = (mark.Key, mark.Name, mark.Serial);
        }

        var query = new VersionQuery
        {
            Prefix = Utf8(prefix), Delimiter = Utf8(delimiter), KeyMarker = after.Length == 0 ? null : Utf8(after), VersionMarker = version, MaxKeys = size,
        };
        var seen = new List<(string Order, string Text)>();
        while (true)
        {
            VersionPage page = await bucket.Store.Versions.ListAsync(await bucket.NowAsync(), query, VersionedBucket.Token);
            seen.AddRange(page.Versions.Select(v => (v.Key.ToString(), Describe(v))));
            seen.AddRange(page.CommonPrefixes.Select(p => (Text(p), "prefix " + Text(p))));
            int count = page.Versions.Count + page.CommonPrefixes.Count;
            Assert.True(page.IsTruncated ? count == size : count <= size);
            if (!page.IsTruncated)
            {
                break;
            }

            query = query with { KeyMarker = page.LastKey, VersionMarker = page.LastVersion };
        }

        Assert.Equal(model.ListVersions(prefix, delimiter, after, serial), seen.OrderBy(s => s.Order, StringComparer.Ordinal).Select(s => s.Text));
    }

    private static (string Prefix, string Delimiter, string After, int Size) Pick(Random random) =>
        (Prefixes[random.Next(Prefixes.Length)], Delimiters[random.Next(Delimiters.Length)],
            random.Next(2) == 0 ? "" : Markers[random.Next(Markers.Length)], random.Next(4) == 0 ? 1000 : random.Next(1, 6));

    private static string Describe(ListedVersion v) =>
        $"{v.Key} {v.Version.VersionName} {v.IsLatest} {v.Version.IsDeleteMarker} {(v.Version.IsDeleteMarker ? "" : v.Version.ETag.ToString())}";

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(byte[] utf8) => Encoding.UTF8.GetString(utf8);
}
