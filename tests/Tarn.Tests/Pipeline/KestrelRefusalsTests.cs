using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Tarn.Core;
using Tarn.S3.Pipeline;

namespace Tarn.Tests.Pipeline;

public sealed class KestrelRefusalsTests
{
    [Theory]
    [InlineData(400, "HTTP/1.1 400 Bad Request\r\n")]
    [InlineData(431, "HTTP/1.1 400 Bad Request\r\n")]
    [InlineData(505, "HTTP/1.1 400 Bad Request\r\n")]
    public void RefusalsOfTheS3ListenerAreDocuments(int status, string line)
    {
        string answer = Answer(status, isS3: true);
        Assert.StartsWith(line, answer, StringComparison.Ordinal);
        Assert.EndsWith("</Error>", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void OtherListenersKeepTheirOwnAnswer() => Assert.Empty(Answer(400, isS3: false));

    private static string Answer(int status, bool isS3)
    {
        var pipe = new Pipe();
        var features = new FeatureCollection();
        features.Set<IHttpResponseFeature>(new HttpResponseFeature { StatusCode = status });
        features.Set<IHttpRequestFeature>(new HttpRequestFeature { Method = "GET", Protocol = "HTTP/1.1", RawTarget = "/b" });
        features.Set<IConnectionTransportFeature>(new Transport(pipe));
        new KestrelRefusals(new RequestIds(SystemRandomSource.Instance), _ => isS3).OnNext(new(KestrelRefusals.EventName, features));
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
