using Tarn.Core;
using Tarn.Server.Configuration;
using Tarn.Server.Storage;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Server;

/// <summary>The parts of a data directory that must belong together, after a crash or with a file system that is not mounted.</summary>
public sealed class StoreIdTests : IDisposable
{
    private static readonly string[] Parts = ["", "meta", "blobs"];

    private readonly TemporaryDirectory _directory = new();

    private string Root => _directory.PathOf("data");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_new_store_and_one_of_before_get_an_id_that_stays()
    {
        Open();
        string id = File.ReadAllText(FileOf(""));
        Assert.Matches("^[0-9a-f]{32}\n$", id);
        Assert.All(Parts, part => Assert.Equal(id, File.ReadAllText(FileOf(part))));
        Assert.False(File.Exists(Path.Combine(Root, "store-id.pending")));
        Open();
        Assert.All(Parts, part => Assert.Equal(id, File.ReadAllText(FileOf(part))));
        foreach (string part in Parts)
        {
            File.Delete(FileOf(part));
        }

        Open();
        Assert.NotEqual(id, File.ReadAllText(FileOf("")));
        Assert.All(Parts, part => Assert.Equal(File.ReadAllText(FileOf("")), File.ReadAllText(FileOf(part))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("meta")]
    [InlineData("blobs")]
    public void A_part_that_is_not_mounted_is_refused_and_nothing_is_written(string missing)
    {
        Open();
        string id = File.ReadAllText(FileOf("")).Trim();

        // What is there without its file system: an empty directory, in which others may be mounted.
        foreach (string file in Directory.GetFiles(Path.Combine(Root, missing)))
        {
            File.Delete(file);
        }

        string[] before = All();
        string message = Assert.Throws<StartupException>(Open).Message;
        Assert.StartsWith($"{Path.Combine(Root, missing)} has no store-id", message, StringComparison.Ordinal);
        Assert.Contains(id, message, StringComparison.Ordinal);
        Assert.Equal(before, All());
        if (missing.Length > 0)
        {
            Directory.Delete(Path.Combine(Root, missing));
            Assert.Throws<StartupException>(Open);
            Assert.False(Directory.Exists(Path.Combine(Root, missing)));
            Directory.CreateDirectory(Path.Combine(Root, missing));
        }

        // As the message advises.
        File.WriteAllText(FileOf(missing), id + "\n");
        Open();
    }

    [Fact]
    public void Only_one_part_that_is_mounted_is_not_enough()
    {
        Open();
        File.Delete(FileOf(""));
        File.Delete(FileOf("meta"));
        Assert.Contains($"{Root} and {Path.Combine(Root, "meta")} have no store-id", Assert.Throws<StartupException>(Open).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "meta")]
    [InlineData("meta", "meta")]
    [InlineData("blobs", "blobs")]
    public void A_part_of_another_store_is_refused(string other, string named)
    {
        Open();
        File.WriteAllText(FileOf(other), new string('f', 32) + "\n");
        string message = Assert.Throws<StartupException>(Open).Message;
        Assert.Contains("parts of different stores", message, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(Root, named), message, StringComparison.Ordinal);
        File.WriteAllText(FileOf(other), "half");
        Assert.Contains("damaged", Assert.Throws<StartupException>(Open).Message, StringComparison.Ordinal);
    }

    /// <summary>What a crash may leave, in the order of writing; <c>*</c> is the file that marks it as incomplete.</summary>
    [Theory]
    [InlineData("*")]
    [InlineData("*,meta")]
    [InlineData("*,meta,blobs")]
    [InlineData("*,meta,blobs,")]
    public void A_crash_while_the_id_is_written_is_made_good(string left)
    {
        Open();
        string id = File.ReadAllText(FileOf(""));
        foreach (string part in Parts)
        {
            File.Delete(FileOf(part));
        }

        foreach (string part in left.Split(','))
        {
            File.WriteAllText(part == "*" ? Path.Combine(Root, "store-id.pending") : FileOf(part), id);
        }

        File.WriteAllText(FileOf("meta") + ".new", "ha");
        Open();
        Assert.All(Parts, part => Assert.Equal(id, File.ReadAllText(FileOf(part))));
        Assert.False(File.Exists(Path.Combine(Root, "store-id.pending")));
        Open();
    }

    [Fact]
    public void A_store_of_before_whose_blobs_are_not_mounted_is_refused_and_gets_no_id()
    {
        Directory.CreateDirectory(Path.Combine(Root, "meta"));
        File.WriteAllText(Path.Combine(Root, "meta/CURRENT"), "");
        AssertRefused();
        Directory.CreateDirectory(Path.Combine(Root, "blobs"));
        AssertRefused();
        Directory.CreateDirectory(Path.Combine(Root, "blobs/tmp"));
        Open();
        Assert.True(File.Exists(FileOf("blobs")));

        void AssertRefused()
        {
            string[] before = All();
            Assert.Contains("is a file system not mounted?", Assert.Throws<StartupException>(Open).Message, StringComparison.Ordinal);
            Assert.Equal(before, All());
        }
    }

    [Fact]
    public void Data_that_is_expected_is_not_made()
    {
        AssertRefused();
        Assert.False(Directory.Exists(Root));
        Directory.CreateDirectory(Root);
        AssertRefused();
        Assert.Empty(All());

        // The root is mounted, and the metadata's own file system is not: in a store without an id, nothing else shows it.
        Open();
        AssertRefused();
        File.WriteAllText(Path.Combine(Root, "meta/CURRENT"), "");
        DataDirectory.Open(Root, SystemRandomSource.Instance, expectData: true).Dispose();
        foreach (string part in Parts)
        {
            File.Delete(FileOf(part));
        }

        Directory.CreateDirectory(Path.Combine(Root, "blobs/tmp"));
        DataDirectory.Open(Root, SystemRandomSource.Instance, expectData: true).Dispose();
        Assert.True(File.Exists(FileOf("blobs")));

        void AssertRefused()
        {
            string message = Assert.Throws<StartupException>(() => DataDirectory.Open(Root, SystemRandomSource.Instance, expectData: true)).Message;
            Assert.Equal($"--expect-data: there is no store in the data directory {Root}: is its file system mounted? To create one, start once without --expect-data", message);
        }
    }

    [Fact]
    public void The_unit_knows_the_servers_flags()
    {
        string unit = Docs.Pages.Read("deploy/systemd/tarn.service");
        string start = unit.Split('\n').Single(line => line.StartsWith("ExecStart=", StringComparison.Ordinal));
        Assert.Contains("--expect-data", start, StringComparison.Ordinal);
        Assert.Contains("RequiresMountsFor=", unit, StringComparison.Ordinal);
        Assert.All(
            start.Split(' ').Where(word => word.StartsWith("--", StringComparison.Ordinal)),
            word => Assert.Contains(Settings.All, setting => setting.Flag == word.Split('=')[0]));
    }

    private void Open() => DataDirectory.Open(Root, SystemRandomSource.Instance).Dispose();

    private string FileOf(string part) => Path.Combine(Root, part, "store-id");

    private string[] All() => [.. Directory.EnumerateFileSystemEntries(Root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
