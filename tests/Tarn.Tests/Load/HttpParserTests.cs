using System.Text;
using Tarn.Load.Http;

namespace Tarn.Tests.Load;

public sealed class HttpParserTests
{
    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n", 200, 12, false, false)]
    [InlineData("HTTP/1.1 200 OK\r\ntransfer-encoding:Chunked\r\nConnection: Close\r\n\r\n", 200, -1, true, true)]
    [InlineData("HTTP/1.1 204 \r\n\r\n", 204, -1, false, false)]
    [InlineData("HTTP/1.0 404 Not Found\r\nContent-Length:0\r\n\r\n", 404, 0, false, true)]
    [InlineData("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n", 200, -1, false, false)]
    public void Reads_a_head(string text, int status, long length, bool chunked, bool close)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(text + "rest");
        Assert.True(ResponseHead.TryParse(bytes, out ResponseHead head, out int consumed));
        Assert.Equal(new ResponseHead(status, length, chunked, close), head);
        Assert.Equal(text.Length, consumed);
    }

    [Fact]
    public void Waits_for_the_heads_end()
    {
        byte[] bytes = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"u8.ToArray();
        for (int i = 0; i < bytes.Length; i++)
        {
            Assert.False(ResponseHead.TryParse(bytes.AsSpan(0, i), out _, out _));
        }
    }

    [Theory]
    [InlineData("SSH-2.0-x\r\n\r\n")]
    [InlineData("HTTP/1.1 2x0 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nnonsense\r\n\r\n")]
    public void Refuses_what_is_no_response(string text) =>
        Assert.Throws<HttpFormatException>(() => ResponseHead.TryParse(Encoding.ASCII.GetBytes(text), out _, out _));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Decodes_chunks_however_they_are_cut(int piece)
    {
        byte[] wire = "5\r\nhello\r\n10;ext=1\r\n, sixteen bytes.\r\n0\r\nTrailer: x\r\n\r\nNEXT"u8.ToArray();
        ChunkedDecoder decoder = default;
        var body = new StringBuilder();
        int at = 0;
        while (!decoder.IsDone)
        {
            at += decoder.Step(wire.AsSpan(at, Math.Min(piece, wire.Length - at)), out ReadOnlySpan<byte> data);
            body.Append(Encoding.ASCII.GetString(data));
        }

        Assert.Equal("hello, sixteen bytes.", body.ToString());
        Assert.Equal("NEXT", Encoding.ASCII.GetString(wire.AsSpan(at)));
    }

    [Theory]
    [InlineData("x\r\n")]
    [InlineData("\r\n")]
    [InlineData("ffffffffffffff\r\n")]
    [InlineData("1\r\nab")]
    public void Refuses_broken_chunks(string wire)
    {
        Assert.Throws<HttpFormatException>(() =>
        {
            ChunkedDecoder decoder = default;
            ReadOnlySpan<byte> rest = Encoding.ASCII.GetBytes(wire);
            while (!rest.IsEmpty)
            {
                rest = rest[decoder.Step(rest, out _)..];
            }
        });
    }
}
