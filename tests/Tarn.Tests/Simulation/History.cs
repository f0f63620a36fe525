using System.Collections.Immutable;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Listing;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Writing;
using Tarn.TestKit.Stores;
using Tarn.Tests.Objects;
using static Tarn.Tests.Objects.StoreFixture;

namespace Tarn.Tests.Simulation;

/// <summary>A random sequence of operations that a seed replays, each checked against the model.</summary>
internal sealed class History(StoreFixture fixture, int seed)
{
    private static readonly string[] BucketNames = ["first", "second"];
    private static readonly string[] Keys = ["a", "a/b", "a/c", "ab", "\u0001\0", "é"];

    private readonly Random _random = new(seed);

    public HistoryModel Model { get; set; } = new();

    /// <summary>The state after the operation that is under way.</summary>
    public HistoryModel Next { get; private set; } = new();

    public string Operation { get; private set; } = "";

    public async Task StepAsync()
    {
        fixture.Clock.Advance(TimeSpan.FromMicroseconds(1));
        string bucketName = Pick(BucketNames);
        string key = Pick(Keys);
        Operation = $"{bucketName}/{key}";
        if (!Model.Buckets.Contains(bucketName))
        {
            await DoAsync("create bucket", Model with { Buckets = Model.Buckets.Add(bucketName) }, () => fixture.BucketAsync(bucketName));
            return;
        }

        Bucket bucket = await fixture.Store.Buckets.GetForWriteAsync(Name(bucketName), Token);
        bool exists = Model.Objects.ContainsKey((bucketName, key));
        switch (_random.Next(16))
        {
            case 0 or 1 or 2:
                byte[] bytes = NewBytes();
                await DoAsync("put", With(bucketName, key, bytes, "x/put"), () => PutAsync(bucket, key, bytes, WriteCondition.None));
                break;
            case 3:
                byte[] once = NewBytes();
                await DoAsync(
                    "put if absent", exists ? Model : With(bucketName, key, once, "x/put"),
                    () => PutAsync(bucket, key, once, WriteCondition.Absent), exists ? S3Error.PreconditionFailed : null);
                break;
            case 4:
                byte[] onto = NewBytes();
                await DoAsync(
                    "put if present", exists ? With(bucketName, key, onto, "x/put") : Model,
                    () => PutAsync(bucket, key, onto, new WriteCondition("*")), exists ? null : S3Error.PreconditionFailed);
                break;
            case 5 or 6:
                await DoAsync("delete", Model.Write(bucketName, key, null), () => fixture.DeleteAsync(bucket, key));
                break;
            case 7 or 8:
                await CopyAsync(bucket, key);
                break;
            case 9:
                var handle = new UploadHandle();
                var begun = new ModelUpload(bucketName, key, handle, ImmutableSortedDictionary<int, byte[]>.Empty);
                await DoAsync(
                    "begin", Model with { Uploads = Model.Uploads.Add(begun) },
                    async () => handle.Upload = await fixture.BeginAsync(bucket, key));
                break;
            case 10 or 11:
                await PartAsync();
                break;
            case 12:
                await CompleteAsync();
                break;
            case 13 when !Model.Versioned.Contains(bucketName):
                bool full = Model.Objects.Keys.Any(o => o.Bucket == bucketName);
                HistoryModel without = Model with
                {
                    Buckets = Model.Buckets.Remove(bucketName), Uploads = Model.Uploads.RemoveAll(u => u.Bucket == bucketName),
                };
                await DoAsync(
                    "delete bucket", full ? Model : without, () => fixture.Store.Buckets.DeleteAsync(bucket, Token).AsTask(),
                    full ? S3Error.BucketNotEmpty : null);
                break;
            case 13:
                await AbortAsync();
                break;
            case 14 when bucketName == BucketNames[1]:
                // What a client sees without asking for versions stays the same.
                VersioningState state = _random.Next(2) == 0 ? VersioningState.Enabled : VersioningState.Suspended;
                await DoAsync(
                    "versioning", Model with { Versioned = Model.Versioned.Add(bucketName) },
                    () => fixture.Store.Buckets.SetVersioningAsync(bucket, state, Token).AsTask());
                break;
            default:
                fixture.Clock.Advance(TimeSpan.FromMinutes(_random.Next(12)));
                await DoAsync("reclaim", Model, () => fixture.Store.Reclaim.RunOnceAsync(failed: null, Token));
                break;
        }
    }

    /// <summary>The state of the store, in the model's form.</summary>
    public async Task<string> RenderAsync()
    {
        List<string> buckets = [], objects = [], uploads = [];
        foreach (Bucket bucket in (await fixture.Store.Buckets.ListAsync("owner", "", null, 100, Token)).Select(static listed => listed.Bucket!))
        {
            string name = bucket.Name.Value;
            buckets.Add(name);
            var query = new ListQuery { MaxKeys = 2 };
            ObjectPage page;
            do
            {
                page = await fixture.Store.Lister.ListAsync(bucket, query, Token);
                foreach (StoredObject listed in page.Objects)
                {
                    byte[] bytes = (await fixture.ReadAsync(bucket, listed.Key.ToString()))!;
                    Assert.Equal(listed.Size, bytes.Length);
                    objects.Add(HistoryModel.Line(name, listed.Key.ToString(), bytes, listed.Metadata.ContentType));
                }

                query = query with { After = page.Last };
            }
            while (page.IsTruncated);

            foreach (MultipartUpload upload in (await fixture.Store.Uploads.ListAsync(bucket, new UploadQuery(), Token)).Uploads)
            {
                IReadOnlyList<UploadedPart> parts = await fixture.Store.Uploads.ListPartsAsync(upload, 0, 100, Token);
                uploads.Add(HistoryModel.Line(name, upload.Key.ToString(), parts.Select(p => (p.Number, p.ETag.ToString()))));
            }
        }

        return HistoryModel.Render(buckets, objects, uploads);
    }

    private async Task CopyAsync(Bucket bucket, string to)
    {
        string name = bucket.Name.Value;
        string from = _random.Next(4) == 0 ? to : Pick(Keys);
        bool found = Model.Objects.TryGetValue((name, from), out ModelObject? source);
        ObjectMetadata? replace = _random.Next(2) == 0 ? new ObjectMetadata { ContentType = "x/copy" } : null;
        await DoAsync(
            $"copy {from}", found ? With(name, to, source!.Bytes, replace?.ContentType ?? source.Type) : Model,
            () => fixture.CopyAsync(bucket, from, to, replace), found ? null : S3Error.NoSuchKey);
    }

    private async Task PartAsync()
    {
        if (Model.Uploads.IsEmpty)
        {
            return;
        }

        ModelUpload upload = Pick(Model.Uploads);
        int number = _random.Next(1, 4);
        var sources = Model.Objects.Where(o => o.Key.Bucket == upload.Bucket).OrderBy(o => o.Key.Key, StringComparer.Ordinal).ToList();
        if (_random.Next(2) == 0 || sources.Count == 0)
        {
            byte[] bytes = NewBytes();
            await DoAsync("part", With(upload, number, bytes), () => fixture.PartAsync(upload.Handle.Upload!, number, bytes));
            return;
        }

        ((string, string Key) id, ModelObject source) = Pick(sources);
        int offset = _random.Next(source.Bytes.Length);
        int length = source.Bytes.Length == 0 ? 0 : _random.Next(1, source.Bytes.Length - offset + 1);
        Bucket bucket = await fixture.BucketAsync(upload.Bucket);
        await DoAsync(
            "part copy", With(upload, number, source.Bytes[offset..(offset + length)]),
            async () => await fixture.Store.Parts.CopyAsync(
                upload.Handle.Upload!, number, () => fixture.FindAsync(bucket, id.Key), _ => (offset, length), Token));
    }

    private async Task CompleteAsync()
    {
        var ready = Model.Uploads.Where(u => !u.Parts.IsEmpty).ToList();
        if (ready.Count == 0)
        {
            return;
        }

        ModelUpload upload = Pick(ready);
        (int number, byte[] bytes) = Pick(upload.Parts.ToList());
        Bucket bucket = await fixture.BucketAsync(upload.Bucket);

        // With a condition it takes its place at the commit, whatever came before.
        WriteCondition condition = upload.Overtaken == Overtaking.Unsure || _random.Next(3) == 0
            ? new WriteCondition(UnmodifiedSince: DateTimeOffset.MaxValue)
            : WriteCondition.None;
        bool placed = bucket.Versioning == VersioningState.Enabled && condition == WriteCondition.None;
        bool older = placed && upload.Overtaken == Overtaking.Yes;
        HistoryModel ended = Model with { Uploads = Model.Uploads.Remove(upload) };
        HistoryModel after = older
            ? ended
            : ended.Write(
                upload.Bucket, upload.Key, new ModelObject(bytes, ObjectMetadata.DefaultContentType), placed ? Model.Uploads.IndexOf(upload) : int.MaxValue);
        var request = new CompletionRequest { Parts = [new CompletionPart(number, HistoryModel.Hex(bytes))], Condition = condition };
        await DoAsync(
            "complete", after,
            async () => await fixture.Store.Completion.CompleteAsync(
                bucket, Key(upload.Key), upload.Handle.Upload!.Id.ToString(), request, Token));
    }

    private async Task AbortAsync()
    {
        if (!Model.Uploads.IsEmpty)
        {
            ModelUpload upload = Pick(Model.Uploads);
            await DoAsync(
                "abort", Model with { Uploads = Model.Uploads.Remove(upload) },
                async () => Assert.True(await fixture.Store.Uploads.AbortAsync(upload.Handle.Upload!, Token)));
        }
    }

    private async Task DoAsync(string what, HistoryModel next, Func<Task> act, S3Error? refusal = null)
    {
        Operation = $"{what} {Operation}";
        Next = next;
        if (refusal is null)
        {
            await act();
        }
        else
        {
            Assert.Equal(refusal, await RefusedAsync(act));
        }

        Model = next;
    }

    private async Task PutAsync(Bucket bucket, string key, byte[] bytes, WriteCondition condition) =>
        await fixture.PutAsync(bucket, key, bytes, condition, new ObjectMetadata { ContentType = "x/put" });

    private HistoryModel With(string bucket, string key, byte[] bytes, string type) =>
        Model.Write(bucket, key, new ModelObject(bytes, type));

    private HistoryModel With(ModelUpload upload, int part, byte[] bytes) =>
        Model with { Uploads = Model.Uploads.Replace(upload, upload with { Parts = upload.Parts.SetItem(part, bytes) }) };

    private byte[] NewBytes() => Bytes(_random.Next(3) switch { 0 => 0, 1 => _random.Next(InlineLimit + 1), _ => _random.Next(1000) }, _random.Next());

    private T Pick<T>(IReadOnlyList<T> list) => list[_random.Next(list.Count)];
}
