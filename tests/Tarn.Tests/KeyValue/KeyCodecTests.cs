using Tarn.Core.KeyValue;

namespace Tarn.Tests.KeyValue;

public sealed class KeyCodecTests
{
    [Fact]
    public void Encoded_order_is_the_order_of_the_tuples()
    {
        Random random = new(11);
        for (int i = 0; i < 20_000; i++)
        {
            (byte[] Name, uint Small, ulong Large, byte[] Tail) x = Tuple(random);
            (byte[] Name, uint Small, ulong Large, byte[] Tail) y = Tuple(random);
            int expected = ByteStringComparer.Instance.Compare(x.Name, y.Name);
            expected = expected != 0 ? expected : x.Small.CompareTo(y.Small);
            expected = expected != 0 ? expected : x.Large.CompareTo(y.Large);
            expected = expected != 0 ? expected : ByteStringComparer.Instance.Compare(x.Tail, y.Tail);
            Assert.Equal(Math.Sign(expected), Math.Sign(ByteStringComparer.Instance.Compare(Encode(x), Encode(y))));
        }
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        Random random = new(12);
        for (int i = 0; i < 5_000; i++)
        {
            (byte[] Name, uint Small, ulong Large, byte[] Tail) tuple = Tuple(random);
            KeyReader reader = KeyCodec.Read(Encode(tuple));
            Assert.Equal(9, reader.Byte());
            Assert.Equal(tuple.Name, reader.Terminated());
            Assert.Equal(tuple.Small, reader.UInt32());
            Assert.Equal(tuple.Large, reader.UInt64());
            Assert.Equal(tuple.Tail, reader.Raw().ToArray());
            Assert.True(reader.AtEnd);
        }
    }

    [Fact]
    public void The_bytes_of_a_key_are_frozen()
    {
        byte[] key = KeyCodec.Write().Byte(1).Terminated([0x61, 0x00, 0xFF]).UInt32(2).UInt64(3).Raw([0x00]).ToArray();
        Assert.Equal("01" + "6100FFFF0001" + "00000002" + "0000000000000003" + "00", Convert.ToHexString(key));
    }

    [Fact]
    public void Scratch_memory_makes_no_difference()
    {
        Span<byte> scratch = stackalloc byte[8];
        byte[] name = [.. Enumerable.Repeat((byte)7, 300)];
        Assert.Equal(
            KeyCodec.Write().Byte(1).Terminated(name).UInt64(5).ToArray(),
            KeyCodec.Write(scratch).Byte(1).Terminated(name).UInt64(5).ToArray());
    }

    [Theory]
    [InlineData("61", "62")]
    [InlineData("61FF", "62")]
    [InlineData("00", "01")]
    [InlineData("61FEFFFF", "61FF")]
    public void The_end_of_a_prefix_is_the_next_key_after_all_of_it(string prefix, string end) =>
        Assert.Equal(end, Convert.ToHexString(KeyCodec.PrefixEnd(Convert.FromHexString(prefix))));

    [Theory]
    [InlineData("")]
    [InlineData("FFFF")]
    public void A_prefix_that_nothing_follows_is_refused(string prefix) =>
        Assert.Throws<ArgumentException>(() => KeyCodec.PrefixEnd(Convert.FromHexString(prefix)));

    [Theory]
    [InlineData("")]
    [InlineData("61")]
    [InlineData("6100")]
    [InlineData("610002")]
    [InlineData("00FF")]
    public void An_unterminated_string_is_malformed(string key) =>
        Assert.Throws<InvalidDataException>(() => KeyCodec.Read(Convert.FromHexString(key)).Terminated());

    [Fact]
    public void A_short_number_is_malformed()
    {
        Assert.Throws<InvalidDataException>(() => KeyCodec.Read([1, 2, 3]).UInt32());
        Assert.Throws<InvalidDataException>(() => KeyCodec.Read([1, 2, 3, 4, 5, 6, 7]).UInt64());
        Assert.Throws<InvalidDataException>(() => KeyCodec.Read([]).Byte());
    }

    private static byte[] Encode((byte[] Name, uint Small, ulong Large, byte[] Tail) tuple) =>
        KeyCodec.Write(stackalloc byte[32]).Byte(9).Terminated(tuple.Name).UInt32(tuple.Small).UInt64(tuple.Large).Raw(tuple.Tail).ToArray();

    private static (byte[] Name, uint Small, ulong Large, byte[] Tail) Tuple(Random random) =>
        (Text(random), (uint)random.Next(3) * 0x01000000, (ulong)random.Next(3) << 60, Text(random));

    private static byte[] Text(Random random)
    {
        byte[] text = new byte[random.Next(4)];
        for (int i = 0; i < text.Length; i++)
        {
            text[i] = (byte)(random.Next(4) switch { 0 => 0x00, 1 => 0x01, 2 => 0xFE, _ => 0xFF });
        }

        return text;
    }
}
