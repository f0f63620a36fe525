using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Tarn.Core.Model;
using Tarn.S3.Telemetry;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Telemetry;

public sealed class ShareTokensTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/api/shared/token", "/api/shared/")]
    [InlineData("/prefix/api/shared/token/more", "/prefix/api/shared/")]
    [InlineData("/API/Shared/token", "/API/Shared/")]
    [InlineData("api/shared/token", "api/shared/")]
    [InlineData("arn:aws:s3:::api/shared/token", "arn:aws:s3:::api/shared/")]
    [InlineData("myapi/shared/api/shared/token", "myapi/shared/api/shared/")]
    [InlineData("/myapi/shared/key", "/myapi/shared/key")]
    [InlineData("/api/share/key", "/api/share/key")]
    [InlineData("", "")]
    public void A_token_is_cut_off(string text, string shown) => Assert.Equal(shown, ShareTokens.CutOff(text));

    [Theory]
    [InlineData("api", "shared/token", "shared/")]
    [InlineData("prefix", "api/shared/token", "api/shared/")]
    [InlineData("x/api/shared/token", "key", "")]
    [InlineData("bucket", "shared/key", "shared/key")]
    public void A_logged_key_has_none(string bucket, string key, string shown) =>
        Assert.Equal(shown, new FinishedRequest { Method = "GET", Started = default, Status = 404, Total = default, Bucket = bucket, Key = ObjectKey.FromUtf8(Encoding.UTF8.GetBytes(key)) }.LoggedKey);

    [Theory]
    [InlineData(false, HttpStatusCode.NotFound)]
    [InlineData(true, HttpStatusCode.Forbidden)]
    public async Task A_link_that_is_opened_as_an_s3_request_shows_its_token_in_no_log_and_no_span(bool bucketExists, HttpStatusCode status)
    {
        const string Secret = "the-secret-token";
        using var logs = new EveryLog();
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == S3Telemetry.Name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        string id;
        await using (InProcessServer server = await InProcessServer.StartAsync(
            new InProcessSetup
            {
                Options = InProcessServer.Options with { LogLevel = LogLevel.Trace },
                More = builder => builder.Logging.AddProvider(logs),
            },
            Token))
        {
            if (bucketExists)
            {
                using var s3 = new RawS3Client(new TarnEndpoint(new Uri(server.S3Url + "/"), InProcessServer.RootAccessKey, InProcessServer.RootSecretKey));
                await s3.CreateBucketAsync("api");
            }

            using var client = new HttpClient();
            using var request = new HttpRequestMessage(HttpMethod.Get, server.S3Url + "/api/shared/" + Secret);
            request.Headers.Referrer = new Uri("http://other.example/api/shared/" + Secret);
            using HttpResponseMessage answer = await client.SendAsync(request, Token);
            Assert.Equal(status, answer.StatusCode);
            id = answer.Headers.GetValues("x-amz-request-id").Single();
        }

        // The server has stopped, so the request's outcome is recorded.
        Activity span = Assert.Single(spans, it => id.Equals(it.GetTagItem("aws.request_id")));
        Assert.Equal(("api", "shared/"), (span.GetTagItem("aws.s3.bucket"), span.GetTagItem("aws.s3.key")));
        Assert.DoesNotContain(span.TagObjects, tag => tag.Value?.ToString()?.Contains(Secret, StringComparison.Ordinal) == true);
        Assert.Contains(logs.Lines, line => line.Contains("GetObject api shared/ ", StringComparison.Ordinal));
        Assert.DoesNotContain(logs.Lines, line => line.Contains(Secret, StringComparison.Ordinal));
    }

    /// <summary>Keeps what is logged, whatever its category.</summary>
    private sealed class EveryLog : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception) + exception);

        public void Dispose()
        {
        }
    }
}
