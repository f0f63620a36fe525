using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Tests.Mirroring;

namespace Tarn.Tests.Damage;

/// <summary>The same table with a mirror: every cell is the right bytes, and what was read is healed.</summary>
public sealed partial class DamageMatrixTests
{
    [Theory]
    [MemberData(nameof(Cases))]
    public async Task With_a_mirror_every_call_gets_the_right_bytes_and_heals_what_it_read(Fault fault, Kind kind, VerifyReads mode)
    {
        DamageServer server = await DamageServer.StartMirroredAsync(mode);
        try
        {
            foreach (Call call in Enum.GetValues<Call>().Where(call => Expected(fault, kind, call) != Answer.None))
            {
                await CheckMirroredAsync(server, fault, kind, call);
                if (kind == Kind.Inline)
                {
                    // The side that was damaged does not lead any more.
                    await server.DisposeAsync();
                    server = await DamageServer.StartMirroredAsync(mode);
                }
            }
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    private static async Task CheckMirroredAsync(DamageServer server, Fault fault, Kind kind, Call call)
    {
        string key = NewKey();
        string made = key;
        Answered answer;
        BlobId? blob = null;
        if (call == Call.Complete)
        {
            (string upload, byte[] completion) = await server.UploadAsync(key, PartsOf(kind, 1));
            blob = await server.PartBlobAsync(upload, 2);
            await DamageBlobAsync(server, fault, blob.Value, async () => await server.PartBlobAsync((await server.UploadAsync(NewKey(), PartsOf(kind, 2))).Id, 2));
            answer = await server.SendAsync(HttpMethod.Post, key, new Dictionary<string, string> { ["uploadId"] = upload }, body: completion);
        }
        else
        {
            await StoreAsync(server, kind, key, seed: 1);
            blob = kind == Kind.Inline ? null : (await server.BlobsAsync(key))[^1];
            await DamageAsync(server, fault, kind, key);
            (answer, made) = await CallAsync(server, call, kind, key);
        }

        string cell = $"{call} of {kind} with {fault}: {answer.Status}, {(answer.IsWhole ? "whole" : "cut")}, {(answer.Status == 500 ? answer.Text : "")}";
        Assert.True(answer.IsSuccess, cell);
        byte[] bytes = Bytes(kind, 1);
        byte[]? expected = call switch
        {
            Call.Get or Call.Shared => bytes,
            Call.RangeOfDamage => bytes[^10..],
            Call.RangeElsewhere => bytes[..10],
            _ => null,
        };
        Assert.True(expected is null || expected.AsSpan().SequenceEqual(answer.Body), cell);

        // Whatever the call did not read, this does.
        Answered read = await server.GetAsync(made);
        Assert.True(read.IsSuccess && bytes.AsSpan().SequenceEqual(read.Body), cell);
        Assert.Empty(await server.ListAsync(key));
        Assert.Empty(await server.ListAsync(made));
        MirroredStores mirror = server.Mirrored!;
        if (blob is { } healed)
        {
            Assert.Equal("data", await mirror.WhenHealed(healed));
            Assert.True(server.IsSameOnBoth(healed), cell);
            Assert.False(mirror.HasLostLead, cell);
        }
        else
        {
            Assert.True(mirror.HasLostLead, cell);
            await mirror.RefillAsync();
            Answered again = await server.GetAsync(key);
            Assert.True(again.IsSuccess && bytes.AsSpan().SequenceEqual(again.Body), cell);
            Assert.False(mirror.HasLostLead, cell);
        }
    }
}
