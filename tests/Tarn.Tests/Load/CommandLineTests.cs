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

    [Fact]
    public void What_is_wrong_is_named()
    {
        Assert.Contains("'0' is not a whole number from 1 to 4096", Assert.Throws<UsageException>(() => Parse(["get", "--concurrency", "0", .. Keys])).Message, StringComparison.Ordinal);
        Assert.Contains("--max-keys", Assert.Throws<UsageException>(() => Parse(["get", "--max-keys", "7", .. Keys])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Defaults_are_what_the_reference_says()
    {
        LoadOptions options = Parse(["get", .. Keys]);
        Assert.Equal((8, TimeSpan.FromSeconds(10), long.MaxValue, 1000L, 4096L, "obj/"), (options.Concurrency, options.Duration, options.Requests, options.Objects, options.Size, options.Prefix));
        Assert.Equal((TimeSpan.FromHours(1), 5L), (Parse(["get", "--requests", "5", .. Keys]).Duration, Parse(["get", "--requests", "5", .. Keys]).Requests));
        Assert.Equal((1000L, ""), (Parse(["list", .. Keys]).MaxKeys, Parse(["list", .. Keys]).Prefix));
        Assert.Equal([3, 4], Parse(["list", "--server-pid", "3,4", .. Keys]).ServerPids);
    }

    internal static LoadOptions Parse(IReadOnlyList<string> args)
    {
        LoadOptions? parsed = null;
        CommandLine.Run(args, _ => null, options =>
        {
            parsed = options;
            return 0;
        });
        return Assert.IsType<LoadOptions>(parsed);
    }
}
