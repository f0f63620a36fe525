using System.Text;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.S3.Wire;

namespace Tarn.Tests.Wire;

public sealed class HeaderTextTests
{
    public static TheoryData<string, byte[]> Values => new()
    {
        { "ascii", "plain =?x"u8.ToArray() },
        { "utf8", "é 日本 😀"u8.ToArray() },
        { "latin1", [0x61, 0xE9, 0xFF] },
        { "cut off", [0xE6, 0x97] },
        { "an encoded surrogate", [0xED, 0xB2, 0x80] },
        { "beside a pair", [0xF0, 0x9F, 0x98, 0x80, 0x80, 0xF0, 0x9F, 0x98, 0x80] },
        { "nothing", [] },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void No_byte_is_lost(string kind, byte[] bytes)
    {
        string text = HeaderText.Decode(bytes);
        Assert.True(bytes.AsSpan().SequenceEqual(HeaderText.Encode(text)), kind);
        Assert.Equal(Encoding.UTF8.GetByteCount(Encoding.UTF8.GetString(bytes)) == bytes.Length && !Encoding.UTF8.GetString(bytes).Contains('\uFFFD'), HeaderText.IsUtf8(text));
        Encoding encoding = HeaderTextEncoding.OfResponse("x-amz-meta-a");
        Assert.Equal(text, encoding.GetString(bytes));
        Assert.Equal(bytes, encoding.GetBytes(text));
    }

    [Fact]
    public void Random_bytes_come_back()
    {
        var random = new Random(1);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = new byte[random.Next(12)];
            random.NextBytes(bytes);
            Assert.Equal(bytes, HeaderText.Encode(HeaderText.Decode(bytes)));
        }
    }

    [Theory]
    [MemberData(nameof(Values))]
    public void Records_keep_them(string kind, byte[] bytes)
    {
        string value = HeaderText.Decode(bytes);
        var metadata = new ObjectMetadata { ContentDisposition = value, User = [new("a", value)] };
        var record = new ObjectRecord { Size = 0, LastModified = 0, ETag = default, OwnerId = "o", Metadata = metadata };
        ObjectMetadata kept = ObjectRecord.Decode(record.Encode()).Metadata;
        Assert.True(kept.ContentDisposition == value && kept.User[0].Value == value, kind);
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("é", "=?UTF-8?B?w6k=?=")]
    [InlineData("", "")]
    public void Words(string value, string header) => Assert.Equal(header, EncodedWords.Encode(value));

    [Fact]
    public void Words_have_75_characters_at_most_and_no_character_is_in_two()
    {
        string value = string.Concat(Enumerable.Repeat("x😀é", 30));
        string[] words = EncodedWords.Encode(value).Split(' ');
        Assert.All(words, word => Assert.InRange(word.Length, 1, 75));
        Assert.Equal(value, string.Concat(words.Select(word => Encoding.UTF8.GetString(Convert.FromBase64String(word[10..^2])))));
        Assert.All(words, word => Assert.DoesNotContain('\uFFFD', Encoding.UTF8.GetString(Convert.FromBase64String(word[10..^2]))));
    }
}
