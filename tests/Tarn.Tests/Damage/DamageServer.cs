using System.Globalization;
using System.Net;
using System.Text;
using Tarn.Backends.Files;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Buckets;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Core.Mirroring;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;
using Tarn.Core.Sharing;
using Tarn.Core.Storage;
using Tarn.S3.Sharing;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
using Tarn.Tests.Mirroring;

namespace Tarn.Tests.Damage;

/// <summary>A server whose blobs are files, with what a test needs to damage them and to see what clients get.</summary>
internal sealed class DamageServer : IAsyncDisposable
{
    public const string Bucket = "damaged";

    private readonly InProcessServer _server;
    private readonly TemporaryDirectory _directory;
    private readonly MemoryKeyValueStore _rows;
    private readonly FileBlobStore _blobs;
    private TemporaryDirectory? _other;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });

    private DamageServer(InProcessServer server, TemporaryDirectory directory, MemoryKeyValueStore rows, FileBlobStore blobs)
    {
        _server = server;
        _directory = directory;
        _rows = rows;
        _blobs = blobs;
        S3 = new RawS3Client(new TarnEndpoint(new Uri(server.S3Url + "/"), InProcessServer.RootAccessKey, InProcessServer.RootSecretKey));
    }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public RawS3Client S3 { get; }

    public ObjectStore Objects => _server.Get<ObjectStore>();

    public static async Task<DamageServer> StartAsync(VerifyReads mode)
    {
        var directory = new TemporaryDirectory("damage");
        var rows = new MemoryKeyValueStore();
        var blobs = new FileBlobStore(directory.FullPath, fsync: false);
        return await StartAsync(mode, directory, rows, blobs, rows, blobs);
    }

    /// <summary>Starts a server with a mirror; what is damaged is the leading side.</summary>
    public static async Task<DamageServer> StartMirroredAsync(VerifyReads mode)
    {
        var directory = new TemporaryDirectory("damage");
        var other = new TemporaryDirectory("damage-mirror");
        var rows = new MemoryKeyValueStore();
        var blobs = new FileBlobStore(directory.FullPath, fsync: false);
        MirroredStores mirrored = await MirroredStores.OpenAsync(
            new MirrorStores(rows, blobs), new MirrorStores(new MemoryKeyValueStore(), new FileBlobStore(other.FullPath, fsync: false)));
        DamageServer made = await StartAsync(mode, directory, rows, blobs, mirrored.Mirror.Metadata, mirrored.Mirror.Blobs);
        (made.Mirrored, made._other) = (mirrored, other);
        return made;
    }

    private static async Task<DamageServer> StartAsync(
        VerifyReads mode, TemporaryDirectory directory, MemoryKeyValueStore rows, FileBlobStore blobs, IKeyValueStore metadata, IBlobStore data)
    {
        InProcessServer server = await InProcessServer.StartAsync(new InProcessSetup
        {
            Metadata = metadata,
            Blobs = data,
            Options = InProcessServer.Options with { VerifyReads = mode },
        });
        var made = new DamageServer(server, directory, rows, blobs);
        await made.S3.CreateBucketAsync(Bucket);
        return made;
    }

    /// <summary>The mirror; null without one.</summary>
    public MirroredStores? Mirrored { get; private set; }

    /// <summary>Whether both sides have the same bytes of a blob.</summary>
    public bool IsSameOnBoth(BlobId blob)
    {
        string other = Directory.EnumerateFiles(_other!.FullPath, blob.ToString(), SearchOption.AllDirectories).Single();
        return File.ReadAllBytes(PathOf(blob)).AsSpan().SequenceEqual(File.ReadAllBytes(other));
    }

    public async Task<StoredObject> FindAsync(string key)
    {
        Bucket bucket = await BucketAsync();
        return Assert.IsType<StoredObject>(await Objects.Reader.FindAsync(bucket, Key(key), Token));
    }

    /// <summary>The blobs of an object, in the order of its bytes.</summary>
    public async Task<IReadOnlyList<BlobId>> BlobsAsync(string key)
    {
        StoredObject found = await FindAsync(key);
        return [.. (await Objects.Reader.ExtentsAsync(found, 0, found.Size, Token)).Select(extent => extent.Blob)];
    }

    /// <summary>The blob of a part of an upload in progress.</summary>
    public async Task<BlobId> PartBlobAsync(string uploadId, int part)
    {
        Assert.True(UploadId.TryParse(uploadId, out UploadId id));
        return PartRecord.Decode((await _rows.GetAsync(Tables.PartKey(id, part), Token))!).Extents[0].Blob;
    }

    /// <summary>Changes the file of a blob; null removes it.</summary>
    public async Task ChangeAsync(BlobId blob, Func<byte[], byte[]?> change)
    {
        string path = PathOf(blob);
        if (change(await File.ReadAllBytesAsync(path, Token)) is { } changed)
        {
            await File.WriteAllBytesAsync(path, changed, Token);
        }
        else
        {
            File.Delete(path);
        }
    }

    public async Task SwapAsync(BlobId one, BlobId other)
    {
        byte[] kept = await File.ReadAllBytesAsync(PathOf(one), Token);
        await ChangeAsync(one, _ => File.ReadAllBytes(PathOf(other)));
        await ChangeAsync(other, _ => kept);
    }

    /// <summary>Writes into the file of a blob, as often as it takes for the clock of the file system to tell that it changed.</summary>
    public async Task WriteIntoAsync(BlobId blob, int offset, byte[] bytes)
    {
        BlobStamp before = await StampAsync(blob);
        do
        {
            await using var file = new FileStream(PathOf(blob), FileMode.Open, FileAccess.Write);
            file.Position = offset;
            await file.WriteAsync(bytes, Token);
        }
        while (await StampAsync(blob) == before);
    }

    /// <summary>Puts another file in the place of a blob's.</summary>
    public async Task ReplaceAsync(BlobId blob, Func<byte[], byte[]> change)
    {
        string path = PathOf(blob), made = Path.Combine(_directory.FullPath, "made");
        await File.WriteAllBytesAsync(made, change(await File.ReadAllBytesAsync(path, Token)), Token);
        File.Move(made, path, overwrite: true);
    }

    /// <summary>Exchanges the names of two files.</summary>
    public void Exchange(BlobId one, BlobId other)
    {
        string first = PathOf(one), second = PathOf(other), aside = Path.Combine(_directory.FullPath, "aside");
        File.Move(first, aside);
        File.Move(second, first);
        File.Move(aside, second);
    }

    /// <summary>Moves a blob's file away; the action brings it back.</summary>
    public Action TakeAway(BlobId blob)
    {
        string path = PathOf(blob), aside = Path.Combine(_directory.FullPath, "away");
        File.Move(path, aside);
        return () => File.Move(aside, path);
    }

    private async Task<BlobStamp> StampAsync(BlobId blob)
    {
        await using IBlobReader reader = (await _blobs.OpenAsync(blob, Token))!;
        return reader.Stamp;
    }

    /// <summary>Changes the row of a small object; null removes it.</summary>
    public async Task ChangeRowAsync(string key, Func<byte[], byte[]?> change)
    {
        byte[] row = await RowAsync(key);
        byte[]? changed = change([.. (await _rows.GetAsync(row, Token))!]);
        Assert.True(await _rows.CommitAsync(changed is null ? new KeyValueBatch().Delete(row) : new KeyValueBatch().Put(row, changed), Token));
    }

    public async Task SwapRowsAsync(string one, string other)
    {
        byte[] kept = (await _rows.GetAsync(await RowAsync(one), Token))!, others = (await _rows.GetAsync(await RowAsync(other), Token))!;
        await ChangeRowAsync(one, _ => others);
        await ChangeRowAsync(other, _ => kept);
    }

    /// <summary>Sends a request and reads its answer as it comes.</summary>
    public async Task<Answered> SendAsync(
        HttpMethod method, string key, Dictionary<string, string>? query = null, Dictionary<string, string>? headers = null, byte[]? body = null)
    {
        try
        {
            RawS3Response answer = await S3.SendAsync(method, Bucket, key, query, headers, body);
            return new Answered((int)answer.Status, answer.Body, IsWhole: true, answer);
        }
        catch (HttpRequestException)
        {
            return new Answered(0, [], IsWhole: false, null);
        }
    }

    /// <summary>GetObject, with the bytes that arrived even if the connection was cut.</summary>
    public async Task<Answered> GetAsync(string key)
    {
        using HttpResponseMessage answer = await S3.OpenAsync(Bucket, key);
        return await ReadAsync(answer);
    }

    /// <summary>Uses a share link to an object.</summary>
    public async Task<Answered> ShareAsync(string key, HttpMethod method)
    {
        Bucket bucket = await BucketAsync();
        Organization root = (await _server.Get<Organizations>().FindAsync(Organizations.Root, Token))!;
        NewShareLink link = await _server.Get<ShareLinks>().CreateAsync(
            Organizations.Root, root.CanonicalId, new ShareTarget(Bucket, bucket.Id, Encoding.UTF8.GetBytes(key), null), TimeSpan.FromHours(1), "test", Token);
        using var request = new HttpRequestMessage(method, _server.ControlUrl + ShareService.Path + link.Token);
        using HttpResponseMessage answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        return await ReadAsync(answer);
    }

    /// <summary>Begins a multipart upload and stores its parts.</summary>
    public async Task<(string Id, byte[] Completion)> UploadAsync(string key, params byte[][] parts)
    {
        RawS3Response created = (await S3.SendAsync(HttpMethod.Post, Bucket, key, new Dictionary<string, string> { ["uploads"] = "" })).Expect();
        string id = created.Xml.Elements().Single(e => e.Name.LocalName == "UploadId").Value;
        var xml = new StringBuilder("<CompleteMultipartUpload>");
        for (int number = 1; number <= parts.Length; number++)
        {
            RawS3Response part = (await S3.SendAsync(HttpMethod.Put, Bucket, key, Part(id, number), body: parts[number - 1])).Expect();
            xml.Append(CultureInfo.InvariantCulture, $"<Part><PartNumber>{number}</PartNumber><ETag>{part.Header("ETag")}</ETag></Part>");
        }

        return (id, Encoding.UTF8.GetBytes(xml.Append("</CompleteMultipartUpload>").ToString()));
    }

    public static Dictionary<string, string> Part(string uploadId, int number) =>
        new() { ["partNumber"] = number.ToString(CultureInfo.InvariantCulture), ["uploadId"] = uploadId };

    /// <summary>The keys of the damaged objects and parts that are known.</summary>
    public async Task<IReadOnlyList<DamagedObject>> ListAsync(string key)
    {
        var found = new List<DamagedObject>();
        await foreach (DamagedObject damaged in Objects.Damage.ListAsync(Token))
        {
            if (damaged.Key == Key(key))
            {
                found.Add(damaged);
            }
        }

        return found;
    }

    public async ValueTask DisposeAsync()
    {
        S3.Dispose();
        _http.Dispose();
        await _server.DisposeAsync();
        _directory.Dispose();
        _other?.Dispose();
    }

    private static ObjectKey Key(string text) => ObjectKey.TryCreate(text, out ObjectKey key) ? key : throw new ArgumentException(text);

    private static async Task<Answered> ReadAsync(HttpResponseMessage answer)
    {
        var arrived = new MemoryStream();
        bool isWhole = true;
        try
        {
            await using Stream body = await answer.Content.ReadAsStreamAsync(Token);
            await body.CopyToAsync(arrived, Token);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            isWhole = false;
        }

        var headers = answer.Headers.Concat(answer.Content.Headers).ToDictionary(h => h.Key, h => string.Join(',', h.Value), StringComparer.OrdinalIgnoreCase);
        return new Answered((int)answer.StatusCode, arrived.ToArray(), isWhole, new RawS3Response(answer.StatusCode, headers, arrived.ToArray()));
    }

    private async Task<Bucket> BucketAsync() =>
        BucketName.TryParse(Bucket, out BucketName name) ? (await Objects.Buckets.FindAsync(name, Token))! : throw new ArgumentException(Bucket);

    private async Task<byte[]> RowAsync(string key) =>
        Tables.InlineDataKey(Assert.IsType<ObjectData.Inline>((await FindAsync(key)).Record.Data).Row);

    private string PathOf(BlobId blob) => Directory.EnumerateFiles(_directory.FullPath, blob.ToString(), SearchOption.AllDirectories).Single();
}

/// <summary>An answer as a client got it.</summary>
/// <param name="Status">The status; 0 when it is not known.</param>
/// <param name="Body">The bytes that arrived.</param>
/// <param name="IsWhole">Whether the answer ended as it should; false: the connection was cut.</param>
/// <param name="Response">The answer; null when it is not known.</param>
internal sealed record Answered(int Status, byte[] Body, bool IsWhole, RawS3Response? Response)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public bool IsSuccess => IsWhole && Status is >= (int)HttpStatusCode.OK and < (int)HttpStatusCode.MultipleChoices;
}
