using Tarn.Server.Cli;

namespace Tarn.Tests.Cli;

/// <summary>Which URL a server may say for S3 without <c>--s3-endpoint</c>: signed changes go there.</summary>
public sealed class S3EndpointTests
{
    [Theory]
    [InlineData("http://127.0.0.1:9001", "http://127.0.0.1:9000", "http://127.0.0.1:9000/")]
    [InlineData("http://localhost:9001", "http://127.0.0.1:9000", "http://127.0.0.1:9000/")]
    [InlineData("http://tarn.lan:9001", "http://0.0.0.0:9000", "http://tarn.lan:9000/")]
    [InlineData("http://tarn.lan:9001", "http://[::]:9000", "http://tarn.lan:9000/")]
    [InlineData("https://tarn.lan:9001", "https://tarn.lan/s3", "https://tarn.lan/s3")]
    [InlineData("http://tarn.lan:9001", "https://TARN.lan", "https://tarn.lan/")]
    public void What_a_server_says_of_itself_is_followed(string control, string told, string expected) =>
        Assert.Equal(expected, S3Endpoint.Told(new Uri(control), told).AbsoluteUri);

    [Theory]
    [InlineData("http://tarn.lan:9001", "http://127.0.0.1:9000", "which is this machine, and the server is another one")]
    [InlineData("https://tarn.lan:9001", "http://tarn.lan:9000", "which is not encrypted as its control address is")]
    [InlineData("https://tarn.lan:9001", "http://0.0.0.0:9000", "which is not encrypted as its control address is")]
    [InlineData("http://tarn.lan:9001", "http://other.lan:9000", "and it was asked at tarn.lan")]
    [InlineData("http://127.0.0.1:9001", "https://s3.example.com", "and it was asked at 127.0.0.1")]
    public void Another_server_has_to_be_confirmed(string control, string told, string expected)
    {
        string error = Assert.Throws<CliException>(() => S3Endpoint.Told(new Uri(control), told)).Message;
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Contains("--s3-endpoint http", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ftp://tarn.lan")]
    [InlineData("not a URL")]
    public void What_is_no_url_is_refused(string told) =>
        Assert.Contains("the server says where S3 is", Assert.Throws<CliException>(() => S3Endpoint.Told(new Uri("http://tarn.lan:9001"), told)).Message, StringComparison.Ordinal);
}
