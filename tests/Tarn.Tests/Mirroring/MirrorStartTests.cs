using System.Globalization;
using Tarn.Core.Mirroring;

namespace Tarn.Tests.Mirroring;

/// <summary>Which side leads, by what both look like.</summary>
public sealed class MirrorStartTests
{
    // A side: "-" was never one of a mirror and has a store, "0" is empty, "?" cannot be looked at; T, A and S are its standing, followed by the
    // epoch; N is alone without ever having had a partner. "*": it was mirrored with another directory, "e": its stores are empty, "!": they are known to be
    // unusable.
    [Theory]
    [InlineData("-", "0", "data Fill")]
    [InlineData("0", "0", "data Fill")]
    [InlineData("N1", "0", "data Fill")]
    [InlineData("N1", "S1", "data Fill")]
    [InlineData("A1", "S1", "data Fill")]
    [InlineData("T2", "T2", "data Together")]
    [InlineData("A3", "T2", "data Fill")]
    [InlineData("T2", "A3", "mirror Fill")]
    [InlineData("A3", "S2", "data Fill")]
    [InlineData("S2", "A3", "mirror Fill")]
    [InlineData("T4", "S2", "data Fill")]
    [InlineData("S2", "T4", "mirror Fill")]
    [InlineData("T4", "T2", "data Fill")]
    [InlineData("T2", "T4", "mirror Fill")]
    [InlineData("A3", "?", "data Missing")]
    [InlineData("?", "A3", "mirror Missing")]
    [InlineData("A3", "T2!", "data Missing")]
    [InlineData("A3", "0", "data Missing")]
    [InlineData("0", "A3", "mirror Missing")]
    [InlineData("T2", "T2!", "data Missing")]
    [InlineData("T2!", "T2", "mirror Missing")]
    [InlineData("T2", "T2e", "data Missing")]
    [InlineData("T2", "S2!", "data Missing")]
    public void The_side_that_has_everything_leads(string data, string mirror, string expected)
    {
        MirrorStart start = Decide(data, mirror);
        Assert.Equal(expected, $"{(start.Lead == 0 ? "data" : "mirror")} {start.Other}");
        Assert.Equal(start.Other == MirrorOther.Missing, start.Missing is not null);
    }

    [Theory]
    [InlineData("T2", "?", "mirror may have gone on alone since", "--mirror-accept-stale 0000000000000001-2 ")]
    [InlineData("?", "T2", "data may have gone on alone since", "--mirror-accept-stale 0000000000000002-2 ")]
    [InlineData("T2", "A3!", "mirror may have gone on alone since", "--mirror-accept-stale 0000000000000001-2 ")]
    [InlineData("T2", "0", "mirror is empty, and was one side of the mirror", "--mirror-accept-stale 0000000000000001-2 ")]
    [InlineData("0", "-", "is the file system of data mounted", "--mirror-rebuild")]
    [InlineData("-", "-", "none of them is overwritten", "move its meta/")]
    [InlineData("A3", "-", "mirror holds data and was never one side", "move meta/")]
    [InlineData("-", "T2", "data holds data and was never one side", "move meta/")]
    [InlineData("S2", "-", "mirror holds data and was never one side", "move meta/")]
    [InlineData("S2", "0", "mirror is empty", "is its file system mounted")]
    [InlineData("A3", "A3", "have parted", "--mirror-rebuild")]
    [InlineData("A3", "S4", "have parted", "--mirror-rebuild")]
    [InlineData("T2", "S3", "have parted", "--mirror-rebuild")]
    [InlineData("A3", "T2*", "not those of one mirror", "--mirror-rebuild")]
    [InlineData("T2", "T2*", "not those of one mirror", "--mirror-rebuild")]
    [InlineData("A3", "S2*", "not those of one mirror", "--mirror-rebuild")]
    [InlineData("T2", "A3e", "there is nothing in its meta/ and blobs/", "--mirror-accept-stale 0000000000000001-2 ")]
    [InlineData("T2", "T2*!", "mirror may have gone on alone since", "--mirror-accept-stale 0000000000000001-2 ")]
    [InlineData("A3", "A4!", "mirror may have gone on alone since", "--mirror-accept-stale 0000000000000001-3 ")]
    [InlineData("A3", "A5", "have parted", "--mirror-rebuild")]
    [InlineData("A3", "T3", "have parted", "--mirror-rebuild")]
    [InlineData("A3", "T4", "have parted", "--mirror-rebuild")]
    [InlineData("S2", "?", "data does not have everything", "restore a backup")]
    [InlineData("S2", "S2", "was being filled", "restore a backup")]
    [InlineData("-", "?", "cannot begin a mirror: broken", "")]
    [InlineData("-", "T2!", "data was never one side", "broken")]
    [InlineData("?", "?", "neither side", "broken")]
    public void Without_a_side_that_is_known_to_have_everything_the_start_is_refused(string data, string mirror, string why, string remedy)
    {
        string message = Assert.Throws<MirrorRefusedException>(() => Decide(data, mirror)).Message;
        Assert.Contains(why, message, StringComparison.Ordinal);
        Assert.Contains(remedy, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("T2", "?", 1, 2, true)]
    [InlineData("T2", "?", 1, 1, false)]
    [InlineData("T4", "?", 1, 2, false)]
    [InlineData("?", "T2", 2, 2, true)]
    [InlineData("S2", "?", 1, 2, false)]
    [InlineData("T2", "?", 2, 2, false)] // it was meant for the other side, which may have gone on alone with it since
    [InlineData("?", "T2", 1, 2, false)]
    public void A_side_that_may_lack_commits_starts_alone_only_if_it_was_named_with_its_epoch(string data, string mirror, ulong side, ulong epoch, bool starts)
    {
        var accept = new MirrorStale(side, epoch);
        if (starts)
        {
            Assert.Equal(MirrorOther.Missing, Decide(data, mirror, accept).Other);
        }
        else
        {
            Assert.Throws<MirrorRefusedException>(() => Decide(data, mirror, accept));
        }
    }

    [Theory]
    [InlineData("00000000000000aa-4", true)]
    [InlineData("4", false)]
    [InlineData("-4", false)]
    [InlineData("00000000000000aa-", false)]
    [InlineData("00000000000000aa--4", false)]
    [InlineData("0000000000000zaa-4", false)]
    [InlineData("", false)]
    public void The_side_that_may_lack_commits_is_named_by_its_number_and_its_epoch(string text, bool isOne) =>
        Assert.Equal(isOne ? new MirrorStale(0xAA, 4) : (MirrorStale?)null, MirrorStale.Parse(text));

    [Fact]
    public void An_empty_place_where_a_side_was_is_filled_when_told_so()
    {
        Assert.Equal(MirrorOther.Fill, Decide("A2", "0", rebuild: true).Other);
        Assert.Equal(MirrorOther.Fill, Decide("T2", "0", accept: new MirrorStale(1, 2), rebuild: true).Other);
        Assert.Contains("--mirror-accept-stale 0000000000000001-2 ", Assert.Throws<MirrorRefusedException>(() => Decide("T2", "0", rebuild: true)).Message, StringComparison.Ordinal);
        Assert.Equal(new MirrorStart(1, MirrorOther.Fill), Decide("0", "-", rebuild: true));
        Assert.Equal(new MirrorStart(1, MirrorOther.Fill), Decide("0", "A3", rebuild: true));
    }

    [Fact]
    public void Sides_of_two_stores_are_refused_whatever_their_marks_say()
    {
        MirrorLook[] looks = [Look("T2", 0) with { Store = "a" }, Look("T2", 1) with { Store = "b" }];
        Assert.Contains("cannot be the sides of one mirror", Assert.Throws<MirrorRefusedException>(
            () => MirrorStart.Decide(["data", "mirror"], looks, acceptStale: new MirrorStale(1, 2), rebuild: true)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("A3", null, false)]
    [InlineData("T2", "0000000000000001-2", true)]
    public void A_side_starts_without_its_mirror_if_it_went_on_alone_or_is_told_to(string side, string? accept, bool isToBeMarked) =>
        Assert.Equal(isToBeMarked, MirrorStart.DecideAlone("data", Look(side, 0).Mark!, accept is null ? null : MirrorStale.Parse(accept)));

    [Theory]
    [InlineData("T2", null)]
    [InlineData("T2", "0000000000000001-1")]
    [InlineData("T2", "0000000000000002-2")]
    [InlineData("S2", "0000000000000001-2")]
    public void A_side_that_may_lack_commits_is_refused_without_its_mirror(string side, string? accept) =>
        Assert.Contains("--mirror", Assert.Throws<MirrorRefusedException>(() => MirrorStart.DecideAlone("data", Look(side, 0).Mark!, accept is null ? null : MirrorStale.Parse(accept))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_mark_is_read_back_and_a_damaged_one_is_none()
    {
        var mark = new MirrorMark(3, 4, 7, MirrorStanding.Stale, DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123));
        byte[] bytes = mark.Encode();
        Assert.Equal(MirrorMark.Size, bytes.Length);
        Assert.Equal(mark, MirrorMark.Decode(bytes));
        for (int i = 0; i < bytes.Length; i++)
        {
            byte[] flipped = [.. bytes];
            flipped[i] ^= 1;
            Assert.True(MirrorMark.Decode(flipped) is null, $"byte {i}");
        }

        Assert.Null(MirrorMark.Decode(bytes.AsSpan(1)));
    }

    private static MirrorStart Decide(string data, string mirror, MirrorStale? accept = null, bool rebuild = false) =>
        MirrorStart.Decide(["data", "mirror"], [Look(data, 0), Look(mirror, 1)], accept, rebuild);

    private static MirrorLook Look(string side, int index)
    {
        Exception? problem = side.EndsWith('!') || side == "?" ? new IOException("broken") : null;
        side = side.TrimEnd('!');
        bool isStranger = side.EndsWith('*');
        bool isEmpty = side.EndsWith('e');
        side = side.TrimEnd('*', 'e');
        return side switch
        {
            "-" => new MirrorLook(null, false),
            "0" => new MirrorLook(null, true),
            "?" => new MirrorLook(null, false, problem),
            _ => new MirrorLook(
                new MirrorMark(
                    isStranger ? 9ul : (ulong)index + 1,
                    side[0] == 'N' ? 0 : isStranger ? 8 : 2 - (ulong)index,
                    ulong.Parse(side.AsSpan(1), CultureInfo.InvariantCulture),
                    side[0] switch { 'T' => MirrorStanding.Together, 'A' or 'N' => MirrorStanding.Alone, _ => MirrorStanding.Stale },
                    DateTimeOffset.UnixEpoch),
                isEmpty,
                problem),
        };
    }
}
