using System.Text.Json;
using Tarn.Server;
using Tarn.Server.Cli;
using Tarn.Server.Cli.Accelerators;
using Tarn.Tests.Accelerator;

namespace Tarn.Tests.Cli;

/// <summary><c>tarn accelerator prestage</c> where an accelerator has no room, refuses, or does not answer.</summary>
public sealed class PrestageFaultTests
{
    private const string Key = "k";

    private readonly Dictionary<string, string> _variables = new() { ["AWS_ACCESS_KEY_ID"] = "K", ["AWS_SECRET_ACCESS_KEY"] = "s" };
    private readonly SkippingClock _clock = new();
    private int _heads;

    [Fact]
    public async Task An_object_for_which_there_is_no_room_is_asked_for_again()
    {
        using ScriptedServer server = Accelerator(1, static (_, _) => 206, refuses: static head => head <= 20);
        (int code, string output, string error) = await RunAsync(server);
        Assert.Equal((0, Summary("1 (7 bytes)"), 21), (code, output, _heads));

        // Without a terminal, what it waits for is said once.
        Assert.Equal("waiting: the accelerator has no room for more objects to stage\n", error);
        Assert.InRange(_clock.Skipped.TotalSeconds, 20, 20 * 8);
    }

    [Fact]
    public async Task It_is_not_waited_for_ever()
    {
        using ScriptedServer server = Accelerator(3, static (_, _) => 206, refuses: static _ => true);
        (int code, string output, _) = await RunAsync(server, "--json", "--concurrency", "1");
        Assert.Equal(1, code);
        JsonElement told = JsonElement.Parse(output);
        Assert.Equal((0, "the accelerator has no room for more objects to stage, and has taken none on for 15 minutes"), (told.GetProperty("objects").GetInt32(), told.GetProperty("stopped").GetString()));
        Assert.InRange(_clock.Skipped, PrestageRun.RoomPatience, PrestageRun.RoomPatience * 1.1);
    }

    [Fact]
    public async Task An_object_that_is_refused_is_named_and_the_others_are_staged()
    {
        using ScriptedServer server = Accelerator(4, static (key, _) => key switch { "k1" => 403, "k2" => 404, _ => 206 });
        (int code, string output, string error) = await RunAsync(server, "--json");
        Assert.Equal((1, "tarn: 1 object is not staged\n"), (code, error));
        JsonElement told = JsonElement.Parse(output);
        Assert.Equal(
            (2, 1, 1, "k1: access denied (403)"),
            (told.GetProperty("objects").GetInt32(), told.GetProperty("gone").GetInt32(), told.GetProperty("failed").GetInt32(), told.GetProperty("failures")[0].GetString()));
        (_, output, error) = await RunAsync(server);
        Assert.Equal(Summary("2 (14 bytes)", gone: 1, failed: 1), output);
        Assert.Equal("k1: access denied (403)\ntarn: 1 object is not staged\n", error);
    }

    [Fact]
    public async Task What_is_not_decided_is_asked_a_few_times()
    {
        using ScriptedServer server = Accelerator(2, static (_, _) => 503);
        (int code, _, string error) = await RunAsync(server, "--concurrency", "1");
        Assert.Equal((1, PrestageRun.Tries), (code, _heads));
        Assert.Contains($"does not answer for k0, asked {PrestageRun.Tries} times: status 503", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_does_not_answer_is_asked_a_few_times()
    {
        await using var server = new FakeUpstream(async exchange =>
        {
            if (exchange.Method == "HEAD")
            {
                Interlocked.Increment(ref _heads);
                exchange.Close();
                return;
            }

            await exchange.AnswerAsync(200, ListingOf(2));
        });
        (int code, string output, string error) = await RunAsync(server.Url.ToString(), "--concurrency", "1", "--json");
        Assert.Equal(1, code);

        // The platform's client sends each again by itself, up to three times, where a kept connection is closed.
        Assert.InRange(_heads, PrestageRun.Tries, 4 * PrestageRun.Tries);
        string stopped = JsonElement.Parse(output).GetProperty("stopped").GetString()!;
        Assert.StartsWith($"{server.Url.ToString().TrimEnd('/')} does not answer for k0, asked {PrestageRun.Tries} times: cannot reach S3", stopped, StringComparison.Ordinal);
        Assert.Equal($"tarn: {stopped}\n", error);
    }

    [Fact]
    public async Task One_that_answers_again_is_asked_for_the_rest()
    {
        using ScriptedServer server = Accelerator(2, static (_, head) => head < PrestageRun.Tries ? 503 : 206);
        (int code, string output, _) = await RunAsync(server, "--concurrency", "1");
        Assert.Equal((0, true), (code, output.Contains("  2 (14 bytes)\n", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("'bkt' is not like s3://BUCKET/PREFIX", "bkt")]
    [InlineData("'s3:///k' is not like s3://BUCKET/PREFIX", "s3:///k")]
    [InlineData("--concurrency: 0 is not between 1 and 256", "s3://bkt", "--concurrency", "0")]
    [InlineData("--endpoint names a server's control address", "s3://bkt", "--endpoint", "http://127.0.0.1:9001")]
    public async Task What_is_not_understood_is_refused(string message, params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        Assert.Equal(1, await CommandRunner.RunAsync(TarnCommand.Create(_variables, _clock), ["accelerator", "prestage", "--s3-endpoint", "http://127.0.0.1:9", .. arguments], output, error));
        Assert.Contains(message, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_accelerator_has_to_be_named()
    {
        using StringWriter output = new(), error = new();
        Assert.Equal(1, await CommandRunner.RunAsync(TarnCommand.Create(_variables, _clock), ["accelerator", "prestage", "s3://bkt"], output, error));
        Assert.Equal("tarn: name the URL of the accelerator with --s3-endpoint or AWS_ENDPOINT_URL\n", error.ToString());
    }

    [Theory]
    [InlineData("<a/>x")]
    [InlineData("<ListBucketResult><Contents><Key>k</Key></Contents></ListBucketResult>")]
    [InlineData("<ListBucketResult><Contents><Size>1</Size></Contents></ListBucketResult>")]
    [InlineData("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>")]
    public async Task A_listing_that_is_not_understood_is_an_error(string listing)
    {
        using var server = new ScriptedServer(_ => (200, listing, null));
        (int code, _, string error) = await RunAsync(server);
        Assert.Equal(1, code);
        Assert.StartsWith("tarn: the listing of bkt is not understood: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listing_that_stands_still_is_an_error()
    {
        using var server = new ScriptedServer(static _ => (200, "<R><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken></R>", null));
        (int code, _, string error) = await RunAsync(server);
        Assert.Equal(1, code);
        Assert.Contains("the listing of bkt does not go on", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_keys_say_does_not_reach_the_terminal_as_it_is()
    {
        using var server = new ScriptedServer(static request => request.HttpMethod == "HEAD"
            ? (403, "", null)
            : (200, "<R><Contents><Key>%1B[1m</Key><Size>1</Size></Contents></R>", null));
        (_, _, string error) = await RunAsync(server);
        Assert.StartsWith("\\u001b[1m: access denied", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(503, "<Error><Code>SlowDown</Code><Message>m</Message></Error>")]
    [InlineData(500, "<Error><Code>InternalError</Code><Message>m</Message></Error>")]
    [InlineData(429, "<Error><Code>TooManyRequests</Code><Message>m</Message></Error>")]
    [InlineData(503, "<html>a load balancer</html>")]
    [InlineData(502, "")]
    [InlineData(504, "")]
    public async Task A_page_of_the_listing_that_is_not_decided_is_asked_for_again(int status, string body)
    {
        int pages = 0;
        using var server = new ScriptedServer(request => request.HttpMethod == "HEAD" ? (206, "", null) : ++pages switch
        {
            2 => (200, ListingOf(1).Replace("<IsTruncated>false</IsTruncated>", "<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>", StringComparison.Ordinal), null),
            4 => (200, ListingOf(2), null),
            _ => (status, body, null),
        })
        {
            Headers = static (_, headers) => headers["x-tarn-cache"] = "bypass",
        };
        (int code, string output, string error) = await RunAsync(server);
        Assert.Equal((0, Summary("3 (21 bytes)"), 4), (code, output, pages));
        Assert.StartsWith("waiting: ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(503, "<Error><Code>SlowDown</Code><Message>m</Message></Error>", ListedObjects.Tries)]
    [InlineData(503, "", ListedObjects.Tries)]
    [InlineData(403, "<Error><Code>AccessDenied</Code><Message>m</Message></Error>", 1)]
    [InlineData(404, "<Error><Code>NoSuchBucket</Code><Message>m</Message></Error>", 1)]
    [InlineData(404, "<html>no S3 server</html>", 1)]
    public async Task A_page_of_the_listing_is_asked_for_a_few_times_and_once_where_it_is_refused(int status, string body, int tries)
    {
        int pages = 0;
        using var server = new ScriptedServer(_ =>
        {
            pages++;
            return (status, body, null);
        });
        (int code, _, string error) = await RunAsync(server, "--json");
        Assert.Equal((1, tries), (code, pages));
        Assert.Contains(status.ToString(System.Globalization.CultureInfo.InvariantCulture), error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1", 5)]
    [InlineData("7", 28)]
    [InlineData("86400", 120)]
    [InlineData("99999999999999999999999", 120)]
    [InlineData("-1", 3.75)]
    [InlineData("soon", 3.75)]
    [InlineData("Thu, 01 Jan 1970 00:00:00 GMT", 3.75)]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT", 120)]
    public async Task It_is_waited_as_long_as_the_answer_asks_for_within_bounds(string retryAfter, double seconds)
    {
        int requests = 0;
        foreach (bool isListing in new[] { true, false })
        {
            var clock = new SkippingClock();
            requests = 0;
            using var server = new ScriptedServer(request =>
            {
                bool isHead = request.HttpMethod == "HEAD";
                return isHead != isListing && ++requests <= 4
                    ? (503, isHead ? "" : "<Error><Code>SlowDown</Code><Message>m</Message></Error>", null)
                    : isHead ? (206, "", null) : (200, ListingOf(1), null);
            })
            {
                Headers = (_, headers) =>
                {
                    headers["x-tarn-cache"] = "bypass";
                    headers["Retry-After"] = retryAfter;
                },
            };
            using StringWriter output = new(), error = new();
            int code = await CommandRunner.RunAsync(TarnCommand.Create(_variables, clock), ["accelerator", "prestage", "s3://bkt", "--s3-endpoint", server.Url, "--json"], output, error);
            Assert.Equal((0, 5), (code, requests));

            // 250 ms, 500 ms, 1 s and 2 s, or what is asked for where that is longer.
            Assert.Equal(seconds, clock.Skipped.TotalSeconds);
        }
    }

    private static string Summary(string staged, int gone = 0, int failed = 0) =>
        $"staged in the background  {staged}\nwithout bytes             0\ndeleted meanwhile         {gone}\nfailed                    {failed}\n";

    /// <summary>An accelerator that lists objects of 7 bytes.</summary>
    /// <param name="objects">How many.</param>
    /// <param name="status">The status for a key and the number of the HEAD.</param>
    /// <param name="refuses">Whether there is no room at the HEAD of that number.</param>
    private ScriptedServer Accelerator(int objects, Func<string, int, int> status, Func<int, bool>? refuses = null) => new(request =>
        request.HttpMethod != "HEAD"
            ? (200, ListingOf(objects), null)
            : (status(request.RawUrl!["/bkt/".Length..], Interlocked.Increment(ref _heads)), "", null))
    {
        Headers = (request, headers) =>
        {
            headers["x-tarn-cache"] = "bypass";
            if (request.HttpMethod == "HEAD" && refuses?.Invoke(_heads) == true)
            {
                headers["x-tarn-prestage"] = "refused";
            }
        },
    };

    private static string ListingOf(int objects) =>
        $"<R><IsTruncated>false</IsTruncated>{string.Concat(Enumerable.Range(0, objects).Select(static i => $"<Contents><Key>{Key}{i}</Key><Size>7</Size></Contents>"))}</R>";

    private Task<(int Code, string Output, string Error)> RunAsync(ScriptedServer server, params string[] arguments) => RunAsync(server.Url, arguments);

    private async Task<(int Code, string Output, string Error)> RunAsync(string url, params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        int code = await CommandRunner.RunAsync(TarnCommand.Create(_variables, _clock), ["accelerator", "prestage", "s3://bkt", "--s3-endpoint", url, .. arguments], output, error);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>A clock on which short waits are over at once.</summary>
    private sealed class SkippingClock : TimeProvider
    {
        private static readonly TimeSpan Short = RetryPauses.LongestAsked;

        private long _skipped;

        public TimeSpan Skipped => TimeSpan.FromTicks(Volatile.Read(ref _skipped));

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Volatile.Read(ref _skipped);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime <= TimeSpan.Zero || dueTime > Short)
            {
                // The limit of a request, which is never reached.
                return System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }

            Interlocked.Add(ref _skipped, dueTime.Ticks);
            return System.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
