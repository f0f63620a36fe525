using System.Buffers;
using System.Text;
using Tarn.Server.Proxies;

namespace Tarn.Tests.Proxies;

/// <summary>Source: HAProxy, "The PROXY protocol, versions 1 and 2".</summary>
public sealed class ProxyHeaderTests
{
    private const string Signature = "0D0A0D0A000D0A515549540A";

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 4711 443", "192.0.2.7:4711")]
    [InlineData("PROXY TCP6 2001:db8::7 2001:db8::1 4711 443", "[2001:db8::7]:4711")]
    [InlineData("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff0 ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff1 65535 65535", "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff0]:65535")]
    [InlineData("PROXY UNKNOWN", null)]
    [InlineData("PROXY UNKNOWN whatever comes", null)]
    public void Lines_of_version_1(string line, string? client)
    {
        byte[] bytes = [.. Encoding.ASCII.GetBytes(line + "\r\n"), .. "GET /"u8];
        Check(bytes, line.Length + 2, new ProxyHeader(client is null ? null : System.Net.IPEndPoint.Parse(client), false, null));
    }

    [Theory]
    [InlineData("2111000C C0000207C6336401126701BB", "192.0.2.7:4711", false, null)]
    [InlineData("21110014 C0000207C6336401126701BB 2000050100000000", "192.0.2.7:4711", false, true)]
    [InlineData("21110017 C0000207C6336401126701BB 04000000 00000000000000", null, false, null, false)]
    [InlineData("21110018 C0000207C6336401126701BB 040001AA 2000050000000000", "192.0.2.7:4711", false, false)]
    [InlineData("21210024 20010DB8000000000000000000000007 20010DB8000000000000000000000001 126701BB", "[2001:db8::7]:4711", false, null)]
    [InlineData("21210024 00000000000000000000FFFFC0000207 00000000000000000000FFFFC0000201 126701BB", "192.0.2.7:4711", false, null)]
    [InlineData("20000000", null, true, null)]
    [InlineData("2011000C C0000207C6336401126701BB", null, true, null)]
    [InlineData("21000004 01020304", null, false, null)]
    [InlineData("3111000C C0000207C6336401126701BB", null, false, null, false)]
    [InlineData("2211000C C0000207C6336401126701BB", null, false, null, false)]
    [InlineData("2141000C C0000207C6336401126701BB", null, false, null, false)]
    [InlineData("2113000C C0000207C6336401126701BB", null, false, null, false)]
    [InlineData("21110008 C0000207C6336401", null, false, null, false)]
    [InlineData("2111000E C0000207C6336401126701BB 2000", null, false, null, false)]
    [InlineData("21110010 C0000207C6336401126701BB 200005 01", null, false, null, false)]
    [InlineData("21110010 C0000207C6336401126701BB 200001 01", null, false, null, false)]
    [InlineData("2111FFFF", null, false, null, false)]
    public void Binary_version_2(string hex, string? client, bool isLocal, bool? isTls, bool isGood = true)
    {
        byte[] header = Convert.FromHexString(Signature + hex.Replace(" ", "", StringComparison.Ordinal));
        if (isGood)
        {
            Check([.. header, .. "GET /"u8], header.Length, new ProxyHeader(client is null ? null : System.Net.IPEndPoint.Parse(client), isLocal, isTls));
        }
        else
        {
            Assert.Equal(ProxyHeaderState.Wrong, ProxyHeader.Parse(new ReadOnlySequence<byte>(header), out _, out _));
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("POST / HTTP/1.1\r\n")]
    [InlineData("PROXY\r\n")]
    [InlineData("PROXY  TCP4 192.0.2.7 198.51.100.1 4711 443\r\n")]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 4711\r\n")]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 4711 443 \r\n")]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 4711 65536\r\n")]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 -1 443\r\n")]
    [InlineData("PROXY TCP4 2001:db8::7 2001:db8::1 4711 443\r\n")]
    [InlineData("PROXY TCP6 192.0.2.7 198.51.100.1 4711 443\r\n")]
    [InlineData("PROXY TCP4 010.0.0.1 198.51.100.1 4711 443\r\n")]
    [InlineData("PROXY TCP5 192.0.2.7 198.51.100.1 4711 443\r\n")]
    [InlineData("PROXY UNKNOWN                                                                                                 \r\n")]
    [InlineData("\r\n\r\n\0\r\nQUIT\r")]
    [InlineData("\u0016\u0003\u0001")]
    public void What_is_none(string text)
    {
        Assert.Equal(ProxyHeaderState.Wrong, ProxyHeader.Parse(new ReadOnlySequence<byte>(Encoding.Latin1.GetBytes(text)), out _, out _));
    }

    /// <summary>The result is the same however the header arrives, and comes only once it is complete.</summary>
    private static void Check(byte[] bytes, int length, ProxyHeader expected)
    {
        for (int arrived = 0; arrived < length; arrived++)
        {
            Assert.Equal(ProxyHeaderState.Incomplete, ProxyHeader.Parse(new ReadOnlySequence<byte>(bytes, 0, arrived), out _, out _));
        }

        Assert.Equal(ProxyHeaderState.Read, ProxyHeader.Parse(new ReadOnlySequence<byte>(bytes), out ProxyHeader header, out int read));
        Assert.Equal((expected, length), (header, read));
    }
}
