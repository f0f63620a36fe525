using System.Text;
using Tarn.Core.Acceleration;
using Tarn.Core.Blobs;
using Tarn.Core.Model;

namespace Tarn.Tests.Acceleration;

public sealed class CapabilityTests
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_790_000_000);
    private static readonly BlobId Blob = new(new Id128(0x0123456789abcdef, 0x0f1e2d3c4b5a6978));
    private static readonly AcceleratorSecrets Secrets = new([.. Enumerable.Range(0, AcceleratorSecrets.Size).Select(static i => (byte)i)]);

    private static readonly BlobCapability First = new()
    {
        Blob = Blob, Offset = 65536, Length = 1_000_000, Zone = "rack-7", Expires = Now.ToUnixTimeSeconds() + 300, Epoch = ZoneKey.EpochOf(Now),
    };

    public static TheoryData<bool> Kinds => [false, true];

    [Theory]
    [InlineData(false, "AQAAAABqsTysAAeWRgEjRWeJq83vDx4tPEtaaXgAAAAAAAEAAAAAAAAAD0JABnJhY2stN2C8ckvCOFt4K6XX5iLwUKDqD2n0TKKaWO0WE1Kfa_Wd")]
    [InlineData(true, "AgAAAABqsTysAAAAAGqxO38AB5ZGASNFZ4mrze8PHi08S1ppeAAAAAAAAQAAAAAAAAAPQkAGcmFjay03UkRiQlQPwUMksdQ49KCCgdsFyL3V5KOvuD2Mx9nf3xk")]
    public void The_bytes_are_as_documented(bool isRenewed, string expected) => Assert.Equal(expected, Make(Of(isRenewed)));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Whoever_has_a_key_reads_what_was_made(bool isRenewed)
    {
        BlobCapability made = Of(isRenewed);
        string text = Make(made);
        Assert.Equal((CapabilityStatus.Valid, made), ByStore(text, Now));
        Assert.Equal((CapabilityStatus.Valid, made), ByZone(text, Now));
        Assert.True(BlobCapability.TryRead(text, out BlobCapability? read));
        Assert.Equal(made, read);
        Assert.True(text.Length <= BlobCapability.MaxTextLength);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void No_bit_may_be_another_one(bool isRenewed)
    {
        string text = Make(Of(isRenewed));
        for (int at = 0; at < text.Length; at++)
        {
            foreach (char other in Alphabet.Where(c => c != text[at]))
            {
                string changed = text[..at] + other + text[(at + 1)..];
                Assert.NotEqual(CapabilityStatus.Valid, ByStore(changed, Now).Status);
                Assert.NotEqual(CapabilityStatus.Valid, ByZone(changed, Now).Status);
            }
        }

        foreach (string bad in new[] { "", "A", text[..^1], text + "A", text + "=", " " + text, text + "\n", text[..40] + "\n" + text[40..], new string('A', 200), new string('A', 5000), "é" + text[1..] })
        {
            Assert.NotEqual(CapabilityStatus.Valid, ByStore(bad, Now).Status);
            Assert.NotEqual(CapabilityStatus.Valid, ByZone(bad, Now).Status);
        }
    }

    [Fact]
    public void The_key_of_the_zone_alone_makes_nothing_that_the_store_accepts()
    {
        byte[] zone = Secrets.KeyOf(First.Zone, First.Epoch).Key;
        string forged = (First with { Offset = 0, Length = long.MaxValue }).Make(zone, zone);
        Assert.Equal(CapabilityStatus.Forged, ByStore(forged, Now).Status);
        string byStore = First.Make(Secrets.StoreKey.Span, new byte[ZoneKey.Size]);
        Assert.Equal(CapabilityStatus.Forged, ByStore(byStore, Now).Status);
        Assert.Equal(CapabilityStatus.Forged, ByZone(byStore, Now).Status);
    }

    [Fact]
    public void Another_zone_may_not_use_it()
    {
        string text = Make(First);
        Assert.Equal(CapabilityStatus.OtherZone, ByStore(text, Now, "rack-8").Status);
        Assert.Equal(CapabilityStatus.OtherZone, ByZone(text, Now, "rack-8").Status);
        Assert.Equal(CapabilityStatus.OtherZone, ByZone(text, Now, "Rack-7").Status);
    }

    [Fact]
    public void An_epoch_whose_key_is_not_known_is_not_accepted() =>
        Assert.Equal(CapabilityStatus.Forged, BlobCapability.VerifyInZone(Make(First), First.Zone, static _ => null, Now, out _));

    [Theory]
    [InlineData(299_999, CapabilityStatus.Valid)]
    [InlineData(300_000, CapabilityStatus.Expired)]
    public void It_expires_to_the_millisecond(int milliseconds, CapabilityStatus expected)
    {
        Assert.Equal(expected, ByStore(Make(First), Now.AddMilliseconds(milliseconds)).Status);
        Assert.Equal(expected, ByZone(Make(First), Now.AddMilliseconds(milliseconds)).Status);
    }

    [Theory]
    [InlineData(65536, 1_000_000, true)]
    [InlineData(65536, 1, true)]
    [InlineData(1_065_535, 1, true)]
    [InlineData(65535, 1, false)]
    [InlineData(65535, 1_000_001, false)]
    [InlineData(65536, 1_000_001, false)]
    [InlineData(1_065_535, 2, false)]
    [InlineData(1_065_536, 1, false)]
    [InlineData(65536, 0, false)]
    [InlineData(65536, -1, false)]
    [InlineData(-1, 1, false)]
    [InlineData(65537, long.MaxValue, false)]
    [InlineData(long.MaxValue, long.MaxValue, false)]
    [InlineData(long.MinValue, long.MaxValue, false)]
    public void It_covers_its_run_and_nothing_else(long start, long length, bool expected)
    {
        Assert.Equal(expected, First.Covers(Blob, start, length));
        Assert.False(First.Covers(new BlobId(new Id128(1, 2)), start, length));
    }

    [Fact]
    public void A_value_outside_of_its_bounds_is_neither_made_nor_read()
    {
        Assert.Throws<ArgumentException>(() => Make(First with { Offset = -1 }));
        Assert.Throws<ArgumentException>(() => Make(First with { Length = 0 }));
        Assert.Throws<ArgumentException>(() => Make(First with { Offset = 2, Length = long.MaxValue - 1 }));
        Assert.Throws<ArgumentException>(() => Make(First with { Zone = "" }));
        Assert.Throws<ArgumentException>(() => Make(First with { Zone = new string('z', 64) }));
        Assert.Throws<ArgumentException>(() => Make(First with { Expires = -1 }));
        Assert.Throws<ArgumentException>(() => Make(First with { Since = -1 }));
        string longest = Make(First with { Zone = new string('z', 63), Since = 1 });
        Assert.Equal(BlobCapability.MaxTextLength, longest.Length);
        Assert.True(BlobCapability.TryRead(longest, out _));
    }

    [Fact]
    public void It_is_never_printed() => Assert.DoesNotContain(Make(First), First.ToString(), StringComparison.Ordinal);

    [Fact]
    public void Keys_differ_by_zone_and_epoch_and_only_those_that_are_needed_are_given_out()
    {
        uint epoch = ZoneKey.EpochOf(Now);
        byte[][] keys = [Secrets.KeyOf("a", epoch).Key, Secrets.KeyOf("b", epoch).Key, Secrets.KeyOf("a", epoch + 1).Key, Secrets.StoreKey.ToArray(), Secrets.ContinuationKey.ToArray()];
        Assert.Equal(keys.Length, keys.Select(Convert.ToHexString).Distinct().Count());
        Assert.Equal(keys[0], Secrets.KeyOf("a", epoch).Key);

        DateTimeOffset hour = DateTimeOffset.FromUnixTimeSeconds(epoch * 3600L);
        Assert.Equal([epoch - 1, epoch, epoch + 1], Secrets.KeysOf("a", hour.AddSeconds(299)).Select(static key => key.Epoch));
        Assert.Equal([epoch, epoch + 1], Secrets.KeysOf("a", hour.AddSeconds(300)).Select(static key => key.Epoch));
        Assert.Equal(hour.AddSeconds(3900).ToUnixTimeMilliseconds(), Secrets.KeyOf("a", epoch).Until);
        Assert.DoesNotContain(Convert.ToHexString(keys[0]), Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(Secrets.KeyOf("a", epoch).ToString())), StringComparison.OrdinalIgnoreCase);
    }

    private static BlobCapability Of(bool isRenewed) => isRenewed ? First with { Since = Now.ToUnixTimeSeconds() - 1 } : First;

    private static string Make(BlobCapability capability) => capability.Make(Secrets.StoreKey.Span, Secrets.KeyOf(capability.Zone, capability.Epoch).Key);

    private static (CapabilityStatus Status, BlobCapability? Read) ByStore(string text, DateTimeOffset now, string zone = "rack-7") =>
        (BlobCapability.Verify(text, zone, Secrets.StoreKey.Span, epoch => Secrets.KeyOf(zone, epoch), now, out BlobCapability? read), read);

    private static (CapabilityStatus Status, BlobCapability? Read) ByZone(string text, DateTimeOffset now, string zone = "rack-7") =>
        (BlobCapability.VerifyInZone(text, zone, epoch => Secrets.KeyOf(zone, epoch), now, out BlobCapability? read), read);
}
