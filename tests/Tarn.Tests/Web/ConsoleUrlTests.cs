namespace Tarn.Tests.Web;

/// <summary>Whether a page of the console is at the URL to which issuers send browsers.</summary>
public sealed class ConsoleUrlTests
{
    [Theory]
    [InlineData("127.0.0.1:9001", null, true)]
    [InlineData("localhost:9001", null, true)]
    [InlineData("[::1]:9001", null, true)]
    [InlineData(":9001", null, false)]
    [InlineData("192.0.2.1:9001", null, false)]
    [InlineData(":9001", "https://console.example.com", true)]
    public void It_is_known_where_it_is_said_or_only_this_machine_reaches_it(string control, string? told, bool isKnown) => Assert.Equal(isKnown, ConsoleOriginsTests.Of(control, told).HasUrl);

    [Theory]
    [InlineData("127.0.0.1:9001", null, "http", "127.0.0.1:9001", null, true)]
    [InlineData("127.0.0.1:9001", null, "http", "127.0.0.1:9001", "http://127.0.0.1:9001", true)]
    [InlineData("127.0.0.1:9001", null, "http", "localhost:9001", null, false)]
    [InlineData("127.0.0.1:9001", null, "http", "127.0.0.1:9001", "http://localhost:9001", false)]
    [InlineData("127.0.0.1:9001", null, "http", "127.0.0.1:9002", null, false)]
    [InlineData("127.0.0.1:9001", null, "https", "127.0.0.1:9001", null, false)]
    [InlineData("127.0.0.1:9001", null, "http", "", null, false)]
    [InlineData(":9001", "https://console.example.com", "http", "console.example.com", null, true)]
    [InlineData(":9001", "https://console.example.com", "https", "console.example.com", null, true)]
    [InlineData(":9001", "https://console.example.com", "https", "CONSOLE.example.com:443", null, true)]
    [InlineData(":9001", "https://console.example.com", "http", "backend:9001", "https://console.example.com", true)]
    [InlineData(":9001", "https://console.example.com", "http", "console.example.com:9001", null, false)]
    [InlineData(":9001", "https://console.example.com", "http", "tarn.example.com", null, false)]
    [InlineData(":9001", "https://console.example.com", "https", "console.example.com", "http://console.example.com", false)]
    [InlineData(":9001", "http://localhost:9500", "http", "localhost:9500", null, true)]
    public void A_page_is_there_by_its_origin_or_the_host_that_it_asks(string control, string? told, string scheme, string host, string? origin, bool isThere) =>
        Assert.Equal(isThere, ConsoleOriginsTests.Of(control, told).IsAtUrl(ConsoleOriginsTests.Request(scheme, host, origin)));
}
