using Tarn.Server.Configuration;

namespace Tarn.Tests.Server;

public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:9000", "127.0.0.1", 9000, true, false)]
    [InlineData("10.0.0.7:80", "10.0.0.7", 80, false, false)]
    [InlineData("0.0.0.0:80", "127.0.0.1", 80, false, false)]
    [InlineData(":0", "127.0.0.1", 0, false, true)]
    [InlineData("*:65535", "127.0.0.1", 65535, false, true)]
    [InlineData("[::1]:9000", "[::1]", 9000, true, false)]
    [InlineData("[::]:9000", "[::1]", 9000, false, false)]
    [InlineData("localhost:9000", "localhost", 9000, true, false)]
    [InlineData("localhost:0", "127.0.0.1", 0, true, false)]
    public void Addresses_parse(string text, string host, int port, bool isLoopback, bool isEvery)
    {
        Assert.True(ListenAddress.TryParse(text, out ListenAddress? address));
        Assert.Equal((host, port, isLoopback, isEvery), (address.LocalHost, address.Port, address.IsLoopback, address.IsEveryAddress));
    }

    [Theory]
    [InlineData("")]
    [InlineData("9000")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("127.0.0.1:+1")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("::1:9000")]
    [InlineData("[127.0.0.1]:9000")]
    [InlineData("example.com:9000")]
    [InlineData("http://127.0.0.1:9000")]
    public void What_is_no_address_does_not_parse(string text) => Assert.False(ListenAddress.TryParse(text, out _));
}
