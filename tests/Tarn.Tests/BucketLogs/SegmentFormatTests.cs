using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Tarn.Core.Buckets;
using Tarn.Core.Logging;
using Tarn.Core.Model;

namespace Tarn.Tests.BucketLogs;

/// <summary>The bytes of segments, and what is read of damaged ones.</summary>
public sealed class SegmentFormatTests
{
    private static readonly LogDestination One = new(7, "source", "owner", "acme", "r", new BucketLogging("target", "p/") { Format = LogKeyFormat.ByEventTime });

    private static readonly LogDestination Two = One with
    {
        SourceId = 8, Source = "other", Logging = new BucketLogging("t", "") { Grants = AccessControlList.Create([new Grant(Grantee.AllUsers, AclPermission.Read)]) },
    };

    [Fact]
    public void What_is_written_is_read()
    {
        byte[] content = [.. SegmentFormat.Destination(1, One), .. Lines(1, 5, "a\n"), .. SegmentFormat.Destination(2, Two), .. Lines(2, 6, "b\nc\n"), .. Lines(1, 7, "d\n")];
        (IReadOnlyList<SegmentLines> read, int whole, int strange) = SegmentFormat.Read(content);
        Assert.Equal((content.Length, 0), (whole, strange));
        Assert.Equal([(1, 5, 1, "a\n"), (2, 6, 2, "b\nc\n"), (1, 7, 1, "d\n")], read.Select(it => (it.Number, it.Day, it.Count, Encoding.ASCII.GetString(it.Text.Span))));
        Assert.Equal(One, read[0].Destination);
        Assert.Equal(Two with { Logging = Two.Logging with { Grants = null } }, read[1].Destination with { Logging = read[1].Destination.Logging with { Grants = null } });
        Assert.Equal(Two.Logging.Grants!.Grants, read[1].Destination.Logging.Grants!.Grants);
    }

    /// <summary>Existing spools must stay readable by later builds.</summary>
    [Fact]
    public void The_bytes_are_frozen() => Assert.Equal(
        "30000000D660CB81010201052B02070506736F7572636507056F776E6572090461636D650B01720D0F0103067461726765740502702F06020B000000D8DD9A5F010201060508010B02610A",
        Convert.ToHexString(SegmentFormat.Destination(1, One)) + Convert.ToHexString(Lines(1, 5, "a\n")));

    [Fact]
    public void Of_a_segment_that_was_cut_off_the_frames_before_are_read()
    {
        byte[][] frames = [SegmentFormat.Destination(1, One), Lines(1, 5, "a\n"), Lines(1, 5, "b\n"), Lines(1, 6, "c\n")];
        byte[] content = [.. frames.SelectMany(static frame => frame)];
        for (int length = 0; length <= content.Length; length++)
        {
            int left = length, complete = 0;
            while (complete < frames.Length && left >= frames[complete].Length)
            {
                left -= frames[complete++].Length;
            }

            (IReadOnlyList<SegmentLines> read, int whole, _) = SegmentFormat.Read(content.AsMemory(0, length));
            Assert.Equal((Math.Max(0, complete - 1), length - left), (read.Count, whole));
        }
    }

    [Fact]
    public void Frames_of_a_newer_build_are_left_out_and_those_after_them_are_read()
    {
        byte[] newer = [.. SegmentFormat.Destination(2, Two)];
        newer[SegmentFormat.HeaderSize] = 9;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(newer.AsSpan(4), (uint)Tarn.Core.Hashing.Crc.Crc32C.Of(newer.AsSpan(SegmentFormat.HeaderSize)));
        byte[] strange = Lines(2, 5, "not known where to\n");
        byte[] content = [.. newer, .. strange, .. SegmentFormat.Destination(1, One), .. Lines(1, 5, "a\n")];
        SegmentContent read = SegmentFormat.Read(content);
        Assert.Equal((content.Length, newer.Length + strange.Length), (read.Whole, read.Strange));
        Assert.Equal("a\n", Encoding.ASCII.GetString(Assert.Single(read.Lines).Text.Span));
    }

    [Fact]
    public void A_damaged_byte_ends_what_is_read_and_nothing_wrong_is_read() => Prop.ForAll(
        Gen.Zip(Gen.Choose(0, 10_000), Gen.Choose(1, 255)).ToArbitrary(),
        it =>
        {
            byte[] content = [.. SegmentFormat.Destination(1, One), .. Lines(1, 5, "first\n"), .. SegmentFormat.Destination(2, Two), .. Lines(2, 5, "second\n"), .. Lines(1, 6, "third\n")];
            content[it.Item1 % content.Length] ^= (byte)it.Item2;
            (IReadOnlyList<SegmentLines> found, int whole, _) = SegmentFormat.Read(content);
            string[] read = [.. found.Select(static lines => Encoding.ASCII.GetString(lines.Text.Span))];
            Assert.Equal(new[] { "first\n", "second\n", "third\n" }[..read.Length], read);
            Assert.True(read.Length < 3 && whole < content.Length);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_bytes_can_be_read() => Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>(), static bytes => SegmentFormat.Read(bytes) is { Lines.Count: 0, Whole: 0, Strange: 0 }).QuickCheckThrowOnFailure();

    private static byte[] Lines(int number, int day, string text) => SegmentFormat.Lines(number, day, text.Count(static c => c == '\n'), Encoding.ASCII.GetBytes(text));
}
