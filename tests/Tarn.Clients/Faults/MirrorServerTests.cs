using System.Globalization;
using System.Net;
using Tarn.Clients.Harness;
using Tarn.TestKit.Faults;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Faults;

/// <summary>The real server with a mirror: either directory fails under load, is damaged or is not there.</summary>
public sealed class MirrorServerTests : IAsyncLifetime
{
    private const string Bucket = "mirrored";
    private const int Small = 1000;
    private const int Large = 300_000;

    private static readonly string[] Sides = ["data", "mirror"];

    private readonly TemporaryDirectory _directory = new("mirrored");
    private readonly Dictionary<string, byte[]> _acknowledged = [];
    private string[] _more = [];
    private FaultInjection? _faults;
    private TarnServer? _server;
    private RawS3Client? _client;

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _faults?.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("data")]
    [InlineData("mirror")]
    public async Task A_side_that_fails_under_load_is_not_missed_and_is_filled_when_it_is_back(string failing)
    {
        FaultShim.Need();
        _faults = new FaultInjection(_directory.FullPath);
        await StartAsync();
        await PutSomeAsync("before");
        using (_faults.Add(FaultCalls.Write | FaultCalls.Sync | FaultCalls.Open | FaultCalls.Rename, $"{failing}/*"))
        {
            await Task.WhenAll(PutSomeAsync("under load 1"), PutSomeAsync("under load 2"), PutSomeAsync("under load 3"));
            await StateAsync(failing, 0);
            await AssertAllAsync();
            await DeleteAsync("before 0");
        }

        // Back under load.
        Task load = PutSomeAsync("while it is filled");
        await new TarnCommands(_server!).ReadAsync("mirror", "retry");
        await WholeAsync();
        await load;
        Assert.Equal(
            ["whole", "whole"],
            (await new TarnCommands(_server!).ReadAsync("mirror", "status")).EnumerateArray().Select(static side => side.GetProperty("state").GetString()));

        await PutSomeAsync("after");

        // What the other side has is enough by itself.
        string other = Sides[1 - Array.IndexOf(Sides, failing)];
        await LoseAsync(other, await EpochRefusedAsync(other));
        await AssertAllAsync();
    }

    [Theory]
    [InlineData("data", Small)]
    [InlineData("data", Large)]
    [InlineData("mirror", Small)]
    [InlineData("mirror", Large)]
    public async Task One_failed_call_loses_a_side_and_no_write(string failing, int size)
    {
        FaultShim.Need();
        _faults = new FaultInjection(_directory.FullPath);
        await StartAsync();
        string pattern = size == Small ? $"{failing}/meta/*.log" : $"{failing}/blobs/*";
        using Fault fault = _faults.Add(FaultCalls.Sync, pattern, times: 1);
        await PutAsync("key", FaultyServer.Content(size, 1));
        Assert.Equal(1, fault.Hits);
        await StateAsync(failing, 0);
        await AssertAllAsync();
    }

    [Fact]
    public async Task A_side_that_missed_writes_is_refused_alone_unless_its_epoch_is_named()
    {
        await StartAsync();
        await PutSomeAsync("together");
        await _server!.StopAsync();
        Hide("mirror");
        string refusal = await RefusalAsync();
        string accept = NamedBy(refusal);
        Assert.EndsWith("-2", accept, StringComparison.Ordinal);
        Assert.Contains($"{Dir("data")} may lack what was written there", refusal, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Dir("mirror")));
        await StartAsync("--mirror-accept-stale", accept[..^1] + "1", refused: true);
        await StartAsync("--mirror-accept-stale", accept);
        await PutSomeAsync("alone");
        await _server.StopAsync();

        // The side that was away lacks those, and cannot know it.
        Hide("data");
        Show("mirror");
        Assert.Contains("may have gone on alone since", await RefusalAsync(), StringComparison.Ordinal);

        // What was given for the first one does not fit this one.
        await StartAsync("--mirror-accept-stale", accept, refused: true);
        Assert.Contains($"{Dir("mirror")} is one side of a mirror", await RefusalAsync("--data", Dir("mirror"), mirrored: false), StringComparison.Ordinal);
        Show("data");
        await StartAsync("--mirror-accept-stale", accept);
        await WholeAsync();
        await AssertAllAsync();
        await LoseAsync("data", await EpochRefusedAsync("data"));
        await AssertAllAsync();
    }

    [Fact]
    public async Task A_killed_server_lost_nothing_on_either_side()
    {
        await StartAsync();
        for (int i = 0; i < 3; i++)
        {
            Task load = Task.WhenAll(PutSomeAsync($"load {i} a"), PutSomeAsync($"load {i} b"));
            await PutSomeAsync($"load {i} c");
            await _server!.KillHardAsync();
            await load.ContinueWith(static _ => { }, TaskScheduler.Default);
            await RestartAsync();
            await WholeAsync();
            await AssertAllAsync();
        }

        await LoseAsync("data", await EpochRefusedAsync("data"));
        await AssertAllAsync();
    }

    [Fact]
    public async Task Damaged_metadata_is_replaced_from_the_other_side()
    {
        await StartAsync();
        await PutSomeAsync("key");
        await _server!.StopAsync();
        await File.WriteAllTextAsync(Path.Combine(Dir("data"), "meta", "CURRENT"), "MANIFEST-999999\n");
        await RestartAsync();
        await WholeAsync();
        await AssertAllAsync();
        Assert.True(File.Exists(Path.Combine(Dir("data"), "meta", "damaged", "CURRENT")));
        await LoseAsync("mirror", await EpochRefusedAsync("mirror"));
        await AssertAllAsync();
    }

    [Fact]
    public async Task A_blob_that_is_missing_is_served_from_the_other_side_and_copied_back()
    {
        await StartAsync();
        byte[] content = FaultyServer.Content(Large, 1);
        await PutAsync("key", content);
        string file = Assert.Single(Blobs("data"));
        File.Delete(file);
        await AssertAllAsync();
        await MetricAsync("tarn_mirror_healed_total", null, 1);
        Assert.Equal(await File.ReadAllBytesAsync(Assert.Single(Blobs("mirror"))), await File.ReadAllBytesAsync(file));
    }

    [Fact]
    public async Task A_mirror_is_given_to_a_store_that_has_none_and_taken_away_again()
    {
        await StartAsync(mirrored: false);
        await PutSomeAsync("single");
        await _server!.StopAsync();
        await StartAsync();
        await PutSomeAsync("mirrored");
        await WholeAsync();
        Assert.Equal(
            await File.ReadAllBytesAsync(Path.Combine(Dir("data"), "master.key")), await File.ReadAllBytesAsync(Path.Combine(Dir("mirror"), "master.key")));
        Assert.Equal(
            Blobs("data").Select(Path.GetFileName).Order(StringComparer.Ordinal), Blobs("mirror").Select(Path.GetFileName).Order(StringComparer.Ordinal));
        if (File.Exists("/proc/self/mountinfo"))
        {
            Assert.Contains("are on one device", _server.Output, StringComparison.Ordinal);
        }

        await _server.StopAsync();
        string refused = await RefusalAsync(mirrored: false);
        Assert.Contains("is one side of a mirror", refused, StringComparison.Ordinal);
        await StartAsync("--mirror-accept-stale", NamedBy(refused), mirrored: false);
        await PutSomeAsync("single again");
        await AssertAllAsync();
        await _server.StopAsync();
        await StartAsync();
        await WholeAsync();
        await LoseAsync("data", await EpochRefusedAsync("data"));
        await AssertAllAsync();
    }

    [Fact]
    public async Task An_empty_directory_is_filled_only_when_told_so()
    {
        await StartAsync();
        await PutSomeAsync("key");
        await _server!.StopAsync();
        Hide("mirror");
        Directory.CreateDirectory(Dir("mirror"));
        Assert.Contains("is its file system mounted?", await RefusalAsync(), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Dir("mirror")));
        _more = ["--mirror-rebuild"];
        string refusal = await RefusalAsync();
        await StartAsync("--mirror-accept-stale", NamedBy(refusal));
        _more = [];
        await WholeAsync();
        await LoseAsync("data", await EpochRefusedAsync("data"));
        await AssertAllAsync();
    }

    [Fact]
    public async Task A_directory_of_another_store_is_refused()
    {
        await StartAsync(mirrored: false);
        await _server!.StopAsync();
        Hide("data");
        Directory.Move(Dir("data") + ".away", Dir("mirror"));
        await StartAsync(mirrored: false);
        await _server.StopAsync();
        Assert.Contains("cannot be the sides of one mirror", await RefusalAsync(), StringComparison.Ordinal);
    }

    private string Dir(string side) => _directory.PathOf(side);

    private void Hide(string side) => Directory.Move(Dir(side), Dir(side) + ".away");

    private void Show(string side) => Directory.Move(Dir(side) + ".away", Dir(side));

    private string[] Blobs(string side) =>
        [.. Directory.EnumerateFiles(Path.Combine(Dir(side), "blobs"), "*", SearchOption.AllDirectories).Where(static file => Path.GetFileName(file).Length == 32)];

    private Task StartAsync(bool mirrored = true) => StartAsync(null, null, mirrored);

    private async Task StartAsync(string? flag, string? value, bool mirrored = true, bool refused = false)
    {
        string[] mirror = mirrored ? ["--mirror", Dir("mirror")] : [];
        string[] more = flag is null ? [] : [flag, value!];
        var options = new TarnServerOptions { DataDirectory = Dir("data"), Arguments = [.. mirror, .. more, .. _more] };
        if (_faults is not null)
        {
            options = options with { Environment = _faults.Environment };
        }

        if (refused)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => TarnServer.StartAsync(options));
            return;
        }

        _client?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _server = await TarnServer.StartAsync(options);
        _client = new RawS3Client(_server.Endpoint);
        if (_acknowledged.Count == 0)
        {
            await _client.CreateBucketAsync(Bucket);
        }

        if (mirrored && flag is null && _acknowledged.Count == 0)
        {
            await WholeAsync();
        }
    }

    private async Task RestartAsync()
    {
        await _server!.StopAsync();
        await _server.RestartAsync();
    }

    private async Task<string> RefusalAsync(string? flag = null, string? value = null, bool mirrored = true)
    {
        string[] mirror = mirrored ? ["--mirror", Dir("mirror")] : [];
        var options = new TarnServerOptions { DataDirectory = flag is null ? Dir("data") : value, Arguments = [.. mirror, .. _more] };
        return (await Assert.ThrowsAsync<InvalidOperationException>(() => TarnServer.StartAsync(options))).Message;
    }

    /// <summary>Stops the server, hides a side, and returns what the refusal of the other one names.</summary>
    private async Task<string> EpochRefusedAsync(string side)
    {
        await _server!.StopAsync();
        Hide(side);
        return NamedBy(await RefusalAsync());
    }

    private static string NamedBy(string refusal)
    {
        int at = refusal.IndexOf("--mirror-accept-stale ", StringComparison.Ordinal);
        Assert.True(at > 0, refusal);
        return refusal[(at + "--mirror-accept-stale ".Length)..].Split(' ')[0].TrimEnd('.');
    }

    private async Task LoseAsync(string side, string epoch)
    {
        await StartAsync("--mirror-accept-stale", epoch);
        await StateAsync(side, 0);
    }

    private async Task PutSomeAsync(string prefix)
    {
        for (int i = 0; i < 8; i++)
        {
            await PutAsync($"{prefix} {i}", FaultyServer.Content(i % 2 == 0 ? Small : Large, prefix.Length + i));
        }
    }

    private async Task PutAsync(string key, byte[] content)
    {
        (await _client!.PutAsync(Bucket, key, content)).Expect();
        lock (_acknowledged)
        {
            _acknowledged[key] = content;
        }
    }

    private async Task DeleteAsync(string key)
    {
        Assert.Equal(HttpStatusCode.NoContent, (await _client!.SendAsync(HttpMethod.Delete, Bucket, key)).Status);
        _acknowledged.Remove(key);
    }

    private async Task AssertAllAsync()
    {
        foreach ((string key, byte[] content) in _acknowledged)
        {
            var got = await _client!.GetAsync(Bucket, key);
            Assert.True(got.Status == HttpStatusCode.OK && content.AsSpan().SequenceEqual(got.Body), $"{key} is not as it was put: {got.Status}");
        }
    }

    private async Task WholeAsync()
    {
        await StateAsync("data", 2);
        await StateAsync("mirror", 2);
    }

    private Task StateAsync(string side, int state) => MetricAsync("tarn_mirror_state", side, state);

    /// <summary>Waits until a metric has this value.</summary>
    private async Task MetricAsync(string name, string? side, double expected)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        string? line = null;
        do
        {
            line = (await http.GetStringAsync(new Uri(_server!.Control, "metrics"), limit.Token)).Split('\n').SingleOrDefault(line =>
                line.StartsWith(name + "{", StringComparison.Ordinal) && (side is null || line.Contains($"side=\"{side}\"", StringComparison.Ordinal)));
            if (line is not null && double.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture) == expected)
            {
                return;
            }
        }
        while (await tick.WaitForNextTickAsync(CancellationToken.None) && !limit.IsCancellationRequested);
        Assert.Fail($"{name} of {side} is {line ?? "not there"}, not {expected}. The server wrote:\n{_server.Output}");
    }
}
