using System.Text;
using System.Text.Unicode;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Listing;

namespace Tarn.Tests.Disks;

/// <summary>For any tree, page size, prefix, marker and delimiter, a listing equals a slow walk of the model.</summary>
public sealed class ListingPropertyTests
{
    private static readonly string[] Names =
    [
        "a", "a.b", "a-b", "a0", "b", "ab", "aa", "a b", " ", "~", "\u007f", "c\n", "\u0001x", "\u00c3\u00a9", "z", "A", "0", "a.", "...",
        "\u00ff", "a\u00fe", "\u00ef\u00bf\u00bf", new string('n', 255),
    ];

    private static readonly DiskOptions[] Options =
    [
        new(),
        new() { MaxNamesAtOnce = 4, SlowLook = TimeSpan.Zero },
        new() { MaxNamesAtOnce = 2, CacheBytes = 0, MaxDirectoriesPerPage = 7 },
        new() { MaxNameBytesAtOnce = 40, CacheBytes = 1 << 20 },
    ];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 24)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task A_listing_is_what_the_model_says(int seed)
    {
        var random = new Random(seed);
        ModelTree model = Random(random);
        DiskOptions options = Options[seed % Options.Length];
        using var fixture = new DiskFixture(options);
        model.Make(fixture.Tree);
        Disk disk = await fixture.AttachAsync();
        foreach (bool anyCharacter in new[] { true, false })
        {
            var oracle = new ListingOracle(model, anyCharacter);
            for (int round = 0; round < 40; round++)
            {
                string[] known = [.. oracle.Files.Concat(oracle.Directories)];
                DiskQuery query = new()
                {
                    Prefix = round < 2 ? [] : RawFiles.Raw(Pick(random, known)),
                    After = round < 2 || random.Next(3) == 0 ? null : RawFiles.Raw(Pick(random, known)),
                    ByDirectory = round % 2 == 1,
                    MaxKeys = random.Next(3) == 0 ? 1000 : 1 + random.Next(5),
                    AnyCharacter = anyCharacter,
                };
                List<string> expected = oracle.List(query);
                List<string> found = await fixture.AllAsync(disk, query);
                Assert.True(
                    expected.SequenceEqual(found),
                    $"prefix {Show(query.Prefix)}, after {Show(query.After)}, {query.ByDirectory}, {query.MaxKeys}\nexpected\n{Show(expected)}\nfound\n{Show(found)}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task What_is_listed_can_be_read_and_what_is_not_listed_cannot(int seed)
    {
        var random = new Random(seed);
        ModelTree model = Random(random);
        using var fixture = new DiskFixture();
        model.Make(fixture.Tree);
        Disk disk = await fixture.AttachAsync();

        // Reading accepts names of any bytes.
        SortedDictionary<string, byte[]> files = model.Files(_ => true);
        foreach ((string key, byte[] content) in files)
        {
            Assert.Equal(content, await fixture.ReadAsync(disk, key));
        }

        foreach (string directory in model.Directories(_ => true))
        {
            Assert.Null(await fixture.ReadAsync(disk, directory));
            Assert.Null(await fixture.ReadAsync(disk, directory[..^1]));
            foreach (string name in model.Root.Children.Keys.Where(name => !files.ContainsKey(directory + name)))
            {
                Assert.Null(await fixture.ReadAsync(disk, directory + name));
            }
        }
    }

    /// <summary>A tree of few names, so that they collide: files, directories, pipes, links of every kind.</summary>
    private static ModelTree Random(Random random)
    {
        var tree = new ModelTree();
        List<ModelNode.Folder> folders = [tree.Root];
        int size = random.Next(5, 60);
        for (int i = 0; i < size; i++)
        {
            ModelNode.Folder folder = folders[random.Next(folders.Count)];
            string name = Names[random.Next(Names.Length)];
            if (folder.Children.ContainsKey(name))
            {
                continue;
            }

            switch (random.Next(10))
            {
                case < 5:
                    folder[name] = new ModelNode.Regular(Encoding.ASCII.GetBytes($"file {i}"));
                    break;
                case < 8:
                    var below = new ModelNode.Folder();
                    folder[name] = below;
                    folders.Add(below);
                    break;
                case 8:
                    folder[name] = new ModelNode.Pipe();
                    break;
                default:
                    // Few links to directories: the tree that they make of a small one is large.
                    folder[name] = new ModelNode.Link(Target(random));
                    break;
            }
        }

        return tree;
    }

    private static string Target(Random random)
    {
        string one = Names[random.Next(Names.Length)];
        string other = Names[random.Next(Names.Length)];
        return random.Next(9) switch
        {
            0 => one,
            1 => "/" + one,
            2 => "../" + one,
            3 => one + "/" + other,
            4 => "/" + one + "/./" + other,
            5 => "../../../../" + one + "/../" + other,
            6 => "..",
            7 => "/",
            _ => "/etc/passwd",
        };
    }

    private static string Pick(Random random, string[] known)
    {
        string key = known.Length == 0 ? "a/b" : known[random.Next(known.Length)];
        return random.Next(6) switch
        {
            0 => "",
            1 => key,
            2 => key[..random.Next(key.Length)],
            3 => key + (char)random.Next(1, 256),
            4 => key[..^1] + (char)(key[^1] - 1),
            _ => Names[random.Next(Names.Length)] + "/",
        };
    }

    private static string Show(byte[]? bytes) => bytes is null ? "none" : Show(Encoding.Latin1.GetString(bytes));

    private static string Show(IEnumerable<string> keys) => string.Join('\n', keys.Select(Show));

    private static string Show(string key) => string.Concat(key.Select(c => c is > ' ' and < '\u007f' ? c.ToString() : $"\\{(int)c:x2}"));
}

/// <summary>What a listing must hold, from the whole list of what there is.</summary>
internal sealed class ListingOracle
{
    public ListingOracle(ModelTree model, bool anyCharacter)
    {
        bool Shown(string name) => Utf8.IsValid(RawFiles.Raw(name)) && (anyCharacter || IsXml(Encoding.UTF8.GetString(RawFiles.Raw(name))));
        Files = [.. model.Files(Shown).Keys];
        Directories = [.. model.Directories(Shown)];
    }

    public List<string> Files { get; }

    public List<string> Directories { get; }

    public List<string> List(DiskQuery query)
    {
        string prefix = Encoding.Latin1.GetString(query.Prefix);
        string? after = query.After is null ? null : Encoding.Latin1.GetString(query.After);
        IEnumerable<string> files = Files.Where(key => key.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(key, after ?? "") > 0);
        if (!query.ByDirectory)
        {
            return [.. files];
        }

        IEnumerable<string> direct = files.Where(key => !key[prefix.Length..].Contains('/', StringComparison.Ordinal));
        IEnumerable<string> prefixes = Directories.Where(directory =>
            directory.Length > prefix.Length
            && directory.StartsWith(prefix, StringComparison.Ordinal)
            && directory.IndexOf('/', prefix.Length) == directory.Length - 1
            && IsAfter(directory, after));
        return [.. direct.Concat(prefixes).Order(StringComparer.Ordinal)];
    }

    /// <summary>A directory comes after a marker within it as long as one of its files does.</summary>
    private bool IsAfter(string directory, string? after) =>
        after is null || string.CompareOrdinal(directory, after) > 0
        || (after != directory && after.StartsWith(directory, StringComparison.Ordinal)
            && Files.Exists(key => key.StartsWith(directory, StringComparison.Ordinal) && string.CompareOrdinal(key, after) > 0));

    private static bool IsXml(string name) => name.All(c => c is '\t' or '\n' or '\r' || (c >= ' ' && c is not ('\ufffe' or '\uffff')));
}
