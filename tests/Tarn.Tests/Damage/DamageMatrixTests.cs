using System.Globalization;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Objects.Integrity;

namespace Tarn.Tests.Damage;

/// <summary>
/// Every kind of damage to every kind of object, met by every call: right bytes, an error or a cut connection as the table says, and never wrong
/// bytes. docs/design/blobs.md has the same table in words.
/// </summary>
public sealed partial class DamageMatrixTests
{
    private static int _keys;

    public enum Fault
    {
        Bit,
        Zeroed,
        Cut,
        Appended,
        Deleted,
        Swapped,
    }

    public enum Kind
    {
        Inline,
        Small,
        Large,
        Parts,
        Copy,
    }

    private enum Call
    {
        Head,
        Attributes,
        Get,
        RangeOfDamage,
        RangeElsewhere,
        SharedHead,
        Shared,
        Copy,
        CopyWithChecksum,
        PartCopy,
        Complete,
    }

    /// <summary>What a call gets of damage that nobody has found before.</summary>
    private enum Answer
    {
        /// <summary>Success, and whatever bytes it has are right; the damage stays unknown.</summary>
        Right,

        /// <summary>InternalError that names the damage.</summary>
        Refused,

        /// <summary>The answer begins with right bytes, and the connection is cut.</summary>
        CutOff,

        /// <summary>The copy or the completed object shares the damage: it is answered with success, and a read of it is not.</summary>
        Shares,

        /// <summary>There is no such call.</summary>
        None,
    }

    public static TheoryData<Fault, Kind, VerifyReads> Cases
    {
        get
        {
            var cases = new TheoryData<Fault, Kind, VerifyReads>();
            foreach (Fault fault in Enum.GetValues<Fault>())
            {
                foreach (Kind kind in Enum.GetValues<Kind>())
                {
                    cases.Add(fault, kind, VerifyReads.Device);
                    cases.Add(fault, kind, VerifyReads.Always);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Damage_is_never_served(Fault fault, Kind kind, VerifyReads mode)
    {
        await using DamageServer server = await DamageServer.StartAsync(mode);
        string sound = NewKey();
        await StoreAsync(server, kind, sound, seed: 3);
        foreach (Call call in Enum.GetValues<Call>())
        {
            Answer expected = Expected(fault, kind, call);
            if (expected != Answer.None)
            {
                await CheckAsync(server, fault, kind, call, expected);
            }
        }

        Answered untouched = await server.GetAsync(sound);
        Assert.True(untouched.IsSuccess);
        Assert.Equal(Bytes(kind, 3), untouched.Body);
    }

    /// <summary>The table.</summary>
    private static Answer Expected(Fault fault, Kind kind, Call call)
    {
        bool isStatVisible = fault is Fault.Cut or Fault.Appended or Fault.Deleted;
        bool isSeenAtOpen = isStatVisible || fault == Fault.Swapped;
        return call switch
        {
            Call.Head or Call.Attributes => Answer.Right,

            // A link opens the file also for HEAD, to have the headers of a GET; the blobs of a multipart object are opened one by one.
            Call.SharedHead => kind == Kind.Inline || (kind != Kind.Parts && isSeenAtOpen) ? Answer.Refused : Answer.Right,
            Call.Get or Call.Shared => kind == Kind.Parts || (kind is Kind.Large or Kind.Copy && !isSeenAtOpen) ? Answer.CutOff : Answer.Refused,
            Call.RangeOfDamage or Call.PartCopy or Call.CopyWithChecksum => Answer.Refused,
            Call.RangeElsewhere => kind == Kind.Parts || (kind is Kind.Large or Kind.Copy && !isSeenAtOpen) ? Answer.Right : Answer.Refused,
            Call.Copy => kind == Kind.Inline || isStatVisible ? Answer.Refused : Answer.Shares,
            Call.Complete => kind != Kind.Parts ? Answer.None : isStatVisible ? Answer.Refused : Answer.Shares,
            _ => throw new ArgumentOutOfRangeException(nameof(call)),
        };
    }

    private static async Task CheckAsync(DamageServer server, Fault fault, Kind kind, Call call, Answer expected)
    {
        string key = NewKey();
        string made = key;
        Answered answer;
        if (call == Call.Complete)
        {
            (string upload, byte[] completion) = await server.UploadAsync(key, PartsOf(kind, 1));
            await DamageBlobAsync(server, fault, await server.PartBlobAsync(upload, 2), async () =>
            {
                (string other, _) = await server.UploadAsync(NewKey(), PartsOf(kind, 2));
                return await server.PartBlobAsync(other, 2);
            });
            answer = await server.SendAsync(HttpMethod.Post, key, new Dictionary<string, string> { ["uploadId"] = upload }, body: completion);
        }
        else
        {
            await StoreAsync(server, kind, key, seed: 1);
            await DamageAsync(server, fault, kind, key);
            (answer, made) = await CallAsync(server, call, kind, key);
        }

        string cell = $"{call} of {kind} with {fault}: {answer.Status}, {(answer.IsWhole ? "whole" : "cut")}, {(answer.Status == 500 ? answer.Text : "")}";
        switch (expected)
        {
            case Answer.Right:
                Assert.True(answer.IsSuccess, cell);
                AssertRightBytes(call, kind, answer);
                Assert.Empty(await server.ListAsync(key));
                return;
            case Answer.Refused:
                Assert.True(answer is { IsWhole: true, Status: 500 }, cell);
                Assert.True(call == Call.SharedHead || answer.Text.Contains("damaged", StringComparison.Ordinal), cell);
                Assert.True(call is Call.Shared or Call.SharedHead || answer.Response!.ErrorCode == "InternalError", cell);
                Assert.True(call != Call.Complete || answer.Text.Contains("Part 2", StringComparison.Ordinal), cell);
                break;
            case Answer.CutOff:
                Assert.True(!answer.IsWhole, cell);
                Assert.True(Bytes(kind, 1).AsSpan().StartsWith(answer.Body), cell);
                break;
            case Answer.Shares:
                Assert.True(answer.IsSuccess, cell);
                Answered read = await server.GetAsync(made);
                Assert.False(read.IsSuccess, cell);
                Assert.True(read.Status == 500 || Bytes(kind, 1).AsSpan().StartsWith(read.Body), cell);
                key = made;
                break;
        }

        // Found: listed by key, and from now on nothing promises the data.
        DamagedObject listed = Assert.Single(await server.ListAsync(key));
        Assert.Equal(DamageServer.Bucket, listed.Bucket);
        Assert.Equal(call == Call.Complete && expected == Answer.Refused ? 2 : 0, listed.PartNumber);
        if (listed.Upload is null)
        {
            Assert.Equal("null", listed.Version);
            Assert.Equal(500, (await server.SendAsync(HttpMethod.Head, key)).Status);
            Assert.Equal(500, (await server.ShareAsync(key, HttpMethod.Head)).Status);
            Assert.Equal(500, (await AttributesAsync(server, key)).Status);
            Assert.Equal(500, (await CopyAsync(server, key, NewKey())).Status);
        }
        else
        {
            Assert.Equal(404, (await server.SendAsync(HttpMethod.Head, key)).Status);
        }
    }

    private static async Task<(Answered Answer, string Made)> CallAsync(DamageServer server, Call call, Kind kind, string key)
    {
        int size = Bytes(kind, 1).Length;
        string copy = NewKey();
        switch (call)
        {
            case Call.Head:
                return (await server.SendAsync(HttpMethod.Head, key), key);
            case Call.Attributes:
                return (await AttributesAsync(server, key), key);
            case Call.Get:
                return (await server.GetAsync(key), key);
            case Call.RangeOfDamage:
                return (await RangeAsync(server, key, size - 10, size - 1), key);
            case Call.RangeElsewhere:
                return (await RangeAsync(server, key, 0, 9), key);
            case Call.SharedHead:
                return (await server.ShareAsync(key, HttpMethod.Head), key);
            case Call.Shared:
                return (await server.ShareAsync(key, HttpMethod.Get), key);
            case Call.Copy:
                return (await CopyAsync(server, key, copy), copy);
            case Call.CopyWithChecksum:
                return (await CopyAsync(server, key, copy, ("x-amz-checksum-algorithm", "SHA256")), copy);
            default:
                (string upload, _) = await server.UploadAsync(copy);
                return (await server.SendAsync(
                    HttpMethod.Put, copy, DamageServer.Part(upload, 1),
                    new Dictionary<string, string> { ["x-amz-copy-source"] = $"/{DamageServer.Bucket}/{key}" }), key);
        }
    }

    private static void AssertRightBytes(Call call, Kind kind, Answered answer)
    {
        if (call == Call.RangeElsewhere)
        {
            Assert.Equal(206, answer.Status);
            Assert.Equal(Bytes(kind, 1)[..10], answer.Body);
        }
        else
        {
            Assert.Equal(200, answer.Status);
        }
    }

    private static Task<Answered> RangeAsync(DamageServer server, string key, int first, int last) => server.SendAsync(
        HttpMethod.Get, key, headers: new Dictionary<string, string> { ["Range"] = string.Create(CultureInfo.InvariantCulture, $"bytes={first}-{last}") });

    private static Task<Answered> AttributesAsync(DamageServer server, string key) => server.SendAsync(
        HttpMethod.Get, key, new Dictionary<string, string> { ["attributes"] = "" }, new Dictionary<string, string> { ["x-amz-object-attributes"] = "ETag,ObjectSize" });

    private static Task<Answered> CopyAsync(DamageServer server, string key, string copy, params (string Name, string Value)[] headers) => server.SendAsync(
        HttpMethod.Put, copy,
        headers: headers.Append(("x-amz-copy-source", $"/{DamageServer.Bucket}/{key}")).ToDictionary(header => header.Item1, header => header.Item2));

    private static async Task StoreAsync(DamageServer server, Kind kind, string key, int seed)
    {
        switch (kind)
        {
            case Kind.Parts:
                (string upload, byte[] completion) = await server.UploadAsync(key, PartsOf(kind, seed));
                Assert.True((await server.SendAsync(HttpMethod.Post, key, new Dictionary<string, string> { ["uploadId"] = upload }, body: completion)).IsSuccess);
                break;
            case Kind.Copy:
                string source = NewKey();
                (await server.S3.PutAsync(DamageServer.Bucket, source, Bytes(kind, seed))).Expect();
                Assert.True((await CopyAsync(server, source, key)).IsSuccess);
                break;
            default:
                (await server.S3.PutAsync(DamageServer.Bucket, key, Bytes(kind, seed))).Expect();
                break;
        }
    }

    private static async Task DamageAsync(DamageServer server, Fault fault, Kind kind, string key)
    {
        if (kind != Kind.Inline)
        {
            await DamageBlobAsync(server, fault, (await server.BlobsAsync(key))[^1], async () =>
            {
                string other = NewKey();
                await StoreAsync(server, kind, other, seed: 2);
                return (await server.BlobsAsync(other))[^1];
            });
        }
        else if (fault == Fault.Swapped)
        {
            string other = NewKey();
            await StoreAsync(server, kind, other, seed: 2);
            await server.SwapRowsAsync(key, other);
        }
        else
        {
            await server.ChangeRowAsync(key, row => Change(fault, row, Bytes(kind, 1).Length));
        }
    }

    private static async Task DamageBlobAsync(DamageServer server, Fault fault, BlobId blob, Func<Task<BlobId>> otherAsync)
    {
        if (fault == Fault.Swapped)
        {
            await server.SwapAsync(blob, await otherAsync());
            return;
        }

        await server.ChangeAsync(blob, bytes =>
        {
            Assert.True(BlobTrailer.TryRead(bytes.AsSpan(bytes.Length - BlobLayout.TrailerSize), bytes.Length, out BlobTrailer trailer));
            return Change(fault, bytes, (int)trailer.PayloadLength);
        });
    }

    /// <summary>Damages the end of the payload.</summary>
    private static byte[]? Change(Fault fault, byte[] bytes, int payload)
    {
        switch (fault)
        {
            case Fault.Bit:
                bytes[payload - 5] ^= 0x10;
                return bytes;
            case Fault.Zeroed:
                bytes.AsSpan(Math.Max(0, payload - 4096), Math.Min(4096, payload)).Clear();
                return bytes;
            case Fault.Cut:
                return bytes[..(payload - 7)];
            case Fault.Appended:
                return [.. bytes, .. "more"u8];
            default:
                return null;
        }
    }

    private static byte[] Bytes(Kind kind, int seed) => [.. PartsOf(kind, seed).SelectMany(part => part)];

    private static byte[][] PartsOf(Kind kind, int seed)
    {
        int[] sizes = kind switch
        {
            Kind.Inline => [100],
            Kind.Small => [20_000],
            Kind.Parts => [5 << 20, 100_000],
            _ => [700_000],
        };
        var random = new Random(seed);
        return [.. sizes.Select(size =>
        {
            byte[] bytes = new byte[size];
            random.NextBytes(bytes);
            return bytes;
        })];
    }

    /// <summary>A key of fixed length, so that the blobs of two objects of one size have one length too.</summary>
    private static string NewKey() => Interlocked.Increment(ref _keys).ToString("d8", CultureInfo.InvariantCulture);
}
