using System.Text.Json;
using Tarn.Core.Buckets;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Storage;
using Tarn.Server;
using Tarn.Server.Cli;
using Tarn.Server.Cli.Jobs;
using Tarn.Server.Control.Tarn;
using Tarn.TestKit.Hosting;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Cli;

/// <summary><c>tarn job</c>, against a server that runs jobs.</summary>
public sealed class JobCommandTests : IAsyncLifetime
{
    private readonly Dictionary<string, string> _variables = new()
    {
        ["TARN_ROOT_ACCESS_KEY"] = InProcessServer.RootAccessKey, ["TARN_ROOT_SECRET_KEY"] = InProcessServer.RootSecretKey,
    };

    private InProcessServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await InProcessServer.StartAsync(new InProcessSetup { Background = true }, Token);
        _variables["TARN_ENDPOINT"] = _server.ControlUrl;
        Organization root = (await _server.Get<IdentityStore>().Organizations.FindAsync("root", Token))!;
        ObjectStore objects = _server.Get<ObjectStore>();
        Bucket bucket = (await objects.Buckets.CreateAsync(StoreFixture.Name("bucket"), root.CanonicalId, "root", "us-east-1", Token))!;
        foreach (string key in (string[])["k/a", "k/b", "n/b"])
        {
            await objects.Writer.PutAsync(bucket, StoreFixture.Key(key), root.CanonicalId, ObjectMetadata.Empty, new TestBody([1]), new IngestRequest(), WriteCondition.None, Token);
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_job_is_waited_for_and_keys_that_failed_are_shown_and_are_the_commands_failure()
    {
        string dry = await RunAsync(0, "job", "start", "delete", "bucket", "--prefix", "k/", "--dry-run");
        Assert.Matches("^delete [0-9a-f]{32}, dry run: succeeded; 2 done, 0 failed, 0 skipped, 2 bytes\n$", dry);
        string output = await RunAsync(1, "job", "start", "rename", "bucket", "--prefix", "k/", "--to-prefix", "n/");
        Assert.StartsWith("k/b: PreconditionFailed: ", output, StringComparison.Ordinal);
        Assert.Contains(": succeeded; 1 done, 1 failed, 0 skipped, 1 bytes\n", output, StringComparison.Ordinal);
        Assert.EndsWith("tarn: 1 key failed\n", output, StringComparison.Ordinal);
        using JsonDocument tagged = JsonDocument.Parse(await RunAsync(0, "job", "start", "tag", "bucket", "--tag", "a=b=c", "--tag", "d=", "--merge", "--json"));
        Assert.Equal(("succeeded", 3, "b=c", ""), (
            tagged.RootElement.GetProperty("state").GetString(), tagged.RootElement.GetProperty("done").GetInt32(),
            tagged.RootElement.GetProperty("tags").GetProperty("a").GetString(), tagged.RootElement.GetProperty("tags").GetProperty("d").GetString()));
        string id = tagged.RootElement.GetProperty("id").GetString()!;
        Assert.StartsWith($"tag {id}: succeeded; 3 done", await RunAsync(0, "job", "show", id), StringComparison.Ordinal);
        string list = await RunAsync(0, "job", "list");
        Assert.Equal(["ID", id], list.Split('\n').Take(2).Select(static line => line.Split(' ')[0]));
        Assert.Contains("the job has ended (409)", await RunAsync(1, "job", "cancel", id), StringComparison.Ordinal);
        using JsonDocument detached = JsonDocument.Parse(await RunAsync(0, "job", "start", "tag", "bucket", "--no-tags", "--detach", "--json"));
        Assert.Equal("queued", detached.RootElement.GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("exclude each other", "tag", "bucket", "--tag", "a=b", "--no-tags")]
    [InlineData("is not like KEY=VALUE", "tag", "bucket", "--tag", "a")]
    [InlineData("is given twice", "tag", "bucket", "--tag", "a=b", "--tag", "a=c")]
    [InlineData("is not a time", "restore", "bucket", "--at", "yesterday")]
    [InlineData("(400)", "move", "bucket")]
    [InlineData("(404)", "empty", "none")]
    public async Task What_cannot_be_done_is_one_line_on_standard_error(string expected, params string[] arguments)
    {
        string output = await RunAsync(1, ["job", "start", .. arguments]);
        Assert.StartsWith("tarn: ", output, StringComparison.Ordinal);
        Assert.Contains(expected, output, StringComparison.Ordinal);
        Assert.Single(output.TrimEnd().Split('\n'));
    }

    [Fact]
    public void Progress_has_a_bar_where_it_is_known_how_many_keys_there_are()
    {
        var job = new JobView
        {
            Id = "1", Kind = "empty", State = "running", CancelRequested = false, Bucket = "b", Prefix = "", DryRun = false, Organization = "o", Requester = "r", Created = default,
            Done = 1200, Failed = 300, Skipped = 0, Bytes = 2048,
        };
        Assert.Equal("running: 1,500 keys, 300 failed, 2.0 KiB", JobText.Line(job));
        Assert.Equal("[###############...............]  50 %  running: 1,500 keys, 300 failed, 2.0 KiB", JobText.Line(job with { Expected = 3000 }));
    }

    private async Task<string> RunAsync(int code, params string[] arguments)
    {
        await using var output = new StringWriter { NewLine = "\n" };
        int exit = await CommandRunner.RunAsync(TarnCommand.Create(_variables, TimeProvider.System), arguments, output, output);
        Assert.True(exit == code, $"{string.Join(' ', arguments)}: {exit} {output}");
        return output.ToString();
    }
}
