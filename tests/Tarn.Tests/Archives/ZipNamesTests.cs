using Tarn.S3.Archives;

namespace Tarn.Tests.Archives;

/// <summary>The names that files have in an archive.</summary>
public sealed class ZipNamesTests
{
    private static readonly string[] Hostile =
    [
        "a", "A", "a/b", "../x", "/x", "//x", "x/../../y", "..", ".", "./a", "a/./b", "a//b", "C:\\x", "C:/x", "c:x", "\\\\server\\share", "..\\..\\x", "a\\b", "x/..\\y", "file:///etc/passwd", "a:stream", "...", ".. ", "../ ", " ", "a. ", "a/.. /b",
        "con", "CON.txt", "x/nul.tar.gz", "aux ", "com1", "a\0b", "a\nb", "a\u001b[31m", "é", "e\u0301", "É", "a/", "a/b/", "x/", "/", "///", "dir/file", "dir/file/more", "dir/FILE", "a (2)", "a (2)/x", "b.txt", "B.TXT", "b (2).txt",
        "\u202Egpj.exe", "%2e%2e/x", "..%2fx", "~/x", "-rf", "ｆｕｌｌ", "full", "..\u200B/x", "\uFFFF", "日本語/名前",
    ];

    /// <summary>Each may stand beside each other, in any order.</summary>
    [Fact]
    public void No_name_leaves_its_directory_or_is_that_of_another()
    {
        var random = new Random(7);
        for (int round = 0; round < 200; round++)
        {
            string[] keys = [.. Hostile];
            random.Shuffle(keys);
            keys = keys[..random.Next(1, keys.Length + 1)];
            AssertSafe(keys, Named(keys));
        }
    }

    /// <summary>Whatever keys may be: bytes, of which names are made, in every place.</summary>
    [Fact]
    public void Names_of_any_text_are_safe()
    {
        var random = new Random(8);
        const string Alphabet = "ab.. //\\:\0\n cCoOnN12\u0301é~%";
        for (int round = 0; round < 300; round++)
        {
            string[] keys = [.. Enumerable.Range(0, 30).Select(_ => new string([.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => Alphabet[random.Next(Alphabet.Length)])])).Distinct()];
            AssertSafe(keys, Named(keys));
        }
    }

    [Fact]
    public void What_is_safe_stays_as_it_is()
    {
        string[] keys = ["a", "b/c.txt", "b/d/", "b/d/e", "日本語/名前.txt", "a b", ".hidden", "x..y", "contract.txt", "-rf", "~"];
        Assert.Equal(keys, Named(keys));
    }

    [Fact]
    public void Of_keys_that_are_one_file_the_later_ones_get_a_number()
    {
        Assert.Equal(["b.txt", "B (2).TXT", "b (2) (2).txt", "a (2)", "a/b", "é", "É (2)"], Named(["b.txt", "B.TXT", "b (2).txt", "a", "a/b", "é", "É"]));
    }

    [Theory]
    [InlineData("", "x/y", "x/y")]
    [InlineData("x/", "x/y", "y")]
    [InlineData("x/", "x/y/", "y/")]
    [InlineData("x/", "x//y", "y")]
    public void The_folder_that_all_are_in_is_left_out(string folder, string key, string name) => Assert.Equal([name], Named([key], folder));

    [Theory]
    [InlineData("a/b/x", "", "a/b/")]
    [InlineData("a/b/x a/b/c/", "", "a/b/")]
    [InlineData("a/b/x", "a/b/c/", "a/b/")]
    [InlineData("", "a/b/c/", "a/b/")]
    [InlineData("", "a/b/c", "a/b/")]
    [InlineData("", "a/", "")]
    [InlineData("a/bc/x a/bd/x", "", "a/")]
    [InlineData("a/x b/x", "", "")]
    [InlineData("x", "a/", "")]
    public void The_folder_of_keys_and_prefixes(string keys, string prefixes, string folder) =>
        Assert.Equal(folder, ZipNames.FolderOf(keys.Split(' ', StringSplitOptions.RemoveEmptyEntries), prefixes.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

    /// <summary>Keys that end with a slash may have bytes, and are files then.</summary>
    [Fact]
    public void What_has_bytes_is_a_file_whatever_its_key_ends_with()
    {
        Assert.Equal(["a", "b (2)", "b/c", "d/"], ZipNames.Of([new("a/", 1), new("b/", 1), new("b/c", 1), new("d/", 0)], ""));
        var random = new Random(9);
        for (int round = 0; round < 100; round++)
        {
            string[] keys = [.. Hostile];
            random.Shuffle(keys);
            AssertSafe(keys, ZipNames.Of([.. keys.Select(key => new ArchiveKey(key, random.Next(2)))], ""));
        }
    }

    private static string[] Named(string[] keys, string folder = "") => ZipNames.Of([.. keys.Select(static key => new ArchiveKey(key, 0))], folder);

    private static void AssertSafe(string[] keys, string[] names)
    {
        Assert.Equal(keys.Length, names.Length);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var directories = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in names)
        {
            Assert.DoesNotContain(name, static c => c is '\\' or ':' || char.IsControl(c));
            Assert.False(name.StartsWith('/'), name);
            string[] parts = name.TrimEnd('/').Split('/');
            Assert.All(parts, part => Assert.False(part.TrimEnd('.', ' ').Length == 0 || part is "." or "..", $"'{name}'"));
            Assert.All(parts, part => Assert.DoesNotMatch("(?i)^(con|nul|aux|prn|com[0-9]|lpt[0-9]) *([.]|$)", part));
            string folded = name.ToUpperInvariant();
            Assert.True(taken.Add(folded), $"'{name}' twice");
            for (int i = folded.IndexOf('/', StringComparison.Ordinal); i >= 0; i = folded.IndexOf('/', i + 1))
            {
                directories.Add(folded[..i]);
            }
        }

        Assert.Empty(taken.Intersect(directories));
    }
}
