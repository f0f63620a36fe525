using System.Net;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Tarn.Core;
using Tarn.Core.Blobs;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.S3.Auth;
using Tarn.S3.Pipeline;
using Tarn.S3.Requests;
using Tarn.S3.Routing;
using Tarn.TestKit.Http;

namespace Tarn.Tests.Pipeline;

public sealed class S3MiddlewareTests
{
    [Fact]
    public async Task A_refusal_is_a_document()
    {
        await using WebApplication app = await StartAsync(_ => throw new S3Exception(S3Error.NoSuchKey)
        {
            Details = [new("Key", "a<b")],
            Headers = [new("x-amz-delete-marker", "true")],
        });
        using var client = new HttpClient();
        using HttpResponseMessage response = await client.GetAsync(app.Urls.First() + "/b/a%3Cb");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("application/xml", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("true", response.Headers.GetValues("x-amz-delete-marker").Single());
        Assert.Equal("Tarn", response.Headers.Server.ToString());
        string id = response.Headers.GetValues("x-amz-request-id").Single();
        Assert.Matches("^[0-9A-F]{16}$", id);

        XElement error = XElement.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(["Code", "Message", "Key", "Resource", "RequestId", "HostId"], error.Elements().Select(e => e.Name.ToString()));
        Assert.Equal(["NoSuchKey", S3Error.NoSuchKey.Message, "a<b", "/b/a%3Cb", id], error.Elements().Take(5).Select(e => e.Value));
    }

    [Fact]
    public async Task Head_and_not_modified_have_no_body()
    {
        await using WebApplication app = await StartAsync(context =>
        {
            context.Response.Headers.ETag = "\"e\"";
            context.Response.ContentLength = 5;
            throw new S3Exception(context.Request.RequiredOperation.Name == "HeadObject" ? S3Error.NoSuchKey : S3Error.NotModified);
        });
        string head = await SendAsync(app, "HEAD /b/k HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 404", head, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", head, StringComparison.Ordinal);
        Assert.DoesNotContain("ETag", head, StringComparison.Ordinal);

        string notModified = await SendAsync(app, "GET /b/k HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 304", notModified, StringComparison.Ordinal);
        Assert.Contains("ETag: \"e\"", notModified, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", notModified, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("full", 507, "InsufficientStorage")]
    [InlineData("failed", 503, "ServiceUnavailable")]
    [InlineData("defect", 500, "InternalError")]
    [InlineData("large", 400, "EntityTooLarge")]
    public async Task What_is_thrown_is_answered(string what, int status, string code)
    {
        await using WebApplication app = await StartAsync(_ => throw (what switch
        {
            "full" => new StorageFullException(),
            "failed" => new Tarn.Core.KeyValue.StoreFailedException("secret"),
            "large" => new BadHttpRequestException("Request body too large.", 413),
            _ => (Exception)new FormatException("secret detail"),
        }));
        using var client = new HttpClient();
        using HttpResponseMessage response = await client.GetAsync(app.Urls.First() + "/b/k");
        string body = await response.Content.ReadAsStringAsync();
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains($"<Code>{code}</Code>", body, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_fails_half_way_is_cut_off()
    {
        await using WebApplication app = await StartAsync(async context =>
        {
            context.Response.ContentLength = 100;
            await context.Response.Body.WriteAsync("half"u8.ToArray());
            await context.Response.Body.FlushAsync();
            throw new S3Exception(S3Error.InternalError);
        });
        using var client = new HttpClient();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.GetStringAsync(app.Urls.First() + "/b/k"));
    }

    [Fact]
    public async Task Refused_methods_name_the_allowed_ones()
    {
        await using WebApplication app = await StartAsync(_ => Task.CompletedTask);
        string answer = await SendAsync(app, "PATCH /b/k HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 405", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nAllow: GET, HEAD, PUT, DELETE\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_without_an_operation_are_not_implemented()
    {
        await using WebApplication app = await StartAsync(_ => Task.CompletedTask);
        Assert.StartsWith("HTTP/1.1 501", await SendAsync(app, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_early_refusal_asks_for_no_body()
    {
        await using WebApplication app = await StartAsync(_ => throw new S3Exception(S3Error.AccessDenied));
        RawResponse answer = await SendPartAsync(app, "PUT /b/k HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1000000\r\n\r\n");
        Assert.Equal(403, answer.Status);
    }

    [Fact]
    public async Task Keys_and_metadata_arrive_as_sent()
    {
        string? key = null;
        string? meta = null;
        await using WebApplication app = await StartAsync(context =>
        {
            key = context.Key.ToString();
            meta = Tarn.S3.Wire.ObjectHeaders.Read(context.Request.Headers).User[0].Value;
            context.Response.Headers["x-amz-meta-a"] = meta;
            return Task.CompletedTask;
        });
        string answer = await SendAsync(app, "PUT /b/a/..//%2e%2E/%2F+?x-id=PutObject HTTP/1.1\r\nHost: h\r\nx-amz-meta-A: " + RawClient.Utf8Bytes("é") + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        Assert.Equal("a/..//..//+", key);
        Assert.Equal("é", meta);
        Assert.Contains($"x-amz-meta-a: {RawClient.Utf8Bytes("é")}\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_gives_the_body_back()
    {
        var log = new ErrorLog();
        await using WebApplication app = await StartAsync(
            async context =>
            {
                await context.Body.ReadAsync(context.CancellationToken);
                throw new StorageFullException();
            },
            new RequestAuthenticator(new Authenticator(new NoCredentials(), TimeProvider.System, "us-east-1"), new UploadBodyFactory(TimeProvider.System)),
            log);
        string request = "PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n";
        string answers = await SendAsync(app, request + "\r\nbody" + request + "Connection: close\r\n\r\nbody");
        Assert.Equal(2, answers.Split("HTTP/1.1 507").Length - 1);
        Assert.Empty(log.Lines);
    }

    [Theory]
    [InlineData("prefix=a&x=1&prefix=b")]
    [InlineData("versionId=a&version%49d=a")]
    [InlineData("tagging&tagging=")]
    public async Task Parameters_are_not_repeated(string query)
    {
        await using WebApplication app = await StartAsync(_ => Task.CompletedTask);
        string answer = await SendAsync(app, $"GET /b/k?{query} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains("<Code>InvalidArgument</Code>", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_parameters_may_be_repeated()
    {
        await using WebApplication app = await StartAsync(_ => Task.CompletedTask);
        string answer = await SendAsync(app, "GET /b/k?x=1&x=2&partNumber=1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_has_one_length()
    {
        await using WebApplication app = await StartAsync(_ => Task.CompletedTask);
        RawResponse answer = await SendPartAsync(
            app, "PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n");
        answer.ExpectError(400, "InvalidRequest");
        Assert.True(answer.Closes);
    }

    /// <summary>Where all buckets share a host, the script of one would answer for the keys of others; where a bucket has its own, it is its owner's.</summary>
    [Fact]
    public async Task The_script_of_a_service_worker_is_served_where_the_bucket_has_a_host_of_its_own()
    {
        await using WebApplication app = await StartAsync(_ => Task.CompletedTask, domains: new S3Domains(["s3.example"]));
        const string Script = "Service-Worker: script\r\nConnection: close\r\n\r\n";
        foreach (string refused in new[] { "GET /b/w.js HTTP/1.1\r\nHost: s3.example\r\n", "GET /b/w.js?X-Amz-Expires=60 HTTP/1.1\r\nHost: 127.0.0.1\r\n", "HEAD /b/w.js HTTP/1.1\r\nHost: h\r\n" })
        {
            Assert.StartsWith("HTTP/1.1 403", await SendAsync(app, refused + Script), StringComparison.Ordinal);
        }

        Assert.StartsWith("HTTP/1.1 200", await SendAsync(app, "GET /w.js HTTP/1.1\r\nHost: b.s3.example\r\n" + Script), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await SendAsync(app, "GET /b/w.js HTTP/1.1\r\nHost: s3.example\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void Request_ids_do_not_repeat()
    {
        var ids = new RequestIds(new Zeros());
        Assert.Equal(10_000, Enumerable.Range(0, 10_000).Select(_ => ids.Next()).Distinct().Count());
    }

    private static Task<string> SendAsync(WebApplication app, string request) => RawConnection.AskAsync(Address(app), request);

    /// <summary>Reads one answer only: a body that was announced and never sent keeps the connection open.</summary>
    private static async Task<RawResponse> SendPartAsync(WebApplication app, string request)
    {
        await using RawConnection connection = await RawConnection.OpenAsync(Address(app));
        await connection.WriteAsync(request);
        return Assert.IsType<RawResponse>(await connection.ReadResponseAsync("PUT"));
    }

    private static Uri Address(WebApplication app) => new(app.Urls.First());

    private static async Task<WebApplication> StartAsync(
        Func<S3Context, Task> act, IRequestAuthenticator? authenticator = null, ILoggerProvider? log = null, S3Domains? domains = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (log is not null)
        {
            builder.Logging.AddProvider(log);
        }

        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ResponseHeaderEncodingSelector = _ => Encoding.UTF8;
        });
        WebApplication app = builder.Build();
        app.Run(TestPipeline.Create(act, TimeProvider.System, NullLogger<S3Middleware>.Instance, authenticator, domains).InvokeAsync);
        await app.StartAsync();
        return app;
    }

    private sealed class NoCredentials : ICredentialSource
    {
        public ValueTask<Credential?> FindAsync(string accessKeyId, CancellationToken cancellationToken) => new((Credential?)null);
    }

    /// <summary>The web server's complaints.</summary>
    private sealed class ErrorLog : ILoggerProvider, ILogger
    {
        public System.Collections.Concurrent.ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                Lines.Enqueue($"{formatter(state, exception)} {exception}");
            }
        }

        public void Dispose()
        {
        }
    }

    private sealed class Zeros : IRandomSource
    {
        public void Fill(Span<byte> destination) => destination.Clear();
    }
}
