using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Tests.Model;

public class TagSetTests
{
    [Theory]
    [InlineData("k", "v")]
    [InlineData("k", "")]
    [InlineData("+- =._:/@ aZ09", "+- =._:/@ aZ09")]
    [InlineData("Straße", "日本語 ٣ 😀", false)]
    [InlineData("Straße", "日本語 ٣ 𝒳")]
    [InlineData("", "v", false)]
    [InlineData("a,b", "v", false)]
    [InlineData("a", "b;c", false)]
    [InlineData("a\n", "b", false)]
    [InlineData("aws:x", "v", false)]
    [InlineData("AWS:x", "v", false)]
    [InlineData("awsx", "aws:v")]
    public void Characters(string key, string value, bool accepted = true)
    {
        if (accepted)
        {
            Assert.Equal(value, Make((key, value)).Find(key));
        }
        else
        {
            Assert.Equal(S3Error.InvalidTag, Assert.Throws<S3Exception>(() => Make((key, value))).Error);
        }
    }

    [Fact]
    public void Lengths_are_UTF16()
    {
        Assert.Equal(1, Make((new string('k', 128), new string('v', 256))).Count);
        Assert.Equal(1, Make((string.Concat(Enumerable.Repeat("𝒳", 64)), "")).Count);
        Assert.Equal("The TagKey you have provided is invalid", Refusal((new string('k', 129), "")).Message);
        Assert.Equal("The TagKey you have provided is invalid", Refusal((string.Concat(Enumerable.Repeat("𝒳", 65)), "")).Message);
        Assert.Equal("The TagValue you have provided is invalid", Refusal(("k", new string('v', 257))).Message);
    }

    [Fact]
    public void Duplicates_are_refused_and_case_distinguishes()
    {
        Assert.Equal("Cannot provide multiple Tags with the same key", Refusal(("a", "1"), ("a", "1")).Message);
        Assert.Equal(2, Make(("a", "1"), ("A", "1")).Count);
    }

    [Theory]
    [InlineData(true, 10, "Object tags cannot be greater than 10")]
    [InlineData(false, 50, "Bucket tag count cannot be greater than 50")]
    public void Limits(bool ofObject, int most, string message)
    {
        TagLimits limits = ofObject ? TagLimits.Object : TagLimits.Bucket;
        Assert.Equal(most, TagSet.Create(Many(most), limits).Count);
        S3Exception refusal = Assert.Throws<S3Exception>(() => TagSet.Create(Many(most + 1), limits));
        Assert.Equal((S3Error.BadRequest, message), (refusal.Error, refusal.Message));
    }

    [Fact]
    public void Contains_compares_keys_and_values()
    {
        TagSet tags = Make(("a", "1"), ("b", "2"));
        Assert.True(tags.Contains(TagSet.Empty));
        Assert.True(tags.Contains(Make(("b", "2"))));
        Assert.False(tags.Contains(Make(("b", "1"))));
        Assert.False(tags.Contains(Make(("c", ""))));
        Assert.True(tags.Contains(Make(("b", "2"), ("a", "1"))));
    }

    /// <summary>What is stored stays readable: these bytes never change.</summary>
    [Fact]
    public void Golden()
    {
        TagSet tags = Make(("k", "v"), ("é", ""));
        Assert.Equal("0103060301" + "6B" + "050176" + "03060302" + "C3A9" + "0500", Convert.ToHexString(tags.Encode()));
        TagSet read = TagSetCodec.Decode(tags.Encode());
        Assert.Equal(tags, read);
        Assert.Equal(tags.Pairs, read.Pairs);
        Assert.Equal(TagSet.Empty, TagSetCodec.Decode(TagSet.Empty.Encode()));
        Assert.Throws<RecordFormatException>(() => TagSetCodec.Decode([2]));
    }

    private static IEnumerable<KeyValuePair<string, string>> Many(int count) =>
        Enumerable.Range(0, count).Select(i => new KeyValuePair<string, string>($"k{i}", ""));

    private static S3Exception Refusal(params (string Key, string Value)[] tags)
    {
        S3Exception refusal = Assert.Throws<S3Exception>(() => Make(tags));
        Assert.Equal(S3Error.InvalidTag, refusal.Error);
        return refusal;
    }

    private static TagSet Make(params (string Key, string Value)[] tags) =>
        TagSet.Create(tags.Select(t => new KeyValuePair<string, string>(t.Key, t.Value)), TagLimits.Object);
}
