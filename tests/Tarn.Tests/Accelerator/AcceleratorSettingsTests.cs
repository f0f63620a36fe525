using System.Runtime.Versioning;
using Tarn.Server.Configuration;
using Tarn.TestKit.Servers;
using Tarn.Tests.Docs;

namespace Tarn.Tests.Accelerator;

[SupportedOSPlatform("linux")]
public sealed class AcceleratorSettingsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Every_setting_has_its_row_and_every_row_its_setting() => Assert.Equal(
        AcceleratorSettings.All.Select(s => (s.Secret ? $"`{s.Name}`|–" : $"`{s.Name}`|`{s.Flag}`") + $"|`{s.Variable}`|{(s.Default is null ? "–" : $"`{s.Default}`")}"),
        Pages.Table("docs/reference/accelerator-settings.md", "| Key |").Select(row => string.Join('|', row.Take(4))));

    [Fact]
    public void Every_setting_is_bound()
    {
        AcceleratorOptions options = Bind(
            ("upstream", "https://Tarn.example.com:9100"), ("domain", "S3.Test"), ("name", "n1"), ("zone", "z1"), ("cache-size", "1.5GiB"), ("cache-max-age", "12h"), ("cache-memory", "64"),
            ("s3", "127.0.0.1:9999"), ("metrics", ":9998"), ("max-connections", "9"), ("request-memory", "7"), ("drain-delay", "3"), ("log-level", "error"), ("access-log", "/a"));
        Assert.Equal(
            ("https://tarn.example.com:9100/", "s3.test", "n1", "z1", 3L << 29, TimeSpan.FromHours(12), 64L << 20, "127.0.0.1:9999", ":9998", 9, 7L << 20, TimeSpan.FromSeconds(3), "/a"),
            (options.Upstream.ToString(), options.Domains.Single(), options.Name, options.Zone, options.CacheSize, options.CacheMaxAge, options.CacheMemory, options.S3.ToString(), options.Metrics!.ToString(),
                options.MaxConnections, options.RequestMemory, options.DrainDelay, options.AccessLog));
        Assert.Equal("secret-token", options.Token);
        Assert.DoesNotContain("secret-token", options.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("upstream", "http://10.0.0.1:9100", "--upstream: is without TLS")]
    [InlineData("upstream", "https://h/path", "--upstream: 'https://h/path' is not like")]
    [InlineData("upstream", "ftp://h", "--upstream: 'ftp://h' is not like")]
    [InlineData("cache-size", "100", "--cache-size: '100' is not a size")]
    [InlineData("cache-size", "1MiB", "--cache-size: 1MiB is too small")]
    [InlineData("cache-size", "-1GiB", "--cache-size: '-1GiB' is not a size")]
    [InlineData("name", "a b", "--name: 'a b' is not a name")]
    [InlineData("name", "a-name-of-more-than-sixty-three-characters-of-which-one-may-not-be-in-it!", "--name: 'a-name-of-more-than-sixty-three-characters-of-which-one-may-not-be-in-it!' is not a name")]
    [InlineData("zone", "", "--zone: '' is not a name")]
    [InlineData("zone", "a-zone-has-to-be-the-one-of-the-token-so-that-it-is-never-made-shorter", "--zone: 'a-zone-has-to-be-the-one-of-the-token-so-that-it-is-never-made-shorter' is not a name")]
    [InlineData("domain", "a_b", "--domain: 'a_b' is not a domain name")]
    [InlineData("domain", "-a.test", "--domain: the domains are too long")]
    [InlineData("upstream-ca", "/nowhere", "--upstream-ca: cannot be used")]
    [InlineData("tls-cert", "/a", "--tls-cert: needs --tls-key as well")]
    public void A_wrong_value_is_refused_and_named(string name, string value, string message) =>
        Assert.StartsWith(message, Assert.Throws<StartupException>(() => Bind((name, value))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("upstream")]
    [InlineData("token-file")]
    [InlineData("cache")]
    [InlineData("cache-size")]
    public void A_missing_value_is_named(string name) =>
        Assert.Equal($"--{name} is missing", Assert.Throws<StartupException>(() => Bind((name, null))).Message);

    [Fact]
    public void Plain_http_is_for_loopback_and_for_those_who_say_so()
    {
        Assert.Equal("http", Bind(("upstream", "http://127.0.0.1:9100")).Upstream.Scheme);
        Assert.Equal("http", Bind(("upstream", "http://10.0.0.1:9100"), ("insecure-upstream", "true")).Upstream.Scheme);
    }

    [Theory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.OtherRead, false)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.OtherWrite, false)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.GroupRead, true)]
    public void A_token_that_every_user_may_read_is_refused(UnixFileMode mode, bool isAccepted)
    {
        string file = _directory.PathOf("open");
        File.WriteAllText(file, "secret-token\n");
        File.SetUnixFileMode(file, mode);
        if (isAccepted)
        {
            Assert.Equal("secret-token", Bind(("token-file", file)).Token);
        }
        else
        {
            Assert.StartsWith("--token-file: every user of this machine may read", Assert.Throws<StartupException>(() => Bind(("token-file", file))).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Variables_of_the_other_command_are_ignored_and_unknown_ones_refused()
    {
        var variables = new Dictionary<string, string> { ["TARN_DATA"] = "/data", ["TARN_ZONE"] = "z9" };
        Assert.Equal("z9", Bind(variables).Zone);
        _ = SettingValues.Collect(static _ => null, variables);
        variables["TARN_ZONES"] = "z9";
        Assert.Equal("unknown variable 'TARN_ZONES'", Assert.Throws<StartupException>(() => Bind(variables)).Message);
    }

    private AcceleratorOptions Bind(params (string Name, string? Value)[] values) => Bind(new Dictionary<string, string>(), values);

    private AcceleratorOptions Bind(Dictionary<string, string> variables, params (string Name, string? Value)[] values)
    {
        string token = _directory.PathOf("token");
        File.WriteAllText(token, "secret-token\nsecond line\n");
        File.SetUnixFileMode(token, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var all = new Dictionary<string, string?>
        {
            ["upstream"] = "https://tarn.example.com:9100", ["token-file"] = token, ["cache"] = _directory.PathOf("cache"), ["cache-size"] = "1GiB",
        };
        foreach ((string name, string? value) in values)
        {
            all[name] = value;
        }

        return AcceleratorOptionsBinder.Bind(SettingValues.Collect(setting => all.GetValueOrDefault(setting.Name) is { } value ? [value] : null, variables, AcceleratorSettings.All));
    }
}
