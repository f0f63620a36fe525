using System.Net;
using System.Xml.Linq;
using Tarn.Core.Disks.Listing;
using Tarn.TestKit.Http;

namespace Tarn.Tests.Disks;

/// <summary>A disk as a client sees it.</summary>
public sealed class DiskHttpTests
{
    private static readonly XNamespace S3 = "http://s3.amazonaws.com/doc/2006-03-01/";

    [Fact]
    public async Task A_file_is_read_whole_in_part_and_only_if_it_is_another()
    {
        await using DiskServer server = await DiskServer.StartAsync();
        byte[] content = Objects.StoreFixture.Bytes(300_000);
        server.Write("dir/data.bin", content);
        RawS3Response whole = (await server.GetAsync("dir/data.bin")).Expect();
        Assert.Equal(content, whole.Body);
        Assert.Equal("bytes", whole.Header("Accept-Ranges"));
        Assert.Equal("application/octet-stream", whole.Header("Content-Type"));
        string etag = whole.Header("ETag")!;
        Assert.Matches("^\"[0-9a-f]{32}-1\"$", etag);
        RawS3Response head = (await server.HeadAsync("dir/data.bin")).Expect();
        foreach (string name in new[] { "ETag", "Content-Length", "Content-Type", "Last-Modified", "Accept-Ranges" })
        {
            Assert.Equal(whole.Header(name), head.Header(name));
        }

        RawS3Response part = await server.GetAsync("dir/data.bin", ("Range", "bytes=100-199"));
        Assert.Equal((HttpStatusCode.PartialContent, "bytes 100-199/300000"), (part.Status, part.Header("Content-Range")));
        Assert.Equal(content[100..200], part.Body);
        Assert.Equal(content[^5..], (await server.GetAsync("dir/data.bin", ("Range", "bytes=-5"))).Body);
        Assert.Equal(content[70_000..], (await server.GetAsync("dir/data.bin", ("Range", "bytes=70000-"))).Body);
        Assert.Equal(content, (await server.GetAsync("dir/data.bin", ("Range", "bytes=0-1,5-6"))).Body);
        RawS3Response beyond = await server.GetAsync("dir/data.bin", ("Range", "bytes=300000-"));
        Assert.Equal((HttpStatusCode.RequestedRangeNotSatisfiable, "InvalidRange", "bytes"), (beyond.Status, beyond.ErrorCode, beyond.Header("Accept-Ranges")));
        Assert.Equal(content, (await server.QueryAsync("dir/data.bin", ("partNumber", "1"))).Body);
        Assert.Equal("InvalidPartNumber", (await server.QueryAsync("dir/data.bin", ("partNumber", "2"))).ErrorCode);

        RawS3Response same = await server.GetAsync("dir/data.bin", ("If-None-Match", etag));
        Assert.Equal((HttpStatusCode.NotModified, "bytes"), (same.Status, same.Header("Accept-Ranges")));
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await server.GetAsync("dir/data.bin", ("If-Match", "\"00000000000000000000000000000000-1\""))).Status);
        Assert.Equal(HttpStatusCode.PartialContent, (await server.GetAsync("dir/data.bin", ("If-Range", etag), ("Range", "bytes=0-0"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("dir/data.bin", ("If-Range", "\"x\""), ("Range", "bytes=0-0"))).Status);
        RawS3Response named = await server.QueryAsync("dir/data.bin", ("response-content-type", "x/y"), ("response-content-disposition", "inline"));
        Assert.Equal(("x/y", "inline"), (named.Header("Content-Type"), named.Header("Content-Disposition")));

        server.Write("dir/data.bin", content[1..]);
        Assert.Equal(content[1..], (await server.GetAsync("dir/data.bin", ("If-None-Match", etag))).Expect().Body);
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("dir/data.bin", ("If-Range", etag), ("Range", "bytes=0-0"))).Status);
        server.Write("empty", "");
        RawS3Response empty = (await server.GetAsync("empty")).Expect();
        Assert.Equal(("0", "text/plain"), (empty.Header("Content-Length"), empty.Header("Content-Type")));
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../data/format")]
    [InlineData("a/../a/b")]
    [InlineData("a//b")]
    [InlineData("./a/b")]
    [InlineData("a/./b")]
    [InlineData("/a/b")]
    [InlineData("a/b/")]
    [InlineData("a")]
    [InlineData("a/")]
    [InlineData("missing")]
    [InlineData("a/b/c")]
    [InlineData("pipe")]
    public async Task What_is_not_the_path_of_a_file_is_no_key(string key)
    {
        await using DiskServer server = await DiskServer.StartAsync();
        server.Write("a/b", "b");
        using (var root = RawFiles.OpenDirectory(server.Files.Tree))
        {
            RawFiles.MakePipe(root, "pipe");
        }

        RawS3Response get = await server.GetAsync(key);
        Assert.Equal((HttpStatusCode.NotFound, "NoSuchKey", "bytes"), (get.Status, get.ErrorCode, get.Header("Accept-Ranges")));
        Assert.Equal(HttpStatusCode.NotFound, (await server.HeadAsync(key)).Status);
        using RawS3Client escaped = server.ClientOf("DISKKEY", server.Bucket, escaped: true);
        RawS3Response hidden = await escaped.GetAsync(server.Bucket, key.Replace("/", "%2F", StringComparison.Ordinal));
        Assert.Equal((HttpStatusCode.NotFound, "NoSuchKey"), (hidden.Status, hidden.ErrorCode));
    }

    [Fact]
    public async Task Names_of_any_bytes_are_read_by_their_escapes_and_listed_where_xml_can_hold_them()
    {
        await using DiskServer server = await DiskServer.StartAsync();
        string longest = new('n', 255);
        string deep = string.Join('/', Enumerable.Repeat(new string('d', 199), 20));
        var tree = new ModelTree();
        tree.Root["caf\u00c3\u00a9 +&<>%2F"] = new ModelNode.Regular("1"u8.ToArray());
        tree.Root["latin-\u00e9"] = new ModelNode.Regular("2"u8.ToArray());
        tree.Root["new\nline\ttab\rreturn"] = new ModelNode.Regular("3"u8.ToArray());
        tree.Root["bell\u0007"] = new ModelNode.Regular("4"u8.ToArray());
        tree.Root[longest] = new ModelNode.Regular("5"u8.ToArray());
        ModelNode.Folder folder = tree.Root;
        foreach (string name in deep.Split('/')[..^1])
        {
            var below = new ModelNode.Folder();
            folder[name] = below;
            folder = below;
        }

        folder[deep.Split('/')[^1]] = new ModelNode.Regular("6"u8.ToArray());
        tree.Make(server.Files.Tree);
        Assert.Equal(3999, deep.Length);

        using RawS3Client escaped = server.ClientOf("DISKKEY", server.Bucket, escaped: true);
        string[] keys = ["caf\u00c3\u00a9 +&<>%2F", "latin-\u00e9", "new\nline\ttab\rreturn", "bell\u0007", longest, deep];
        for (int i = 0; i < keys.Length; i++)
        {
            string path = Escape(keys[i]);
            Assert.Equal((i + 1).ToString(System.Globalization.CultureInfo.InvariantCulture), (await escaped.GetAsync(server.Bucket, path)).Expect().Text);
        }

        XElement plain = (await server.QueryAsync(null, ("list-type", "2"))).Expect().Xml;
        Assert.Equal(
            [("café +&<>%2F"), deep, "new\nline\ttab\rreturn", longest],
            plain.Elements(S3 + "Contents").Select(e => e.Element(S3 + "Key")!.Value).Order(StringComparer.Ordinal));
        XElement url = (await server.QueryAsync(null, ("list-type", "2"), ("encoding-type", "url"))).Expect().Xml;
        Assert.Equal(
            ["bell%07", "caf%C3%A9%20%2B%26%3C%3E%252F", deep, "new%0Aline%09tab%0Dreturn", longest],
            url.Elements(S3 + "Contents").Select(e => e.Element(S3 + "Key")!.Value));
        Assert.Contains(server.Files.LeftOut, l => l.Reason == LeftOutReason.Encoding);
        Assert.Contains(server.Files.LeftOut, l => l.Reason == LeftOutReason.Characters);
        Assert.Equal("KeyTooLongError", (await escaped.GetAsync(server.Bucket, new string('k', 4096))).ErrorCode);
        Assert.Equal("NoSuchKey", (await escaped.GetAsync(server.Bucket, longest + "n")).ErrorCode);
    }

    [Fact]
    public async Task Both_listings_page_through_files_and_directories()
    {
        await using DiskServer server = await DiskServer.StartAsync();
        foreach (string key in new[] { "a", "a.b", "a-b", "b/x", "b/y/z", "c" })
        {
            server.Write(key, key);
        }

        Directory.CreateDirectory(Path.Combine(server.Files.Tree, "empty"));
        Assert.Equal(["a", "a-b", "a.b", "b/x", "b/y/z", "c"], (await server.Client.ListAsync(server.Bucket)).Select(o => o.Key));
        XElement one = (await server.QueryAsync(null, ("list-type", "2"), ("delimiter", "/"), ("max-keys", "4"))).Expect().Xml;
        Assert.Equal(["a", "a-b", "a.b"], one.Elements(S3 + "Contents").Select(e => e.Element(S3 + "Key")!.Value));
        Assert.Equal(["b/"], one.Elements(S3 + "CommonPrefixes").Select(e => e.Element(S3 + "Prefix")!.Value));
        Assert.Equal(("4", "true", server.Bucket), (one.Element(S3 + "KeyCount")!.Value, one.Element(S3 + "IsTruncated")!.Value, one.Element(S3 + "Name")!.Value));
        XElement two = (await server.QueryAsync(
            null, ("list-type", "2"), ("delimiter", "/"), ("fetch-owner", "true"), ("continuation-token", one.Element(S3 + "NextContinuationToken")!.Value))).Expect().Xml;
        Assert.Equal(["c"], two.Elements(S3 + "Contents").Select(e => e.Element(S3 + "Key")!.Value));
        Assert.Equal(["empty/"], two.Elements(S3 + "CommonPrefixes").Select(e => e.Element(S3 + "Prefix")!.Value));
        XElement entry = two.Element(S3 + "Contents")!;
        RawS3Response head = await server.HeadAsync("c");
        Assert.Equal((head.Header("ETag"), "1", "STANDARD"), (entry.Element(S3 + "ETag")!.Value, entry.Element(S3 + "Size")!.Value, entry.Element(S3 + "StorageClass")!.Value));
        Assert.Equal(DateTimeOffset.Parse(head.Header("Last-Modified")!, null), DateTimeOffset.Parse(entry.Element(S3 + "LastModified")!.Value, null));
        Assert.Equal((DiskServer.OwnerId, "Owner"), (entry.Element(S3 + "Owner")!.Element(S3 + "ID")!.Value, entry.Element(S3 + "Owner")!.Element(S3 + "DisplayName")!.Value));

        XElement first = (await server.QueryAsync(null, ("marker", "a.b"), ("max-keys", "2"))).Expect().Xml;
        Assert.Equal(["b/x", "b/y/z"], first.Elements(S3 + "Contents").Select(e => e.Element(S3 + "Key")!.Value));
        XElement after = (await server.QueryAsync(null, ("list-type", "2"), ("start-after", "b/x"), ("prefix", "b/"))).Expect().Xml;
        Assert.Equal(["b/y/z"], after.Elements(S3 + "Contents").Select(e => e.Element(S3 + "Key")!.Value));
        foreach (string delimiter in new[] { ".", "//", "b", " /" })
        {
            RawS3Response refused = await server.QueryAsync(null, ("list-type", "2"), ("delimiter", delimiter));
            Assert.Equal((HttpStatusCode.BadRequest, "InvalidArgument", "bytes"), (refused.Status, refused.ErrorCode, refused.Header("Accept-Ranges")));
        }
    }

    [Fact]
    public async Task A_page_without_keys_still_leads_on()
    {
        await using DiskServer server = await DiskServer.StartAsync(new DiskOptions { MaxDirectoriesPerPage = 3 });
        for (int i = 0; i < 10; i++)
        {
            Directory.CreateDirectory(Path.Combine(server.Files.Tree, $"empty{i}"));
        }

        server.Write("last", "!");
        Assert.Equal(["last"], (await server.Client.ListAsync(server.Bucket)).Select(o => o.Key));
        XElement first = (await server.QueryAsync(null)).Expect().Xml;
        Assert.Equal(("true", "empty3/"), (first.Element(S3 + "IsTruncated")!.Value, first.Element(S3 + "NextMarker")!.Value));
    }

    [Fact]
    public async Task The_attributes_of_a_file()
    {
        await using DiskServer server = await DiskServer.StartAsync();
        server.Write("k", "value");
        RawS3Response answer = (await server.Client.SendAsync(
            HttpMethod.Get, server.Bucket, "k", new Dictionary<string, string> { ["attributes"] = "" },
            new Dictionary<string, string> { ["x-amz-object-attributes"] = "ETag,ObjectSize,StorageClass,Checksum,ObjectParts" })).Expect();
        Assert.Equal(
            [("ETag", (await server.GetAsync("k")).Header("ETag")!.Trim('"')), ("StorageClass", "STANDARD"), ("ObjectSize", "5")],
            answer.Xml.Elements().Select(element => (element.Name.LocalName, element.Value)));
    }

    [Fact]
    public async Task The_time_of_a_file_from_the_future_is_that_of_the_answer()
    {
        await using DiskServer server = await DiskServer.StartAsync();
        server.Write("k", "value");
        File.SetLastWriteTimeUtc(Path.Combine(server.Files.Tree, "k"), new DateTime(2101, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        RawS3Response attributes = await server.Client.SendAsync(
            HttpMethod.Get, server.Bucket, "k", new Dictionary<string, string> { ["attributes"] = "" }, new Dictionary<string, string> { ["x-amz-object-attributes"] = "ETag" });
        foreach (RawS3Response answer in new[] { await server.GetAsync("k"), await server.HeadAsync("k"), attributes })
        {
            Assert.Equal(answer.Expect().Header("Date"), answer.Header("Last-Modified"));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_whose_file_changes_ends_before_its_last_bytes(bool changes)
    {
        await using DiskServer server = await DiskServer.StartAsync();

        // More than the buffers in between hold: the server has not read all of it when the first bytes arrive.
        byte[] content = new byte[96 << 20];
        server.Write("large", content);
        using HttpResponseMessage answer = await server.Client.OpenAsync(server.Bucket, "large");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        if (changes)
        {
            await using FileStream file = File.OpenWrite(Path.Combine(server.Files.Tree, "large"));
            file.Seek(-1, SeekOrigin.End);
            file.WriteByte(1);
        }

        if (changes)
        {
            await Assert.ThrowsAsync<HttpRequestException>(async () => await answer.Content.ReadAsByteArrayAsync(DiskFixture.Token));
        }
        else
        {
            Assert.Equal(content, await answer.Content.ReadAsByteArrayAsync(DiskFixture.Token));
        }
    }

    [Fact]
    public async Task A_disk_whose_directory_is_gone_is_unavailable_and_comes_back()
    {
        await using DiskServer server = await DiskServer.StartAsync();
        server.Write("k", "v");
        Directory.Move(server.Files.Tree, server.Files.Tree + "-away");
        Assert.Equal("ServiceUnavailable", (await server.GetAsync("k")).ErrorCode);
        Assert.Equal("ServiceUnavailable", (await server.QueryAsync(null, ("list-type", "2"))).ErrorCode);
        Directory.Move(server.Files.Tree + "-away", server.Files.Tree);
        Assert.Equal("v", (await server.GetAsync("k")).Text);
    }

    [Theory]
    [InlineData("page.html", "anything", "text/html")]
    [InlineData("PAGE.HTML", "anything", "text/html")]
    [InlineData("picture.png", "no picture", "image/png")]
    [InlineData("notes.md", "#", "text/markdown")]
    [InlineData("table.parquet", "PAR1", "application/vnd.apache.parquet")]
    [InlineData("dir.d/README", "plain words", "text/plain")]
    [InlineData("no-extension", "  <!doctype HTML>", "text/html")]
    [InlineData("archive.unknownext", "PK\u0003\u0004", "application/zip")]
    [InlineData(".png", "hidden", "image/png")]
    public async Task The_content_type_comes_from_the_name_and_else_from_the_bytes(string key, string content, string type)
    {
        await using DiskServer server = await DiskServer.StartAsync();
        server.Write(key, content);
        Assert.Equal(type, (await server.GetAsync(key)).Expect().Header("Content-Type"));
        Assert.Equal(type, (await server.HeadAsync(key)).Expect().Header("Content-Type"));
        Assert.Equal(type, (await server.GetAsync(key, ("Range", "bytes=0-0"))).Header("Content-Type"));
    }

    /// <summary>Escapes each byte except those that are signed unescaped.</summary>
    private static string Escape(string key) =>
        string.Concat(key.Select(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '-' or '.' or '_' or '~' ? c.ToString() : $"%{(int)c:X2}"));
}
