using System.Text;
using System.Text.Json.Nodes;
using Tarn.Core.Acceleration;
using Tarn.Core.Blobs;
using Tarn.Core.Model;

namespace Tarn.Tests.Acceleration;

public sealed class PlanTests
{
    private const string Golden =
        """{"v":1,"start":10,"length":30,"bucket":18446744073709551615,"owner":null,"expires":1790000000000,"next":"abc","extents":[""" +
        """{"blob":"0123456789abcdef0f1e2d3c4b5a6978","offset":5,"length":100,"from":15,"to":25,"encoding":"plain","capability":"AAA"},""" +
        """{"blob":"00000000000000010000000000000002","offset":0,"length":20,"from":0,"to":20,"encoding":"plain","capability":"BBB"}]}""";

    private static readonly ReadPlan Plan = new()
    {
        Start = 10, Length = 30, Bucket = ulong.MaxValue, Expires = 1_790_000_000_000, Next = "abc",
        Extents =
        [
            new() { Blob = new BlobId(new Id128(0x0123456789abcdef, 0x0f1e2d3c4b5a6978)), Offset = 5, Length = 100, From = 15, To = 25, Encoding = "plain", Capability = "AAA" },
            new() { Blob = new BlobId(new Id128(1, 2)), Offset = 0, Length = 20, From = 0, To = 20, Encoding = "plain", Capability = "BBB" },
        ],
    };

    public static TheoryData<string, string> Changes => new()
    {
        { "\"start\":10", "\"start\":-1" },
        { "\"start\":10", "\"start\":\"10\"" },
        { "\"start\":10", "\"start\":9223372036854775807" },
        { "\"start\":10,", "" },
        { "\"length\":30", "\"length\":0" },
        { "\"length\":30", "\"length\":29" },
        { "\"length\":30", "\"length\":31" },
        { "\"length\":30", "\"length\":1073741825" },
        { "\"bucket\":18446744073709551615", "\"bucket\":-1" },
        { "\"next\":\"abc\"", "\"next\":\"\"" },
        { "\"expires\":1790000000000", "\"expires\":-5" },
        { "\"owner\":null", "\"owner\":\"\"" },
        { "\"owner\":null", "\"owner\":\"01234567890123456789012345678901234567890123456789012345678901234\"" },
        { "\"from\":15", "\"from\":4" },
        { "\"from\":15", "\"from\":25" },
        { "\"to\":25", "\"to\":106" },
        { "\"offset\":5", "\"offset\":-5" },
        { "\"length\":100", "\"length\":9223372036854775807" },
        { "0123456789abcdef", "0123456789ABCDEF" },
        { "0123456789abcdef", "0123456789abcde" },
        { "\"plain\"", "null" },
        { "\"AAA\"", "\"\"" },
        { "\"AAA\"", "null" },
        { "\"extents\":[", "\"extents\":[null," },
        { "\"v\":1", "\"v\":0" },
        { "\"v\":1", "\"v\":1,\"v\":1" },
        { "\"v\":1,", "" },
        { "}]}", "}]}x" },
        { "}]}", "}]" },
    };

    [Fact]
    public void A_plan_has_the_documented_text()
    {
        Assert.Equal(Golden, Encoding.UTF8.GetString(Plan.Encode()));
        Assert.Equal(PlanStatus.Valid, ReadPlan.TryDecode(Encoding.UTF8.GetBytes(Golden), out ReadPlan? read));
        Assert.Equal(Golden, Encoding.UTF8.GetString(read!.Encode()));
        Assert.Equal(Plan.Extents, read.Extents);
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void What_is_not_within_the_bounds_is_no_plan(string from, string to)
    {
        Assert.Contains(from, Golden, StringComparison.Ordinal);
        int at = Golden.IndexOf(from, StringComparison.Ordinal);
        byte[] text = Encoding.UTF8.GetBytes(Golden[..at] + to + Golden[(at + from.Length)..]);
        Assert.Equal(PlanStatus.Malformed, ReadPlan.TryDecode(text, out ReadPlan? read));
        Assert.Null(read);
    }

    [Fact]
    public void A_plan_of_a_later_version_and_one_with_another_encoding_are_told_from_a_malformed_one()
    {
        Assert.Equal(PlanStatus.Unknown, Decode(Golden.Replace("\"v\":1", "\"v\":2", StringComparison.Ordinal)));
        Assert.Equal(PlanStatus.Unknown, Decode("""{"v":2,"extents":"elsewhere"}"""));
        Assert.Equal(PlanStatus.Unknown, Decode("""{"pieces":[[[[[1]]]]],"v":7}"""));
        Assert.Equal(PlanStatus.Unknown, Decode(Golden.Replace("\"plain\"", "\"sealed-1\"", StringComparison.Ordinal)));
        Assert.Equal(PlanStatus.Malformed, Decode("""{"v":"2"}"""));
        Assert.Equal(PlanStatus.Malformed, Decode("[]"));
        Assert.Equal(PlanStatus.Malformed, Decode("null"));
        Assert.Equal(PlanStatus.Malformed, Decode(""));
        Assert.Equal(PlanStatus.Valid, Decode(Golden.Replace("\"v\":1", "\"v\":1,\"new\":[{}]", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_number_of_extents_and_the_size_are_bounded()
    {
        PlannedExtent one = Plan.Extents[0] with { From = 5, To = 6, Capability = new string('A', BlobCapability.MaxTextLength) };
        ReadPlan largest = Plan with { Extents = [.. Enumerable.Repeat(one, ReadPlan.MaxExtents)], Length = ReadPlan.MaxExtents, Next = new string('n', ReadPlan.MaxContinuation) };
        Assert.Equal(PlanStatus.Valid, ReadPlan.TryDecode(largest.Encode(), out _));
        Assert.True(largest.Encode().Length < ReadPlan.MaxSize);
        Assert.Equal(PlanStatus.Malformed, ReadPlan.TryDecode((largest with { Extents = [.. largest.Extents, one], Length = ReadPlan.MaxExtents + 1 }).Encode(), out _));
        Assert.Equal(PlanStatus.Malformed, ReadPlan.TryDecode((largest with { Next = largest.Next + "n" }).Encode(), out _));
        Assert.Equal(PlanStatus.Malformed, ReadPlan.TryDecode(Encoding.UTF8.GetBytes(Golden + new string(' ', ReadPlan.MaxSize)), out _));
    }

    [Fact]
    public void A_capability_is_not_printed() => Assert.DoesNotContain("AAA", Plan.Extents[0].ToString(), StringComparison.Ordinal);

    [Fact]
    public void A_changed_byte_never_leads_to_a_fault()
    {
        var random = new Random(20_261_201);
        byte[] golden = Encoding.UTF8.GetBytes(Golden);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] changed = [.. golden];
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            }

            if (ReadPlan.TryDecode(changed, out ReadPlan? read) == PlanStatus.Valid)
            {
                Assert.Equal(read!.Length, read.Extents.Sum(static extent => extent.To - extent.From));
            }
        }
    }

    [Fact]
    public void A_registration_and_its_answer_are_read_as_they_were_written()
    {
        var registration = new AcceleratorRegistration
        {
            Instance = new string('a', 32), Name = "gpu-1", Zone = "rack-7", Domains = ["s3.example.com"], Peer = "gpu-1.local:9100", Certificate = new string('c', 64), Version = "1.2.3",
            Statistics = new AcceleratorStatistics { Hits = 5, CacheBytes = long.MaxValue, HitBytes = [new OwnerHits(new string('0', 64), 9), new OwnerHits(null, 1)] },
            Generation = "a.1.2", Cleared = ["c1"],
        };
        Assert.True(AcceleratorRegistration.TryDecode(registration.Encode(), out AcceleratorRegistration? read));
        Assert.Equal(registration.Encode(), read.Encode());
        Assert.Equal(registration.Statistics with { HitBytes = [] }, read.Statistics with { HitBytes = [] });
        foreach (AcceleratorRegistration wrong in new[]
        {
            registration with { Instance = new string('A', 32) }, registration with { Name = "a b" }, registration with { Zone = "" }, registration with { Domains = ["A"] },
            registration with { Peer = "gpu-1.local" }, registration with { Peer = "gpu-1.local:0" }, registration with { Peer = "http://gpu:1" }, registration with { Peer = "a@b:1" },
            registration with { Certificate = null }, registration with { Peer = null }, registration with { Certificate = new string('c', 63) }, registration with { Version = "a\nb" },
            registration with { Generation = "" }, registration with { Generation = "a b" }, registration with { Cleared = ["-"] }, registration with { Cleared = [.. Enumerable.Repeat("c", 257)] },
            registration with { Statistics = new AcceleratorStatistics { HitBytes = [new OwnerHits("0", 1)] } }, registration with { Statistics = new AcceleratorStatistics { HitBytes = [new OwnerHits(null, -1)] } },
            registration with { Statistics = new AcceleratorStatistics { HitBytes = [.. Enumerable.Repeat(new OwnerHits(null, 1), 257)] } },
            registration with { Version = "" }, registration with { Domains = [.. Enumerable.Repeat("d", 33)] },
        })
        {
            Assert.False(AcceleratorRegistration.TryDecode(wrong.Encode(), out _));
        }

        var answer = new RegistrationAnswer
        {
            Heartbeat = 5, Now = 1, ZoneKeys = [new ZoneKey { Epoch = 7, Key = new byte[32], Until = 9 }],
            Peers = [new AcceleratorPeer(new string('b', 32), "gpu-2", "[2001:db8::2]:9100", new string('d', 64))], Clears = [new CacheClear("x", null), new CacheClear("y", 5)],
        };
        Assert.True(RegistrationAnswer.TryDecode(answer.Encode(), out RegistrationAnswer? told));
        Assert.Equal(answer.Encode(), told.Encode());
        Assert.False(RegistrationAnswer.TryDecode((answer with { ZoneKeys = [new ZoneKey { Epoch = 7, Key = new byte[31], Until = 9 }] }).Encode(), out _));
        Assert.False(RegistrationAnswer.TryDecode((answer with { Heartbeat = 0 }).Encode(), out _));
        Assert.True(RegistrationAnswer.TryDecode((answer with { Generation = "a.1.2", Peers = null, Clears = null }).Encode(), out _));
        Assert.False(RegistrationAnswer.TryDecode((answer with { Clears = null }).Encode(), out _));
        Assert.False(RegistrationAnswer.TryDecode((answer with { Generation = "a b" }).Encode(), out _));
        JsonNode without = JsonNode.Parse(answer.Encode())!;
        without.AsObject().Remove("peers");
        Assert.False(RegistrationAnswer.TryDecode(Encoding.UTF8.GetBytes(without.ToJsonString()), out _));
    }

    private static PlanStatus Decode(string text) => ReadPlan.TryDecode(Encoding.UTF8.GetBytes(text), out _);
}
