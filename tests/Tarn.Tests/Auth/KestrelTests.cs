using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tarn.Core.Errors;
using Tarn.S3.Auth;
using Tarn.TestKit.Http;
using Tarn.Tests.Auth.Bodies;

namespace Tarn.Tests.Auth;

/// <summary>The same code behind the real web server: its raw target, its header collection, its body pipe.</summary>
public sealed class KestrelTests
{
    private static readonly KeyValuePair<string, string>[] Trailer = [new("x-amz-checksum-crc32", "sOO8/Q==")];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Signed_chunks_arrive(bool transferEncoding)
    {
        var (head, wire) = Upload(transferEncoding);
        var sent = transferEncoding
            ? [.. Encoding.ASCII.GetBytes($"{wire.Length:x}\r\n"), .. wire, .. "\r\n0\r\n\r\n"u8]
            : wire;
        Assert.Equal("hello, world", await SendAsync(head, sent));
    }

    [Fact]
    public async Task Connection_closed_in_mid_body_is_incomplete()
    {
        var (head, wire) = Upload(transferEncoding: false);
        Assert.Equal("IncompleteBody", await SendAsync(head, wire[..50], closes: true));
    }

    [Fact]
    public async Task Stalled_body_times_out()
    {
        var (head, wire) = Upload(transferEncoding: false);
        Assert.Equal("RequestTimeout", await SendAsync(head, wire[..50], stall: true));
    }

    private static (string Head, byte[] Wire) Upload(bool transferEncoding)
    {
        const string target = "/b//x/../a%2Fb+c?uploads=&x-id=PutObject";
        var headers = AuthFixture.Signed(
            "PUT",
            target.Replace("+", "%2B", StringComparison.Ordinal),
            null,
            ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
            ("x-amz-decoded-content-length", "12"),
            ("x-amz-trailer", "x-amz-checksum-crc32"),
            ("user-agent", "test  agent"),
            ("content-encoding", "aws-chunked"));
        var wire = AuthFixture.Signer.SignedChunks(headers["authorization"][^64..], AuthFixture.ExampleTime, "hello, world"u8, 5, Trailer);
        var lines = headers.Select(header => $"{header.Key}: {header.Value}\r\n");
        var length = transferEncoding ? "Transfer-Encoding: chunked" : $"Content-Length: {wire.Length}";
        return ($"PUT {target} HTTP/1.1\r\n{string.Concat(lines)}{length}\r\n\r\n", wire);
    }

    /// <param name="closes">Whether the client closes the connection once the server reads. It must not after a complete body: Kestrel takes that for a disconnect.</param>
    private static async Task<string> SendAsync(string head, byte[] body, bool stall = false, bool closes = false)
    {
        var fixture = new AuthFixture();
        var outcome = Channel.CreateUnbounded<string>();
        var reading = new TaskCompletionSource();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.Run(async context =>
        {
            try
            {
                var result = await fixture.Authenticator.AuthenticateAsync(context);
                var upload = new UploadBodyFactory(fixture.Clock, minimumChunk: 5).Create(context.Request, result);
                var bytes = BodyReading.AllAsync(upload);
                reading.SetResult();
                outcome.Writer.TryWrite(Encoding.ASCII.GetString(await bytes));
            }
            catch (Exception failure)
            {
                reading.TrySetResult();
                outcome.Writer.TryWrite((failure as S3Exception)?.Error.Code ?? failure.ToString());
            }
        });
        var cancellation = TestContext.Current.CancellationToken;
        await app.StartAsync(cancellation);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        await using var client = await RawConnection.OpenAsync(new Uri(address));
        await client.WriteAsync(head);
        await client.WriteAsync(body);
        await reading.Task.WaitAsync(cancellation);
        if (stall)
        {
            // However the bytes were split on the way, the reader ends up waiting; time passes until it times out.
            while (!outcome.Reader.TryPeek(out _))
            {
                fixture.Clock.Advance(TimeSpan.FromSeconds(61));
                await Task.Yield();
            }
        }
        else if (closes)
        {
            client.FinishSending();
        }

        var text = await outcome.Reader.ReadAsync(cancellation);
        await app.StopAsync(cancellation);
        return text;
    }
}
