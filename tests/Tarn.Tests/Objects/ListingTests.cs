using System.Text;
using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects.Listing;
using Tarn.Core.Objects.Multipart;
using static Tarn.Tests.Objects.StoreFixture;

namespace Tarn.Tests.Objects;

/// <summary>Pages of every shape, joined, against the plain statement of what a listing is.</summary>
public sealed class ListingTests
{
    private static readonly string[] Pieces = ["a", "b", "/", "//", "\0", "\u0001", "é", "ab", "-"];

    [Fact]
    public async Task Pages_of_objects_joined_are_the_listing()
    {
        var random = new Random(5);
        for (int round = 0; round < 60; round++)
        {
            var fixture = new StoreFixture(round);
            Bucket bucket = await fixture.BucketAsync();
            List<byte[]> keys = NewKeys(random);
            foreach (byte[] key in keys)
            {
                await fixture.PutAsync(bucket, Encoding.UTF8.GetString(key), []);
            }

            for (int i = 0; i < 25; i++)
            {
                var query = new ListQuery
                {
                    Prefix = random.Next(2) == 0 ? [] : NewKey(random, 2),
                    Delimiter = random.Next(3) == 0 ? [] : Encoding.UTF8.GetBytes(random.Next(4) == 0 ? "//" : random.Next(6) == 0 ? "\0" : "/"),
                    After = random.Next(2) == 0 ? null : NewKey(random, 3),
                    MaxKeys = random.Next(1, 12),
                };
                var joined = new List<string>();
                ListQuery next = query;
                ObjectPage page;
                do
                {
                    page = await fixture.Store.Lister.ListAsync(bucket, next, Token);
                    Assert.InRange(page.Objects.Count + page.CommonPrefixes.Count, page.IsTruncated ? next.MaxKeys : 0, next.MaxKeys);
                    joined.AddRange(
                        page.Objects.Select(o => (Bytes: o.Key.Utf8, Kind: "key")).Concat(page.CommonPrefixes.Select(p => (Bytes: p, Kind: "prefix")))
                            .OrderBy(item => item.Bytes, ByteStringComparer.Instance).Select(item => $"{item.Kind} {Convert.ToHexString(item.Bytes)}"));
                    next = next with { After = page.Last };
                }
                while (page.IsTruncated);

                Assert.Equal(Oracle(keys, query.Prefix, query.Delimiter, query.After), joined);
            }
        }
    }

    [Fact]
    public async Task Pages_of_uploads_joined_are_the_listing()
    {
        var random = new Random(6);
        for (int round = 0; round < 40; round++)
        {
            var fixture = new StoreFixture(round);
            Bucket bucket = await fixture.BucketAsync();
            List<byte[]> keys = NewKeys(random);
            foreach (byte[] key in keys)
            {
                await fixture.BeginAsync(bucket, Encoding.UTF8.GetString(key));
            }

            for (int i = 0; i < 25; i++)
            {
                var query = new UploadQuery
                {
                    Prefix = random.Next(2) == 0 ? [] : NewKey(random, 2),
                    Delimiter = random.Next(3) == 0 ? [] : Encoding.UTF8.GetBytes(random.Next(4) == 0 ? "//" : "/"),
                    KeyMarker = random.Next(2) == 0 ? null : NewKey(random, 3),
                    MaxUploads = random.Next(1, 12),
                };
                var joined = new List<string>();
                UploadQuery next = query;
                UploadPage page;
                do
                {
                    page = await fixture.Store.Uploads.ListAsync(bucket, next, Token);
                    joined.AddRange(
                        page.Uploads.Select(u => (Bytes: u.Key.Utf8, Kind: "key")).Concat(page.CommonPrefixes.Select(p => (Bytes: p, Kind: "prefix")))
                            .OrderBy(item => item.Bytes, ByteStringComparer.Instance).Select(item => $"{item.Kind} {Convert.ToHexString(item.Bytes)}"));
                    next = next with { KeyMarker = page.LastKey, UploadIdMarker = page.LastUpload };
                }
                while (page.IsTruncated);

                Assert.Equal(Oracle(keys, query.Prefix, query.Delimiter, query.KeyMarker), joined);
            }
        }
    }

    [Fact]
    public async Task Uploads_of_one_key_are_paged_by_their_ids()
    {
        var fixture = new StoreFixture();
        Bucket bucket = await fixture.BucketAsync();
        var ids = new HashSet<UploadId>();
        for (int i = 0; i < 7; i++)
        {
            ids.Add((await fixture.BeginAsync(bucket, "key\0")).Id);
        }

        var query = new UploadQuery { MaxUploads = 2 };
        var seen = new List<UploadId>();
        UploadPage page;
        do
        {
            page = await fixture.Store.Uploads.ListAsync(bucket, query, Token);
            seen.AddRange(page.Uploads.Select(u => u.Id));
            query = query with { KeyMarker = page.LastKey, UploadIdMarker = page.LastUpload };
        }
        while (page.IsTruncated);

        Assert.Equal(7, seen.Count);
        Assert.Equal(ids, [.. seen]);
    }

    [Fact]
    public async Task A_page_of_nothing_is_empty_and_not_truncated()
    {
        var fixture = new StoreFixture();
        Bucket bucket = await fixture.BucketAsync();
        await fixture.PutAsync(bucket, "key", []);
        await fixture.BeginAsync(bucket, "key");
        Assert.False((await fixture.Store.Lister.ListAsync(bucket, new ListQuery { MaxKeys = 0 }, Token)).IsTruncated);
        UploadPage page = await fixture.Store.Uploads.ListAsync(bucket, new UploadQuery { MaxUploads = 0 }, Token);
        Assert.False(page.IsTruncated);
        Assert.Empty(page.Uploads);
    }

    private static List<string> Oracle(IEnumerable<byte[]> keys, byte[] prefix, byte[] delimiter, byte[]? after)
    {
        var result = new List<string>();
        foreach (byte[] key in keys.Where(key => key.AsSpan().StartsWith(prefix) && (after is null || key.AsSpan().SequenceCompareTo(after) > 0)))
        {
            int at = delimiter.Length == 0 ? -1 : key.AsSpan(prefix.Length).IndexOf(delimiter);
            byte[] shown = at < 0 ? key : key[..(prefix.Length + at + delimiter.Length)];
            string line = $"{(at < 0 ? "key" : "prefix")} {Convert.ToHexString(shown)}";
            if (at < 0 || (!(after is not null && shown.AsSpan().SequenceEqual(after)) && (result.Count == 0 || result[^1] != line)))
            {
                result.Add(line);
            }
        }

        return result;
    }

    private static List<byte[]> NewKeys(Random random) => Enumerable.Range(0, random.Next(40)).Select(_ => NewKey(random, 5))
        .Distinct(ByteStringComparer.Instance).Order(ByteStringComparer.Instance).ToList();

    private static byte[] NewKey(Random random, int pieces) => Encoding.UTF8.GetBytes(
        string.Concat(Enumerable.Range(0, random.Next(1, pieces + 1)).Select(_ => Pieces[random.Next(Pieces.Length)])));
}
