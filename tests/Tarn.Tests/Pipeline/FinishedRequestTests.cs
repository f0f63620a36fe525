using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Errors;
using Tarn.Core.Objects.Writing;
using Tarn.S3.Pipeline;
using Tarn.S3.Requests;
using Tarn.S3.Telemetry;
using Tarn.Tests.Sharing;

namespace Tarn.Tests.Pipeline;

/// <summary>Requests without a server, so that logs and metrics are written before the test continues, and on its thread.</summary>
public sealed class FinishedRequestTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly KeptLog _log = new(typeof(S3Middleware).FullName!);
    private readonly List<string> _measured = [];
    private readonly List<Activity> _spans = [];
    private readonly MeterListener _meters;
    private readonly ActivityListener _activities;

    public FinishedRequestTests()
    {
        int thread = Environment.CurrentManagedThreadId;
        _meters = new MeterListener
        {
            InstrumentPublished = static (instrument, it) =>
            {
                if (instrument.Name.StartsWith("tarn.s3.", StringComparison.Ordinal))
                {
                    it.EnableMeasurementEvents(instrument);
                }
            },
        };
        _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Measured(thread, instrument, value, tags));
        _meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Measured(thread, instrument, value, tags));
        _meters.Start();
        _activities = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == S3Telemetry.Name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                if (Environment.CurrentManagedThreadId == thread)
                {
                    _spans.Add(span);
                }
            },
        };
        ActivitySource.AddActivityListener(_activities);
    }

    [Fact]
    public async Task Of_a_request_that_was_served()
    {
        await RunAsync("PUT", "/bucket/key", async context =>
        {
            await context.Body.ReadAsync(context.CancellationToken);
            _clock.Advance(TimeSpan.FromMilliseconds(20));
        });
        Assert.Equal(["PutObject bucket key 200  in=7 out=0 20.0 ms first= ms"], Lines());
        Assert.Equal(["requests PutObject 200 +1", "request.duration PutObject 0.02", "received PutObject +7"], _measured);
        Activity span = Assert.Single(_spans);
        Assert.Equal("PutObject", span.DisplayName);
        Assert.Equal(("bucket", "key", 200, null), (span.GetTagItem("aws.s3.bucket"), span.GetTagItem("aws.s3.key"), span.GetTagItem("http.response.status_code"), span.GetTagItem("error.type")));
        Assert.Equal(ActivityStatusCode.Unset, span.Status);
    }

    [Fact]
    public async Task Of_an_object_that_was_sent()
    {
        await RunAsync("GET", "/bucket/key", context =>
        {
            context.Response.ContentLength = 300;
            _clock.Advance(TimeSpan.FromMilliseconds(5));
            context.Answer.Add(100);
            _clock.Advance(TimeSpan.FromMilliseconds(10));
            context.Answer.Add(200);
            return Task.CompletedTask;
        });
        Assert.Equal(["GetObject bucket key 200  in=0 out=300 15.0 ms first=5.0 ms"], Lines());
        Assert.Equal(["requests GetObject 200 +1", "request.duration GetObject 0.015", "request.time_to_first_byte GetObject 0.005", "sent GetObject +300"], _measured);
    }

    [Fact]
    public async Task Of_a_request_that_was_refused()
    {
        int sent = await RunAsync("GET", "/bucket/key", _ => throw new S3Exception(S3Error.NoSuchKey));
        Assert.True(sent > 0);
        Assert.Equal([$"GetObject bucket key 404 NoSuchKey in=0 out={sent} 0.0 ms first= ms"], Lines());
        Assert.Equal(["requests GetObject 404 NoSuchKey +1", "request.duration GetObject 0", $"sent GetObject +{sent}"], _measured);
        Assert.Equal("NoSuchKey", Assert.Single(_spans).GetTagItem("error.type"));
    }

    [Fact]
    public async Task Of_a_request_that_comes_to_no_operation()
    {
        int sent = await RunAsync("BREW", "/bucket/key", _ => Task.CompletedTask);
        Assert.Equal([$"BREW bucket key 405 MethodNotAllowed in=0 out={sent} 0.0 ms first= ms"], Lines());
        Assert.Equal(["requests _OTHER 405 MethodNotAllowed +1", "request.duration _OTHER 0", $"sent _OTHER +{sent}"], _measured);
    }

    [Fact]
    public void What_clients_may_make_long_is_cut()
    {
        var request = new FinishedRequest { Method = new string('M', 30_000), Bucket = new string('b', 30_000), Status = 405, Started = default, Total = default };
        Assert.Equal((new string('M', 16), new string('b', 255)), (request.Method, request.Bucket));
        Assert.Equal(("GET", "short"), ((request with { Method = "GET", Bucket = "short" }).Method, (request with { Bucket = "short" }).Bucket));
    }

    [Fact]
    public async Task Of_a_request_for_which_there_was_no_room()
    {
        int sent = await RunAsync("GET", "/bucket/key", _ => Task.CompletedTask, refused: Refusal.Busy());
        Assert.Equal([$"GetObject bucket key 503 SlowDown in=0 out={sent} 0.0 ms first= ms"], Lines());
        Assert.Equal("requests GetObject 503 SlowDown +1", _measured[0]);
        Assert.Equal(ActivityStatusCode.Error, Assert.Single(_spans).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_a_request_whose_client_left(bool throws)
    {
        using var gone = new CancellationTokenSource();
        await RunAsync("GET", "/bucket/key", context =>
        {
            context.Response.ContentLength = 300;
            context.Answer.Add(100);
            gone.Cancel();
            return throws ? Task.FromCanceled(gone.Token) : Task.CompletedTask;
        }, gone: gone.Token);
        Assert.Equal(["GetObject bucket key 499 ClientClosedRequest in=0 out=100 0.0 ms first=0.0 ms"], Lines());
        Assert.Equal("requests GetObject 499 ClientClosedRequest +1", _measured[0]);
        Assert.Equal("sent GetObject +100", _measured[^1]);
    }

    [Fact]
    public async Task Of_a_head_whose_answer_has_a_length_and_no_body()
    {
        await RunAsync("HEAD", "/bucket/key", context =>
        {
            context.Response.ContentLength = 300;
            return Task.CompletedTask;
        });
        Assert.Equal(["HeadObject bucket key 200  in=0 out=0 0.0 ms first= ms"], Lines());
    }

    public void Dispose()
    {
        _activities.Dispose();
        _meters.Dispose();
        _log.Dispose();
    }

    /// <summary>Runs a request, and returns the number of bytes written.</summary>
    private async Task<int> RunAsync(string method, string target, Func<S3Context, Task> act, S3Exception? refused = null, CancellationToken gone = default)
    {
        S3Middleware middleware = TestPipeline.Create(act, _clock, new Logger<S3Middleware>(_log), new SevenByteUploads());
        using var body = new MemoryStream();
        var http = new DefaultHttpContext { RequestAborted = gone };
        http.Request.Method = method;
        http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = target;
        http.Response.Body = body;
        await middleware.InvokeAsync(http, refused);
        return (int)body.Length;
    }

    /// <summary>The access log line, without the part that differs between requests.</summary>
    private string[] Lines() => [.. _log.Lines.Where(line => line.Contains(" in=", StringComparison.Ordinal)).Select(line => line[..line.IndexOf(" key=", StringComparison.Ordinal)])];

    private void Measured<T>(int thread, Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        // Other tests serve requests meanwhile.
        if (Environment.CurrentManagedThreadId == thread)
        {
            string sign = instrument is Counter<long> ? "+" : "";
            _measured.Add(string.Create(CultureInfo.InvariantCulture, $"{instrument.Name["tarn.s3.".Length..]} {string.Join(' ', tags.ToArray().Select(tag => tag.Value))} {sign}{value}"));
        }
    }

    private sealed class SevenByteUploads : IRequestAuthenticator
    {
        public ValueTask<S3Caller> AuthenticateAsync(S3Request request) => new(new Caller(request));
    }

    private sealed class Caller(S3Request request) : S3Caller(request, null, default)
    {
        protected override IUploadBody OpenBody() => new SevenBytes();
    }

    private sealed class SevenBytes : IUploadBody
    {
        public long? Length => 5;

        public long Received { get; private set; }

        public IReadOnlyDictionary<string, string> Trailers { get; } = new Dictionary<string, string>();

        public ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken)
        {
            Received = 7;
            return new(new ReadOnlySequence<byte>(new byte[5]));
        }
    }
}
