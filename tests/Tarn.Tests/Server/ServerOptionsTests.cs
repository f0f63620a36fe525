using Tarn.Server.Configuration;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Server;

public sealed class ServerOptionsTests
{
    [Fact]
    public void Defaults_are_the_documented_ones()
    {
        ServerOptions options = Bound.From();
        Assert.Equal(Path.GetFullPath("./tarn-data"), options.Data);
        Assert.Equal("127.0.0.1:9000", options.S3.ToString());
        Assert.Equal("127.0.0.1:9001", options.Control.ToString());
        Assert.Equal("us-east-1", options.Region);
        Assert.Equal(Durability.Full, options.Durability);
        Assert.Empty(options.Domains);
        Assert.Null(options.Tls);
        Assert.Null(options.RootKey);
    }

    [Fact]
    public void Flags_beat_variables_beat_the_file_beat_defaults()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.PathOf("c.json"), """{ "region": "file", "s3": ":1", "control": ":2", "domain": ["a.test", "b.test"] }""");
        ServerOptions options = Bound.From(
            new() { ["--region"] = ["flag"] },
            new() { ["TARN_REGION"] = "variable", ["TARN_S3"] = ":3", ["TARN_DATA"] = "", ["TARN_CONFIG"] = directory.PathOf("c.json") });
        Assert.Equal("flag", options.Region);
        Assert.Equal(3, options.S3.Port);
        Assert.Equal(2, options.Control.Port);
        Assert.Equal(["a.test", "b.test"], options.Domains);
        Assert.Equal(Path.GetFullPath("./tarn-data"), options.Data);
    }

    [Fact]
    public void A_repeatable_variable_separates_with_commas() =>
        Assert.Equal(["s3.test", "x.test"], Bound.From(variables: new() { ["TARN_DOMAIN"] = "S3.test., x.test" }).Domains);

    [Theory]
    [InlineData("--s3", "nowhere", "--s3: 'nowhere' is not ADDR:PORT")]
    [InlineData("--region", "a b", "--region: 'a b' is not a region name")]
    [InlineData("--domain", "a..b", "--domain: 'a..b' is not a domain name")]
    [InlineData("--durability", "some", "--durability: 'some' is not one of full, relaxed")]
    [InlineData("--log-level", "loud", "--log-level: 'loud' is not one of trace,")]
    [InlineData("--metadata", "postgres://u:secret@h/d", "--metadata: 'postgres' is not an engine of this build; it has rocksdb")]
    [InlineData("--accept-log-loss", "all", "--accept-log-loss: 'all' is not the number that the error at startup named")]
    [InlineData("--accept-log-loss", "-1", "--accept-log-loss: '-1' is not the number that the error at startup named")]
    [InlineData("--lifecycle-day", "0", "--lifecycle-day: '0' is not a number of seconds from 1 to 86400")]
    [InlineData("--lifecycle-rate", "0", "--lifecycle-rate: '0' is not a number from 1 to 1000000")]
    [InlineData("--recent-requests", "-1", "--recent-requests: '-1' is not a number from 0 to 1000000")]
    [InlineData("--bucket-metrics", "1001", "--bucket-metrics: '1001' is not a number from 0 to 1000")]
    [InlineData("--lifecycle-rate", "fast", "--lifecycle-rate: 'fast' is not a number from 1 to 1000000")]
    [InlineData("--signature-v2", "yes", "--signature-v2: 'yes' is not one of off, presigned, all")]
    [InlineData("--signature-v2-max-expiry", "0", "--signature-v2-max-expiry: '0' is not a duration such as 90s, 15m, 12h or 7d")]
    [InlineData("--signature-v2-max-expiry", "11000d", "--signature-v2-max-expiry: '11000d' is not a duration")]
    [InlineData("--signature-v2-max-expiry", "week", "--signature-v2-max-expiry: 'week' is not a duration")]
    [InlineData("--tls-cert", "c.pem", "--tls-cert: needs --tls-key as well")]
    [InlineData("--tls-key", "k.pem", "--tls-key: needs --tls-cert as well")]
    [InlineData("--access-log-format", "s3", "--access-log-format: needs --access-log as well")]
    [InlineData("--audit-log", "-", "--audit-log: is a file: what is written to a stream cannot be made durable")]
    [InlineData("--config", "/nonexistent.json", "/nonexistent.json: cannot read the configuration file")]
    public void A_bad_value_is_refused_by_name(string flag, string value, string message) =>
        Assert.StartsWith(message, Bound.Refusal(new() { [flag] = [value] }), StringComparison.Ordinal);

    [Fact]
    public void A_single_setting_is_not_given_twice() =>
        Assert.Equal("--s3: expected one value, got 2", Bound.Refusal(new() { ["--s3"] = [":1", ":2"] }));

    [Theory]
    [InlineData("[]", "expected one JSON object")]
    [InlineData("{", "not valid JSON (line 1)")]
    [InlineData("""{ "s4": ":1" }""", "unknown key 's4'")]
    [InlineData("""{ "s3": true }""", "s3: expected text")]
    [InlineData("""{ "s3": "x" }""", "s3: 'x' is not ADDR:PORT")]
    public void A_bad_file_is_refused_by_its_name(string content, string message)
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.PathOf("c.json"), content);
        Assert.StartsWith(
            $"{directory.PathOf("c.json")}: {message}", Bound.Refusal(new() { ["--config"] = [directory.PathOf("c.json")] }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("auto", "127.0.0.1:9001", true, false)]
    [InlineData("auto", "localhost:9001", true, false)]
    [InlineData("auto", ":9001", true, true)]
    [InlineData("both", "127.0.0.1:9001", true, true)]
    [InlineData("control", ":9001", false, true)]
    public void Tls_is_on_where_it_is_asked_for(string on, string control, bool s3, bool onControl)
    {
        TlsOptions tls = Bound.From(new()
        {
            ["--tls-cert"] = ["c"], ["--tls-key"] = ["k"], ["--tls-on"] = [on], ["--control"] = [control],
        }).Tls!;
        Assert.Equal((s3, onControl), (tls.OnS3, tls.OnControl));
    }
}
