using Tarn.Core.Disks.Listing;
using Tarn.Core.Disks.Writing;

namespace Tarn.Tests.Disks;

/// <summary>Random changes of a disk and of a model of it lead to the same tree, and to the same refusals.</summary>
public sealed class WritingPropertyTests
{
    private static readonly string[] Names = ["a", "b", "c", "a.b", "ä"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Any_sequence_of_changes_does_what_the_model_does(int seed)
    {
        var random = new Random(seed);
        using WritingFixture disk = await WritingFixture.StartAsync();
        var model = new SortedDictionary<string, string?>(StringComparer.Ordinal);
        int made = 0;
        for (int step = 0; step < 600; step++)
        {
            (string path, string other) = (Any(random), Any(random));
            bool flag = random.Next(2) == 0;
            string content = $"{step}";
            (string what, bool expected, Func<Task> change) = random.Next(5) switch
            {
                0 or 1 => ($"put {path} {flag}", Put(model, path, content, flag), () => disk.PutAsync(path, content, flag)),
                2 => ($"mkdir {path} {flag}", Make(model, path, flag), () => disk.MakeAsync(path, flag)),
                3 => ($"mv {path} {other} {flag}", Rename(model, path, other, flag), () => disk.RenameAsync(path, other, flag)),
                _ => ($"rm {path} {flag}", Remove(model, path, flag), (Func<Task>)(() => disk.RemoveAsync(path, flag))),
            };
            bool done;
            try
            {
                await change();
                done = true;
            }
            catch (DiskChangeRefusedException)
            {
                done = false;
            }

            Assert.True(expected == done, $"step {step} of {seed}: {what}: {done}");
            made += done ? 1 : 0;
        }

        Assert.True(made > 100);
        Assert.Empty(disk.Staged());
        Assert.Equal(model.Where(entry => entry.Value is not null).Select(entry => entry.Key), await ListAsync(disk));
        foreach ((string path, string? content) in model)
        {
            Assert.Equal(content, content is null ? (Directory.Exists(disk.PathOf(path)) ? null : "no directory") : disk.Read(path));
        }

        int entries = Directory.EnumerateFileSystemEntries(disk.Tree, "*", SearchOption.AllDirectories).Count(path => !path.Contains(".tarn-uploads", StringComparison.Ordinal));
        Assert.Equal(model.Count, entries);
    }

    private static async Task<IEnumerable<string>> ListAsync(WritingFixture disk) =>
        (await disk.Files.AllAsync(disk.Disk, new DiskQuery())).Select(key => System.Text.Encoding.UTF8.GetString(RawFiles.Raw(key))).Order(StringComparer.Ordinal);

    private static string Any(Random random) => string.Join('/', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Names[random.Next(Names.Length)]));

    private static string? Parent(string path) => path.Contains('/', StringComparison.Ordinal) ? path[..path.LastIndexOf('/')] : null;

    private static bool IsDirectory(SortedDictionary<string, string?> model, string? path) => path is null || (model.TryGetValue(path, out string? content) && content is null);

    private static bool IsFile(SortedDictionary<string, string?> model, string path) => model.TryGetValue(path, out string? content) && content is not null;

    private static string[] Below(SortedDictionary<string, string?> model, string path) => [.. model.Keys.Where(key => key.StartsWith(path + "/", StringComparison.Ordinal))];

    private static bool Put(SortedDictionary<string, string?> model, string path, string content, bool replaces)
    {
        if (!IsDirectory(model, Parent(path)) || IsDirectory(model, path) || (IsFile(model, path) && !replaces))
        {
            return false;
        }

        model[path] = content;
        return true;
    }

    private static bool Make(SortedDictionary<string, string?> model, string path, bool parents)
    {
        if (!parents)
        {
            return IsDirectory(model, Parent(path)) && model.TryAdd(path, null);
        }

        string[] names = path.Split('/');
        for (int i = 1; i <= names.Length; i++)
        {
            string step = string.Join('/', names[..i]);
            if (IsFile(model, step))
            {
                return false;
            }

            model.TryAdd(step, null);
        }

        return true;
    }

    private static bool Rename(SortedDictionary<string, string?> model, string from, string to, bool replaces)
    {
        bool isWithin = to == from || to.StartsWith(from + "/", StringComparison.Ordinal);
        if (isWithin || !model.TryGetValue(from, out string? content) || !IsDirectory(model, Parent(to)))
        {
            return false;
        }

        if (model.TryGetValue(to, out string? there) && (!replaces || (there is null) != (content is null) || Below(model, to).Length > 0))
        {
            return false;
        }

        string[] below = Below(model, from);
        foreach (string key in below.Append(from))
        {
            model.Remove(key, out string? moved);
            model[to + key[from.Length..]] = moved;
        }

        return true;
    }

    private static bool Remove(SortedDictionary<string, string?> model, string path, bool recursive)
    {
        string[] below = Below(model, path);
        if (!model.ContainsKey(path) || (below.Length > 0 && !recursive))
        {
            return false;
        }

        foreach (string key in below.Append(path))
        {
            model.Remove(key);
        }

        return true;
    }
}
