using Microsoft.Extensions.Logging.Abstractions;
using Tarn.Backends.RocksDb;
using Tarn.Core;
using Tarn.Server.Configuration;
using Tarn.Server.Storage;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Server;

/// <summary>Data without its metadata is not taken for an empty server.</summary>
public sealed class MetadataStoreTests : IDisposable
{
    private const string Blob = "blobs/ab/abcd0123456789abcdef0123456789ab";
    private const string OldBlob = "blobs/ab/cd/abcd0123456789abcdef0123456789ab";

    private readonly TemporaryDirectory _directory = new();
    private readonly StoreHealth _health = new();

    public void Dispose()
    {
        _health.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(Blob, true)]
    [InlineData(Blob, false)]
    [InlineData(OldBlob, true)]
    [InlineData(OldBlob, false)]
    [InlineData("disks/d1/file", false)]
    public async Task Data_without_metadata_is_refused(string file, bool emptied)
    {
        await OpenAsync();
        Write(file);
        await OpenAsync();

        // A store with an id whose metadata was emptied, or one of a build before there were ids.
        foreach (string lost in Directory.GetFiles(_directory.FullPath, "*", SearchOption.AllDirectories))
        {
            bool isId = Path.GetFileName(lost) == "store-id";
            if (emptied ? Path.GetDirectoryName(lost) == _directory.PathOf("meta") && !isId : isId || Path.GetDirectoryName(lost) == _directory.PathOf("meta"))
            {
                File.Delete(lost);
            }
        }

        string[] before = Files();
        string message = (await Assert.ThrowsAsync<StartupException>(OpenAsync)).Message;
        string top = file.Split('/')[0];
        Assert.Contains($"there is data in {_directory.FullPath} ({_directory.PathOf(top)}), but no metadata", message, StringComparison.Ordinal);
        Assert.Contains("docs/operations/recovery.md", message, StringComparison.Ordinal);
        Assert.Equal(before, Files());
        Directory.Delete(_directory.PathOf(file[..^(file.Length - file.LastIndexOf('/'))]), recursive: true);
        await OpenAsync();
    }

    [Theory]
    [InlineData("blobs/tmp/abcd0123456789abcdef0123456789ab")]
    [InlineData("format")]
    [InlineData("master.key")]
    public async Task What_a_first_start_leaves_when_it_is_cut_off_is_no_data(string file)
    {
        if (file == "format")
        {
            Write(file, "5\n");
        }
        else
        {
            Write(file);
        }

        await OpenAsync();
    }

    private string[] Files() => [.. Directory.GetFiles(_directory.FullPath, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private async Task OpenAsync()
    {
        using DataDirectory data = DataDirectory.Open(_directory.FullPath, SystemRandomSource.Instance);
        await using RocksDbKeyValueStore store = MetadataStore.Open(data, Bound.From(), 64, _health, NullLogger.Instance);
    }

    private void Write(string file, string content = "x")
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_directory.PathOf(file))!);
        File.WriteAllText(_directory.PathOf(file), content);
    }
}
