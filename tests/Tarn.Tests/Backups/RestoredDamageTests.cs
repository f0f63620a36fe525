using Tarn.Core.Blobs.Layout;
using Tarn.Core.Buckets;
using Tarn.Core.Hashing;
using Tarn.Core.Model;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Storage;
using Tarn.Server.Backups;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Backups;

/// <summary>A server on a restored directory knows from its start which data is missing.</summary>
public sealed class RestoredDamageTests
{
    private static readonly byte[] Small = StoreFixture.Bytes(100, 1), Middle = StoreFixture.Bytes(100_000, 2), Part = StoreFixture.Bytes(5 << 20, 3);

    [Fact]
    public async Task What_a_restore_did_not_bring_back_is_on_the_list_of_damage()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        Bucket bucket = await server.BucketAsync();
        await server.PutAsync(bucket, "small", Small);
        await server.PutAsync(bucket, "middle", Middle);
        MultipartUpload done = await BeginAsync(server.Objects, bucket, "parts");
        UploadedPart one = await server.Objects.Parts.PutAsync(done, 1, new TestBody(Part), new IngestRequest(), StoreFixture.Token);
        UploadedPart two = await server.Objects.Parts.PutAsync(done, 2, new TestBody(Middle), new IngestRequest(), StoreFixture.Token);
        await server.Objects.Completion.CompleteAsync(bucket, done.Key, done.Id.ToString(), StoreFixture.Request(one, two), StoreFixture.Token);
        MultipartUpload open = await BeginAsync(server.Objects, bucket, "open");
        await server.Objects.Parts.PutAsync(open, 7, new TestBody(Middle), new IngestRequest(), StoreFixture.Token);
        Assert.Equal(BackupState.Succeeded, (await server.CreateAsync("\"metadataOnly\":true")).State);
        string restored = server.PathOf("restored");
        Assert.Equal(1, (await BackupServer.CommandAsync("backup", "restore", server.Target, "--data", restored, "--without-master-key", "--allow-missing")).Code);
        await BackupServer.OpenAsync(restored, async store =>
        {
            List<DamagedObject> listed = await store.Damage.ListAsync(StoreFixture.Token).ToListAsync(StoreFixture.Token);
            Assert.Equal(["middle 0", "open 7", "parts 0", "parts 0"], listed.Select(static damaged => $"{damaged.Key} {damaged.PartNumber}").Order(StringComparer.Ordinal));
            Assert.All(listed, static damaged => Assert.Equal((DamageKind.Missing, "bucket"), (damaged.Kind, damaged.Bucket)));
            Bucket found = await store.Buckets.GetAsync(StoreFixture.Name("bucket"), StoreFixture.Token);
            foreach (string key in new[] { "middle", "parts" })
            {
                var stored = (await store.Reader.FindAsync(found, StoreFixture.Key(key), StoreFixture.Token))!;
                await Assert.ThrowsAsync<DamagedDataException>(async () => await store.Reader.ThrowIfDamagedAsync(stored, StoreFixture.Token));
            }

            Assert.Equal(Small, await BackupServer.ReadAsync(store, "small"));
        });
    }

    private static async Task<MultipartUpload> BeginAsync(ObjectStore store, Bucket bucket, string key) => await store.Uploads.CreateAsync(
        bucket, StoreFixture.Key(key), "owner", "Owner", ObjectMetadata.Empty, null, ChecksumType.FullObject, StoreFixture.Token);
}
