using Tarn.Load;
using Tarn.Load.Measure;
using Tarn.Load.Options;
using Tarn.Load.Workloads;

namespace Tarn.Tests.Load;

/// <summary>Whole runs against a fake server: what is sent arrives, what is counted happened.</summary>
public sealed class RunTests
{
    [Fact]
    public void Prepare_fills_the_bucket_with_keys_over_ten_prefixes()
    {
        using var server = new FakeS3();
        Assert.Equal(0, Run(server, "prepare", "--objects", "25", "--size", "1000", "--verify"));
        Assert.Equal(26, server.Objects.Count);
        Assert.Equal(1000, server.Objects["/b/obj/00/000000020"].Length);
        Assert.Equal(1000, server.Objects["/b/obj/09/000000009"].Length);
        Assert.NotEqual(server.Objects["/b/obj/00/000000000"], server.Objects["/b/obj/01/000000001"]);
    }

    [Fact]
    public void Verify_notices_a_changed_byte()
    {
        using var server = new FakeS3 { Corrupts = true };
        Assert.Equal(1, Run(server, "prepare", "--objects", "3", "--size", "100KiB", "--verify"));
    }

    [Fact]
    public void Reads_of_what_is_not_there_are_errors()
    {
        using var server = new FakeS3();
        Assert.Equal(1, Run(server, "get", "--requests", "3"));
    }

    [Fact]
    public void Large_bodies_are_counted_to_the_last_byte()
    {
        using var server = new FakeS3();
        Run(server, "prepare", "--objects", "2", "--size", "3000001");
        RunResult result = Result(server, new GetWorkload(Options(server, "get", "--objects", "2")), "get", "--requests", "5");
        Assert.Equal((5, 0, 15_000_005), (result.Requests, result.Errors, result.Bytes));
        Assert.Equal(0, result.Reconnects);
    }

    [Fact]
    public void A_connection_closed_between_requests_is_made_again()
    {
        using var server = new FakeS3 { RequestsPerConnection = 3 };
        Assert.Equal(0, Run(server, "prepare", "--objects", "20", "--concurrency", "1"));
        RunResult result = Result(server, new StatWorkload(Options(server, "stat", "--objects", "20")), "stat", "--requests", "20");
        Assert.Equal(20, result.Requests);
        Assert.Equal(0, result.Errors);
        Assert.InRange(result.Reconnects, 5, 7);
    }

    [Fact]
    public void List_pages_through_everything_and_starts_again()
    {
        using var server = new FakeS3();
        Run(server, "prepare", "--objects", "25");
        LoadOptions options = Options(server, "list", "--max-keys", "10", "--requests", "6");
        OperationStats list = Result(server, new ListWorkload(options), "list", "--max-keys", "10", "--requests", "6").Operations["list"];
        Assert.Equal((6, 50, 2), (list.Requests, list.Items, list.Listings));
    }

    [Fact]
    public void Mixed_never_misses_and_leaves_the_prepared_objects()
    {
        using var server = new FakeS3();
        Run(server, "prepare", "--objects", "10");
        Assert.Equal(0, Run(server, "mixed", "--objects", "10", "--requests", "400"));
        Assert.Equal(10, server.Objects.Keys.Count(k => k.EndsWith("00000000" + k[^1], StringComparison.Ordinal)));
    }

    [Fact]
    public void Delete_takes_each_key_once()
    {
        using var server = new FakeS3();
        Run(server, "prepare", "--objects", "30");
        Assert.Equal(0, Run(server, "delete", "--objects", "30"));
        Assert.Equal("/b", Assert.Single(server.Objects.Keys));
    }

    [Fact]
    public void An_epoch_reads_each_object_once()
    {
        using var server = new FakeS3();
        Run(server, "prepare", "--objects", "30");
        Assert.Equal(0, Run(server, "epoch", "--objects", "30"));
        Assert.Equal(server.Objects.Keys.Where(static key => key != "/b").Order(), server.Reads.Order());
    }

    [Fact]
    public void Contend_changes_one_key_and_takes_tags_of_what_is_gone_for_no_failure()
    {
        using var server = new FakeS3();
        Assert.Equal(0, Run(server, "contend", "--requests", "200"));
        Assert.InRange(server.Objects.Count, 1, 2);
    }

    private static int Run(FakeS3 server, params string[] args) => LoadCommand.Run(Arguments(server, args));

    private static RunResult Result(FakeS3 server, IWorkload workload, params string[] args) =>
        new Runner(Options(server, args) with { Concurrency = 1 }, workload, new ErrorLog()).Run();

    private static LoadOptions Options(FakeS3 server, params string[] args) => CommandLineTests.Parse(Arguments(server, args));

    private static string[] Arguments(FakeS3 server, string[] args) =>
        [args[0], "--endpoint", server.Endpoint, "--bucket", "b", "--access-key", "a", "--secret-key", "s", .. args[1..]];
}
