using Tarn.Load.Options;

namespace Tarn.Tests.Load;

public sealed class CommandLineTests
{
    private static readonly string[] Keys = ["--access-key", "a", "--secret-key", "b"];

    [Theory]
    [InlineData("4KiB", 4096)]
    [InlineData("64MiB", 67108864)]
    [InlineData("1.5kb", 1500)]
    [InlineData("7", 7)]
    public void Reads_sizes(string text, long bytes) => Assert.Equal(bytes, Units.Bytes(text));

    [Theory]
    [InlineData("250ms", 250)]
    [InlineData("10s", 10_000)]
    [InlineData("2m", 120_000)]
    public void Reads_durations(string text, double milliseconds) => Assert.Equal(milliseconds, Units.Duration(text).TotalMilliseconds, 3);

    [Theory]
    [InlineData("http://10.0.0.1:9000")]
    [InlineData("http://example.com")]
    [InlineData("https://127.0.0.1:9000")]
    public void Refuses_other_machines_and_schemes(string endpoint) =>
        Assert.Throws<UsageException>(() => Parse(["get", "--endpoint", endpoint, .. Keys]));

    [Fact]
    public void Takes_another_machine_when_told_to()
    {
        LoadOptions options = Parse(["get", "--endpoint", "http://10.0.0.1:9000", "--allow-remote", .. Keys]);
        Assert.Equal("10.0.0.1:9000", options.Address.ToString());
        Assert.Equal("10.0.0.1:9000", options.Host);
    }

    [Fact]
    public void Large_bodies_go_unsigned_unless_asked()
    {
        Assert.True(Parse(["put", "--size", "1MiB", .. Keys]).SignPayload);
        Assert.False(Parse(["put", "--size", "2MiB", .. Keys]).SignPayload);
        Assert.True(Parse(["put", "--size", "2MiB", "--payload", "signed", .. Keys]).SignPayload);
    }

    [Theory]
    [InlineData("get")]
    [InlineData("fetch", "--access-key", "a", "--secret-key", "b")]
    [InlineData("get", "--speed", "9")]
    [InlineData("get", "--access-key")]
    [InlineData("raw-get")]
    [InlineData("get", "--access-key", "a", "--secret-key", "b", "--concurrency", "0")]
    public void Says_what_is_wrong(params string[] args) => Assert.Throws<UsageException>(() => Parse(args));

    private static LoadOptions Parse(string[] args) => CommandLine.Parse(args, _ => null);
}
