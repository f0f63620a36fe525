using Tarn.Core;
using Tarn.Core.KeyValue;
using Tarn.Server.Configuration;
using Tarn.Server.Identity;
using Tarn.Server.Storage;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Server;

/// <summary>A store that the key of the documentation opens, and one that it does not.</summary>
public sealed class DevStoreTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Root => _directory.PathOf("data");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_store_of_its_own_is_opened_again_and_again()
    {
        Open(isDev: true);
        Open(isDev: true);
        Assert.True(File.Exists(Path.Combine(Root, "dev")));
    }

    [Fact]
    public void A_store_with_another_key_is_refused_and_left_as_it_is()
    {
        Open(isDev: false);
        string[] before = Content();
        string refusal = Assert.Throws<StartupException>(() => Open(isDev: true)).Message;
        Assert.StartsWith($"--dev: the store in {Root} was served without --dev", refusal, StringComparison.Ordinal);
        Assert.Equal(before, Content());
        Open(isDev: false);
    }

    [Fact]
    public void A_store_that_was_served_without_the_flag_is_opened_with_it_only_once_an_operator_says_so()
    {
        Open(isDev: true);
        Open(isDev: false);
        string refusal = Assert.Throws<StartupException>(() => Open(isDev: true)).Message;
        string file = Path.Combine(Root, "dev");
        Assert.EndsWith($"create the file {file}", refusal, StringComparison.Ordinal);
        File.WriteAllText(file, "");
        Open(isDev: true);
    }

    [Fact]
    public void A_store_that_another_server_has_is_judged_only_once_that_has_ended()
    {
        using (DataDirectory.Open(Root, SystemRandomSource.Instance))
        {
            Assert.Contains("is in use by another server", Assert.Throws<StartupException>(() => Open(isDev: true)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_key_is_not_stored_so_that_it_opens_nothing_without_the_flag()
    {
        await using var metadata = new MemoryKeyValueStore();
        RootIdentity dev, later;
        using (ServerIdentity identity = await IdentityAsync(metadata, new() { ["--dev"] = ["true"] }))
        {
            dev = identity.Root;
            Assert.NotNull(await identity.Credentials.FindAsync(DevKey.Key.AccessKey, Token));
        }

        using (ServerIdentity identity = await IdentityAsync(metadata, []))
        {
            later = identity.Root;
            Assert.Null(await identity.Credentials.FindAsync(DevKey.Key.AccessKey, Token));
        }

        Assert.Equal((DevKey.Key, false), (dev.Key, dev.IsNewKey));
        Assert.True(later.IsNewKey);
        Assert.NotEqual(dev.Key.SecretKey, later.Key.SecretKey);
        Assert.Equal(dev.CanonicalId, later.CanonicalId);
    }

    private void Open(bool isDev) => DataDirectory.Open(Root, SystemRandomSource.Instance, isDev: isDev).Dispose();

    private string[] Content() => [.. Directory.EnumerateFileSystemEntries(Root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private Task<ServerIdentity> IdentityAsync(IKeyValueStore metadata, Dictionary<string, string[]> flags) => ServerIdentity.OpenAsync(
        Bound.From(flags), new IdentityFiles(_directory.PathOf("master.key"), _directory.PathOf("root-credentials.json")), metadata, TimeProvider.System, SystemRandomSource.Instance, Token);
}
