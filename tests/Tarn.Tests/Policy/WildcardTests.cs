using System.Diagnostics;
using System.Text;
using Tarn.Core.Policy.Decisions;

namespace Tarn.Tests.Policy;

public sealed class WildcardTests
{
    [Theory]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("*", "", true)]
    [InlineData("*", "a/b/c", true)]
    [InlineData("**", "", true)]
    [InlineData("?", "", false)]
    [InlineData("?", "é", true)]
    [InlineData("?", "€", true)]
    [InlineData("??", "€", false)]
    [InlineData("*??", "€", false)]
    [InlineData("*?", "€", true)]
    [InlineData("*??ab", "€ab", false)]
    [InlineData("*??ab", "é€ab", true)]
    [InlineData("a*b*c", "abc", true)]
    [InlineData("a*b*c", "aXbXbXc", true)]
    [InlineData("a*b*c", "aXbXbX", false)]
    [InlineData("*.jpg", "x.jpg.jpg", true)]
    [InlineData("*.jpg", "x.jpgx", false)]
    [InlineData("a?c", "a/c", true)]
    [InlineData("*a?", "aab", true)]
    [InlineData("é*", "è", false)]
    public void Matches(string pattern, string text, bool matches) =>
        Assert.Equal(matches, Wildcard.IsMatch(Wildcard.Tokens(pattern), Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void As_does_the_obvious_way_of_matching()
    {
        var random = new Random(20_261_121);
        int matched = 0;
        for (int i = 0; i < 50_000; i++)
        {
            string pattern = Text(random, ["a", "b", "é", "😀", "*", "*", "?"], 8);
            string text = Text(random, ["a", "b", "é", "😀"], 8);
            bool expected = Obvious(pattern.EnumerateRunes().ToArray(), text.EnumerateRunes().ToArray());
            Assert.True(expected == Wildcard.IsMatch(Wildcard.Tokens(pattern), Encoding.UTF8.GetBytes(text)), $"{pattern} {text}");
            matched += expected ? 1 : 0;
        }

        Assert.InRange(matched, 5_000, 45_000);
    }

    [Fact]
    public void Bytes_that_are_no_characters_count_one_by_one()
    {
        byte[] text = [0xFF, 0xFE, 0xE2, (byte)'a', 0x80];
        Assert.True(Wildcard.IsMatch(Wildcard.Tokens("???a?"), text));
        Assert.False(Wildcard.IsMatch(Wildcard.Tokens("????a?"), text));
        Assert.True(Wildcard.IsMatch(Wildcard.Tokens("*a*"), text));
    }

    [Fact]
    public void Many_stars_take_no_longer_than_one_look_at_each_character_for_each_piece()
    {
        byte[] pattern = Wildcard.Tokens(string.Concat(Enumerable.Repeat("*a", 10_000)) + "*b");
        byte[] text = Encoding.ASCII.GetBytes(new string('a', 20_000));
        long start = Stopwatch.GetTimestamp();
        Assert.False(Wildcard.IsMatch(pattern, text));
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 60);
    }

    [Fact]
    public void A_long_piece_costs_far_less_than_its_length_for_each_character()
    {
        // Each place of the text is the beginning of nearly the whole piece: 100 million comparisons, if made one by one.
        byte[] pattern = Wildcard.Tokens("*" + new string('a', 10_000) + "b*");
        byte[] text = Encoding.ASCII.GetBytes(new string('a', 20_000));
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < 100; i++)
        {
            Assert.False(Wildcard.IsMatch(pattern, text));
        }

        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 5);
    }

    private static bool Obvious(ReadOnlySpan<Rune> pattern, ReadOnlySpan<Rune> text) =>
        pattern.IsEmpty ? text.IsEmpty
        : pattern[0].Value == '*' ? Obvious(pattern[1..], text) || (!text.IsEmpty && Obvious(pattern, text[1..]))
        : !text.IsEmpty && (pattern[0].Value == '?' || pattern[0] == text[0]) && Obvious(pattern[1..], text[1..]);

    private static string Text(Random random, string[] alphabet, int max) =>
        string.Concat(Enumerable.Range(0, random.Next(max + 1)).Select(_ => alphabet[random.Next(alphabet.Length)]));
}
