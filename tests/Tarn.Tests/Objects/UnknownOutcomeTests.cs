using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Storage;
using Tarn.TestKit.Stores;

namespace Tarn.Tests.Objects;

/// <summary>A metadata store that fails during a commit, while the blob store still works.</summary>
public class UnknownOutcomeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(CrashSide.Before, false)]
    [InlineData(CrashSide.After, true)]
    public async Task An_applied_commit_that_was_reported_as_failed_keeps_its_data(CrashSide side, bool applied)
    {
        var keyValue = new MemoryKeyValueStore();
        var blobs = new MemoryBlobStore(TimeProvider.System);
        ObjectStore sound = Open(keyValue);
        Bucket bucket = (await sound.Buckets.CreateAsync(Parsed("bucket"), "owner", "Owner", "us-east-1", Token))!;
        _ = ObjectKey.TryCreate("key", out ObjectKey key);

        // The first commit announces the blob, the second refers to it.
        ObjectStore failing = Open(new CrashingKeyValueStore(keyValue, new CrashPoint(2, side)));
        await Assert.ThrowsAsync<InjectedCrashException>(async () => await failing.Writer.PutAsync(
            bucket, key, "owner", ObjectMetadata.Empty, new MemoryBody(new byte[1000]), new IngestRequest(), WriteCondition.None, Token));

        StoredObject? found = await sound.Reader.FindAsync(bucket, key, Token);
        Assert.Equal(applied, found is not null);
        if (found is not null)
        {
            await using IObjectContent? content = await sound.Reader.OpenAsync(found, always: false, Token);
            Assert.NotNull(content);
        }

        ObjectStore Open(IKeyValueStore store) =>
            new(store, blobs, TimeProvider.System, new SeededRandomSource(1), new ObjectStoreOptions { InlineLimit = 100 });
    }

    private static BucketName Parsed(string text) => BucketName.TryParse(text, out BucketName name) ? name : throw new ArgumentException(text);
}
