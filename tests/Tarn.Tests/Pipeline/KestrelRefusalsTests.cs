using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Tarn.Core;
using Tarn.S3.Pipeline;
using Tarn.S3.Requests;
using Tarn.S3.Routing;

namespace Tarn.Tests.Pipeline;

public sealed class KestrelRefusalsTests
{
    [Theory]
    [InlineData(400, "HTTP/1.1 400 Bad Request\r\n")]
    [InlineData(431, "HTTP/1.1 400 Bad Request\r\n")]
    [InlineData(505, "HTTP/1.1 400 Bad Request\r\n")]
    public void Refusals_of_the_S3_listener_are_documents(int status, string line)
    {
        string answer = Answer(status, isS3: true);
        Assert.StartsWith(line, answer, StringComparison.Ordinal);
        Assert.EndsWith("</Error>", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_listeners_keep_their_own_answer() => Assert.Empty(Answer(400, isS3: false));

    /// <summary>Every amount of knowledge about the request at the time of its refusal, down to none.</summary>
    [Theory]
    [InlineData("/dsk-0123456789abcdef/%00", null, true)]
    [InlineData("/dsk-0123456789abcdef", null, true)]
    [InlineData("http://host/dsk-0123456789abcdef/%00", null, true)]
    [InlineData("/%00", "dsk-0123456789abcdef.s3.example", true)]
    [InlineData("/dsk-0123456789abcdef/%00", "bucket.s3.example", false)]
    [InlineData("/dsk-0123456789abcdeg/%00", null, false)]
    [InlineData("/%00", null, false)]
    [InlineData("", null, false)]
    [InlineData(null, null, false)]
    public void Refusals_of_a_disk_tell_of_ranges(string? target, string? host, bool tells) =>
        Assert.Equal(tells, Answer(400, isS3: true, target, host).Split("\r\n\r\n")[0].Contains("\r\nAccept-Ranges: bytes\r\n", StringComparison.Ordinal));

    [Theory]
    [InlineData("http://console.test:9001", true)]
    [InlineData("http://evil.example", false)]
    [InlineData(null, false)]
    public void A_page_of_the_console_reads_them_and_no_other(string? origin, bool reads)
    {
        string head = Answer(431, isS3: true, origin: origin).Split("\r\n\r\n")[0];
        Assert.Equal(reads, head.Contains($"\r\nAccess-Control-Allow-Origin: {origin}\r\nAccess-Control-Expose-Headers: x-amz-request-id, x-amz-id-2\r\nVary: Origin\r\n", StringComparison.Ordinal));
        Assert.Equal(reads, head.Contains("Access-Control-", StringComparison.Ordinal));
    }

    private static string Answer(int status, bool isS3, string? target = "/b", string? host = null, string? origin = null)
    {
        var pipe = new Pipe();
        var features = new FeatureCollection();
        features.Set<IHttpResponseFeature>(new HttpResponseFeature { StatusCode = status });
        var request = new HttpRequestFeature { Method = "GET", Protocol = "HTTP/1.1", RawTarget = target! };
        request.Headers.Host = host;
        request.Headers.Origin = origin;
        features.Set<IHttpRequestFeature>(request);
        features.Set<IConnectionTransportFeature>(new Transport(pipe));
        new KestrelRefusals(new RequestIds(SystemRandomSource.Instance), new S3Domains(["s3.example"]), _ => isS3, static headers => headers.Origin == "http://console.test:9001").OnNext(new(KestrelRefusals.EventName, features));
        pipe.Writer.Complete();
        return pipe.Reader.TryRead(out ReadResult read) ? Encoding.UTF8.GetString(read.Buffer) : "";
    }

    private sealed class Transport(Pipe pipe) : IConnectionTransportFeature, IDuplexPipe
    {
        IDuplexPipe IConnectionTransportFeature.Transport { get => this; set => throw new NotSupportedException(); }

        public PipeReader Input => pipe.Reader;

        public PipeWriter Output => pipe.Writer;
    }
}
