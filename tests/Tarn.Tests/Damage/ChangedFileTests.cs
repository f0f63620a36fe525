using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;

namespace Tarn.Tests.Damage;

/// <summary>Files that change after Tarn has read and verified them, and such that come back.</summary>
public sealed class ChangedFileTests
{
    private const string Key = "00000001";

    public enum Change
    {
        InPlace,
        Replaced,
        Exchanged,
    }

    public static TheoryData<Change, int, VerifyReads> Cases
    {
        get
        {
            var cases = new TheoryData<Change, int, VerifyReads>();
            foreach (Change change in Enum.GetValues<Change>())
            {
                foreach (int size in new[] { 20_000, 700_000 })
                {
                    cases.Add(change, size, VerifyReads.Device);
                    cases.Add(change, size, VerifyReads.Always);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task What_changed_after_it_was_verified_is_not_served(Change change, int size, VerifyReads mode)
    {
        await using DamageServer server = await DamageServer.StartAsync(mode);
        byte[] bytes = await PutAsync(server, Key, size, 1), others = await PutAsync(server, "00000002", size, 2);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(bytes, (await server.GetAsync(Key)).Body);
            Assert.Equal(others, (await server.GetAsync("00000002")).Body);
        }

        BlobId blob = Assert.Single(await server.BlobsAsync(Key)), other = Assert.Single(await server.BlobsAsync("00000002"));
        switch (change)
        {
            case Change.InPlace:
                await server.WriteIntoAsync(blob, size - 5, [(byte)(bytes[^5] ^ 1)]);
                break;
            case Change.Replaced:
                await server.ReplaceAsync(blob, file =>
                {
                    file[size - 5] ^= 1;
                    return file;
                });
                break;
            default:
                server.Exchange(blob, other);
                break;
        }

        Answered answer = await server.GetAsync(Key);
        Assert.False(answer.IsSuccess);
        Assert.True(answer.Status == 500 || bytes.AsSpan().StartsWith(answer.Body));
        Assert.Single(await server.ListAsync(Key));
    }

    [Theory]
    [InlineData(20_000)]
    [InlineData(700_000)]
    public async Task What_was_away_for_a_while_is_promised_again_once_it_is_back(int size)
    {
        await using DamageServer server = await DamageServer.StartAsync(VerifyReads.Device);
        byte[] bytes = await PutAsync(server, Key, size, 1);
        Action bringBack = server.TakeAway(Assert.Single(await server.BlobsAsync(Key)));
        Assert.Equal(500, (await server.GetAsync(Key)).Status);
        Assert.Equal(500, (await server.SendAsync(HttpMethod.Head, Key)).Status);
        Assert.Equal(500, (await CopyAsync(server)).Status);
        bringBack();
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Head, Key)).Status);
        Assert.Equal(200, (await CopyAsync(server)).Status);
        Assert.Equal(bytes, (await server.GetAsync(Key)).Body);
        Assert.Empty(await server.ListAsync(Key));
        Assert.Equal(0, server.Objects.Damage.Count);
    }

    private static Task<Answered> CopyAsync(DamageServer server) => server.SendAsync(
        HttpMethod.Put, "00000003", headers: new Dictionary<string, string> { ["x-amz-copy-source"] = $"/{DamageServer.Bucket}/{Key}" });

    private static async Task<byte[]> PutAsync(DamageServer server, string key, int size, int seed)
    {
        byte[] bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        (await server.S3.PutAsync(DamageServer.Bucket, key, bytes)).Expect();
        return bytes;
    }
}
