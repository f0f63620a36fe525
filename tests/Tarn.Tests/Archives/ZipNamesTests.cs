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
        "a<b>c", "say \"x\"", "a|b", "what?", "*", "a/*.txt", "?", "a\u2066b\u2069", "\u200F", "\u061Cx/y", "x/com\u00B9.txt", "LPT\u00B3", "conin$", "CONOUT$.log",
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
        const string Alphabet = "ab?\u202E.. //\\:\0\n cCoOnN12\u0301é~%";
        for (int round = 0; round < 300; round++)
        {
            string[] keys = [.. Enumerable.Range(0, 30).Select(_ => new string([.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => Alphabet[random.Next(Alphabet.Length)])])).Distinct()];
            AssertSafe(keys, Named(keys));
        }
    }

    /// <summary>Windows does not accept these; what turns the direction of text makes one name look like another.</summary>
    [Fact]
    public void What_Windows_refuses_and_what_turns_text_around_is_replaced()
    {
        Assert.Equal(["a_b_c_d_e_f", "x_gpj.exe", "______________"], Named(["a<b>c\"d|e?f", "x\u202Egpj.exe", "*\u061C\u200E\u200F\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069?"]));
        Assert.Equal(["_com\u00B9", "_LPT\u00B2.txt", "_conin$", "_CONOUT$.x", "conin", "com\u2074"], Named(["com\u00B9", "LPT\u00B2.txt", "conin$", "CONOUT$.x", "conin", "com\u2074"]));
    }

    /// <summary>Keys of as many directories as there can be, each of which is another's.</summary>
    [Fact]
    public void Names_take_memory_in_proportion_to_the_keys() =>
        AssertProportional([.. Enumerable.Range(0, 2047).Select(static i => $"{i:D4}/{string.Concat(Enumerable.Repeat("a/", 509))}f")]);

    /// <summary>Of these each takes a number, and none looks for it from the first on.</summary>
    [Fact]
    public void Names_that_are_one_file_take_time_in_proportion_to_the_keys()
    {
        string[] keys = [.. Enumerable.Range(0, 10_000).Select(static i => string.Concat(Enumerable.Range(0, 14).Select(bit => (i >> bit & 1) == 0 ? 'a' : 'A')))];
        AssertProportional(keys);
        Assert.Equal(keys.Select(static (key, i) => i == 0 ? key : $"{key} ({i + 1})"), Named(keys));
    }

    /// <summary>Their numbers are those of directories, as far as there are any.</summary>
    [Fact]
    public void Names_whose_numbers_are_taken_take_time_in_proportion_to_the_keys()
    {
        string[] keys = [.. Enumerable.Range(0, 5000).Select(static i => string.Concat(Enumerable.Range(0, 13).Select(bit => (i >> bit & 1) == 0 ? 'a' : 'A'))), .. Enumerable.Range(2, 5000).Select(static i => $"AAAAAAAAAAAAA ({i})/x")];
        AssertProportional(keys);
        Assert.Equal("aAAAAAAAAAAAA (5002)", Named([.. keys.Where(static key => key.Contains('x', StringComparison.Ordinal)), "AAAAAAAAAAAAA", "aAAAAAAAAAAAA"])[^1]);
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
        Assert.Equal(["a", "b (2)", "b/c", "d/"], ZipNames.Of([new("a/", 1), new("b/", 1), new("b/c", 1), new("d/", 0)], "", CancellationToken.None));
        var random = new Random(9);
        for (int round = 0; round < 100; round++)
        {
            string[] keys = [.. Hostile];
            random.Shuffle(keys);
            AssertSafe(keys, ZipNames.Of([.. keys.Select(key => new ArchiveKey(key, random.Next(2)))], "", CancellationToken.None));
        }
    }

    [Fact]
    public void Names_are_not_made_for_who_has_gone() =>
        Assert.Throws<OperationCanceledException>(static () => ZipNames.Of([new("a", 1)], "", new CancellationToken(canceled: true)));

    private static string[] Named(string[] keys, string folder = "") => ZipNames.Of([.. keys.Select(static key => new ArchiveKey(key, 0))], folder, CancellationToken.None);

    /// <summary>By what is allocated, which is the same on every machine: a few times what the keys are, and a little for each.</summary>
    private static void AssertProportional(string[] keys)
    {
        Named(["a", "a"]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Named(keys);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before, most = keys.Sum(static key => 800 + (16L * key.Length));
        Assert.True(allocated < most, $"{allocated} bytes for {keys.Length} keys; expected less than {most}");
    }

    private static void AssertSafe(string[] keys, string[] names)
    {
        Assert.Equal(keys.Length, names.Length);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var directories = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in names)
        {
            Assert.DoesNotContain(name, static c => c is '\\' or ':' or '<' or '>' or '"' or '|' or '?' or '*' or '\u061C' or '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') || char.IsControl(c));
            Assert.False(name.StartsWith('/'), name);
            string[] parts = name.TrimEnd('/').Split('/');
            Assert.All(parts, part => Assert.False(part.TrimEnd('.', ' ').Length == 0 || part is "." or "..", $"'{name}'"));
            Assert.All(parts, part => Assert.DoesNotMatch("(?i)^(con|nul|aux|prn|conin\\$|conout\\$|com[0-9\u00B9\u00B2\u00B3]|lpt[0-9\u00B9\u00B2\u00B3]) *([.]|$)", part));
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
