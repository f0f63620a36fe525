using System.Buffers;
using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Storage;
using Tarn.TestKit.Stores;

namespace Tarn.Tests.Objects;

/// <summary>An object store over memory, with short words for what tests do to it.</summary>
internal sealed class StoreFixture
{
    public const int InlineLimit = 100;
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);

    private readonly SeededRandomSource _random;

    public StoreFixture(int seed = 1)
    {
        _random = new SeededRandomSource(seed);
        Blobs = new MemoryBlobStore(Clock);
        Store = Open(KeyValue, Blobs);
    }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public FakeTimeProvider Clock { get; } = new();

    public MemoryKeyValueStore KeyValue { get; } = new();

    public MemoryBlobStore Blobs { get; }

    public ObjectStore Store { get; set; }

    public ObjectStore Open(IKeyValueStore keyValue, IBlobStore blobs) =>
        new(new KeyRowsGuard(keyValue), blobs, Clock, _random, new ObjectStoreOptions { InlineLimit = InlineLimit, ReclaimGrace = Grace });

    public static ObjectKey Key(string text) => ObjectKey.TryCreate(text, out ObjectKey key) ? key : throw new ArgumentException(text);

    public static BucketName Name(string text) => BucketName.TryParse(text, out BucketName name) ? name : throw new ArgumentException(text);

    public static byte[] Bytes(int length, int seed = 0)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public async Task<Bucket> BucketAsync(string name = "bucket") =>
        await Store.Buckets.FindAsync(Name(name), Token) ?? (await Store.Buckets.CreateAsync(Name(name), "owner", "Owner", "us-east-1", Token))!;

    public async Task<StoredObject> PutAsync(
        Bucket bucket, string key, byte[] bytes, WriteCondition? condition = null, ObjectMetadata? metadata = null) =>
        await Store.Writer.PutAsync(
            bucket, Key(key), "owner", metadata ?? ObjectMetadata.Empty, new TestBody(bytes), new IngestRequest(), condition ?? WriteCondition.None, Token);

    public async Task<StoredObject> CopyAsync(Bucket bucket, string from, string to, ObjectMetadata? metadata = null, WriteCondition? condition = null) =>
        await Store.Copier.CopyAsync(
            () => FindAsync(bucket, from), bucket, Key(to), "owner", kept => metadata ?? kept, null, condition ?? WriteCondition.None, Token);

    public async ValueTask<StoredObject> FindAsync(Bucket bucket, string key) =>
        await Store.Reader.FindAsync(bucket, Key(key), Token) ?? throw new S3Exception(S3Error.NoSuchKey);

    public async Task DeleteAsync(Bucket bucket, string key) => await Store.Deleter.DeleteAsync(bucket, Key(key), null, "owner", DeleteCondition.None, Token);

    public async Task<MultipartUpload> BeginAsync(Bucket bucket, string key, ChecksumAlgorithm? algorithm = null, ChecksumType type = ChecksumType.FullObject) =>
        await Store.Uploads.CreateAsync(bucket, Key(key), "owner", "Owner", ObjectMetadata.Empty, algorithm, type, Token);

    public async Task<UploadedPart> PartAsync(MultipartUpload upload, int number, byte[] bytes) =>
        await Store.Parts.PutAsync(upload, number, new TestBody(bytes), new IngestRequest(), Token);

    public async Task<StoredObject> CompleteAsync(Bucket bucket, MultipartUpload upload, params UploadedPart[] parts) =>
        await Store.Completion.CompleteAsync(bucket, upload.Key, upload.Id.ToString(), Request(parts), Token);

    public static CompletionRequest Request(params UploadedPart[] parts) =>
        new() { Parts = [.. parts.Select(p => new CompletionPart(p.Number, p.ETag.ToString()))] };

    /// <summary>The bytes of an object; null when there is none.</summary>
    public async Task<byte[]?> ReadAsync(Bucket bucket, string key)
    {
        (StoredObject? found, IObjectContent? content) = await Store.Reader.OpenAsync(bucket, Key(key), null, Token);
        return found is null ? null : await ReadAsync(content!, 0, found.Size);
    }

    public static async Task<byte[]> ReadAsync(IObjectContent content, long offset, long length)
    {
        await using (content)
        {
            byte[] bytes = new byte[length];
            int done = 0;
            while (done < length)
            {
                ContentRun run = await content.RunAsync(offset + done, length - done, Token);
                Assert.InRange(run.Length, 1, length - done);
                Memory<byte> target = bytes.AsMemory(done, (int)run.Length);
                int n = (int)run.Length;
                if (run.Source is null)
                {
                    run.Memory.CopyTo(target);
                }
                else
                {
                    n = await run.Source.ReadAsync(run.Offset, target, Token);
                    Assert.True(n > 0, "A blob is shorter than what refers to it.");
                }

                done += n;
            }

            return bytes;
        }
    }

    /// <summary>Lets every upload and grace period expire, reclaims, and checks that exactly the reachable data is left.</summary>
    public async Task AssertNothingLeaksAsync()
    {
        Clock.Advance(TimeSpan.FromDays(8));
        while (await Store.Reclaim.RunOnceAsync(failed: null, Token) > 0)
        {
            Clock.Advance(Grace + TimeSpan.FromSeconds(1));
        }

        await LeakCheck.AssertAsync(KeyValue, Blobs, drained: true);
    }

    public static async Task<S3Error> RefusedAsync(Func<Task> act) => (await Assert.ThrowsAsync<S3Exception>(act)).Error;
}

/// <summary>A body in memory, in pieces; may throw after some of them.</summary>
internal sealed class TestBody(byte[] bytes, int piece = 1 << 20, bool sayLength = true, int failAt = -1) : IUploadBody
{
    private int _position;

    public long? Length => sayLength ? bytes.Length : null;

    public Dictionary<string, string> TrailersToCome { get; } = [];

    public IReadOnlyDictionary<string, string> Trailers => TrailersToCome;

    public ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        int n = Math.Min(piece, bytes.Length - _position);
        if (failAt >= 0 && _position + n >= failAt)
        {
            throw new S3Exception(S3Error.IncompleteBody);
        }

        _position += n;
        return new(new ReadOnlySequence<byte>(bytes, _position - n, n));
    }
}
