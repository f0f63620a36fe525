using System.Security.Cryptography;
using System.Text;
using Amazon.S3;
using Amazon.S3.Model;
using Tarn.TestKit.Http;

namespace Tarn.Conformance.Support;

/// <summary>The base of every conformance test: the endpoint, buckets of its own, and shortcuts to put and check objects.</summary>
public abstract class S3Test(TestEndpoint endpoint) : IAsyncLifetime
{
    /// <summary>The least size of a part that is not the last, in bytes.</summary>
    protected const int MinPart = 5 * 1024 * 1024;

    private readonly List<string> buckets = [];

    protected TestEndpoint Endpoint => endpoint;

    protected IAmazonS3 S3 => endpoint.Client;

    protected RawClient Raw => endpoint.Raw;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (string bucket in endpoint.IsExternal ? buckets : [])
        {
            await CleanUp.BucketAsync(Raw, bucket);
        }
    }

    /// <summary>A bucket name that nobody else uses.</summary>
    protected string NewName(string prefix = "t")
    {
        string name = prefix + Guid.NewGuid().ToString("N")[..24];
        buckets.Add(name);
        return name;
    }

    protected async Task<string> NewBucketAsync()
    {
        string name = NewName();
        await S3.PutBucketAsync(new PutBucketRequest { BucketName = name, UseClientRegion = false });
        return name;
    }

    protected static string At(string bucket, string key = "", string query = "") =>
        $"/{bucket}/{RawClient.Escape(key)}{(query.Length == 0 ? "" : "?" + query)}";

    protected static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>Bytes without a short period, so that a misplaced part is detected.</summary>
    protected static byte[] Pattern(int length, int seed = 0)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    protected static string Md5(byte[] data) => Convert.ToHexStringLower(MD5.HashData(data));

    /// <summary>The header that some documents require.</summary>
    protected static (string Name, string Value) ContentMd5(string document) => ("Content-MD5", Convert.ToBase64String(MD5.HashData(Utf8(document))));

    /// <summary>The quoted entity tag of an object put in one piece.</summary>
    protected static string ETag(byte[] data) => $"\"{Md5(data)}\"";

    /// <summary>The quoted entity tag of a multipart object: MD5 of the parts' MD5s, and their number.</summary>
    protected static string ETag(params byte[][] parts) =>
        $"\"{Md5([.. parts.SelectMany(MD5.HashData)])}-{parts.Length}\"";

    protected async Task<string> PutAsync(string bucket, string key, byte[] data, params (string Name, string Value)[] headers) =>
        (await Raw.SendAsync("PUT", At(bucket, key), headers, data)).Expect(200)["ETag"]!;

    protected Task<string> PutAsync(string bucket, string key, string data = "", params (string Name, string Value)[] headers) =>
        PutAsync(bucket, key, Utf8(data), headers);

    protected Task<RawResponse> GetAsync(string bucket, string key, params (string Name, string Value)[] headers) =>
        Raw.SendAsync("GET", At(bucket, key), headers);

    protected Task<RawResponse> HeadAsync(string bucket, string key, params (string Name, string Value)[] headers) =>
        Raw.SendAsync("HEAD", At(bucket, key), headers);

    protected async Task<string> ReadAsync(string bucket, string key) => (await GetAsync(bucket, key)).Expect(200).Text;

    protected async Task AbsentAsync(string bucket, string key) => (await HeadAsync(bucket, key)).Expect(404);

    /// <summary>Starts a multipart upload and returns its id.</summary>
    protected async Task<string> StartUploadAsync(string bucket, string key, params (string Name, string Value)[] headers) =>
        (await Raw.SendAsync("POST", At(bucket, key, "uploads"), headers)).Expect(200).Element("UploadId")!;

    protected Task<RawResponse> SendPartAsync(string bucket, string key, string upload, string number, byte[] data, params (string Name, string Value)[] headers) =>
        Raw.SendAsync("PUT", At(bucket, key, $"partNumber={number}&uploadId={Uri.EscapeDataString(upload)}"), headers, data);

    protected async Task<string> PutPartAsync(string bucket, string key, string upload, int number, byte[] data, params (string Name, string Value)[] headers) =>
        (await SendPartAsync(bucket, key, upload, $"{number}", data, headers)).Expect(200)["ETag"]!;

    protected Task<RawResponse> CompleteAsync(string bucket, string key, string upload, IEnumerable<(int Number, string ETag)> parts, params (string Name, string Value)[] headers) =>
        Raw.SendAsync("POST", At(bucket, key, $"uploadId={Uri.EscapeDataString(upload)}"), headers, PartList(parts));

    protected static string PartList(IEnumerable<(int Number, string ETag)> parts) =>
        "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
        + string.Concat(parts.Select(p => $"<Part><PartNumber>{p.Number}</PartNumber><ETag>{p.ETag.Replace("\"", "&quot;", StringComparison.Ordinal)}</ETag></Part>"))
        + "</CompleteMultipartUpload>";

    /// <summary>Uploads an object in parts and completes it; returns its entity tag.</summary>
    protected async Task<string> PutInPartsAsync(string bucket, string key, params byte[][] parts)
    {
        string upload = await StartUploadAsync(bucket, key);
        var listed = new List<(int, string)>();
        for (int i = 0; i < parts.Length; i++)
        {
            listed.Add((i + 1, await PutPartAsync(bucket, key, upload, i + 1, parts[i])));
        }

        return (await CompleteAsync(bucket, key, upload, listed)).Expect(200).Element("ETag")!;
    }

    /// <summary>Asserts that the SDK call is refused with that status and one of the codes.</summary>
    protected static async Task<AmazonS3Exception> RefusedAsync(int status, string codes, Func<Task> call)
    {
        AmazonS3Exception refusal = await Assert.ThrowsAnyAsync<AmazonS3Exception>(call);
        Assert.True((int)refusal.StatusCode == status, $"expected {status} {codes}, got {(int)refusal.StatusCode} {refusal.ErrorCode}: {refusal.Message}");
        Assert.Contains(refusal.ErrorCode, codes.Split('|'));
        return refusal;
    }
}
