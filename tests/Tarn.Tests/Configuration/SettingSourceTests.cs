using System.Collections;
using System.Reflection;
using System.Text.Json;
using Tarn.Server.Configuration;
using Tarn.TestKit.Servers;
using Tarn.Tests.Server;

namespace Tarn.Tests.Configuration;

/// <summary>Every setting, from every source that may set it.</summary>
public sealed class SettingSourceTests : IDisposable
{
    /// <summary>A value for each setting, and the settings to set beside it.</summary>
    private static readonly Dictionary<string, (string Value, (string Name, string Value)[] Beside)> Samples = new()
    {
        ["data"] = ("/elsewhere", []),
        ["expect-data"] = ("true", []),
        ["dev"] = ("true", []),
        ["create-bucket"] = ("uploads", []),
        ["s3"] = (":1", []),
        ["control"] = (":2", []),
        ["accelerators"] = ("127.0.0.1:3", []),
        ["insecure-accelerators"] = ("true", [("accelerators", "127.0.0.1:3")]),
        ["region"] = ("eu-west-3", []),
        ["domain"] = ("s3.test", []),
        ["durability"] = ("relaxed", []),
        ["verify-reads"] = ("always", []),
        ["accept-log-loss"] = ("7", []),
        ["mirror"] = ("/other-disk", []),
        ["mirror-accept-stale"] = ("00000000000000aa-4", []),
        ["mirror-rebuild"] = ("true", []),
        ["lifecycle-day"] = ("60", []),
        ["lifecycle-rate"] = ("5", []),
        ["scrub-rate"] = ("7", []),
        ["scrub-iops"] = ("9", []),
        ["scrub-interval"] = ("2d", []),
        ["orphan-retention"] = ("3d", []),
        ["object-ownership"] = ("ObjectWriter", []),
        ["signature-v2"] = ("off", []),
        ["signature-v2-max-expiry"] = ("90s", []),
        ["oidc-plain-loopback"] = ("true", []),
        ["disk-root"] = ("acme=/srv", []),
        ["backup-root"] = ("/backups", []),
        ["share-url"] = ("https://files.test", []),
        ["console-url"] = ("https://console.test", []),
        ["external-url"] = ("https://s3.test", []),
        ["trusted-proxy"] = ("10.0.0.0/8", []),
        ["proxy-protocol"] = ("true", [("trusted-proxy", "10.0.0.0/8")]),
        ["tls-cert"] = ("/chain.pem", [("tls-cert", "/before.pem"), ("tls-key", "/key.pem")]),
        ["tls-key"] = ("/other.pem", [("tls-key", "/before.pem"), ("tls-cert", "/chain.pem")]),
        ["tls-pfx"] = ("/chain.pfx", []),
        ["tls-password"] = ("of the key", [("tls-pfx", "/chain.pfx")]),
        ["tls-on"] = ("both", [("tls-pfx", "/chain.pfx")]),
        ["max-connections"] = ("77", []),
        ["request-memory"] = ("64", []),
        ["s3-health-path"] = ("/health", []),
        ["drain-delay"] = ("5", []),
        ["recent-requests"] = ("6", []),
        ["bucket-metrics"] = ("7", []),
        ["log-level"] = ("debug", []),
        ["access-log"] = ("/var/log/access", []),
        ["access-log-format"] = ("s3", [("access-log", "-")]),
        ["audit-log"] = ("/var/log/audit", []),
        ["bucket-log-interval"] = ("70s", []),
        ["bucket-log-spool"] = ("9", []),
        ["trace-rate"] = ("7", []),
        ["root-access-key"] = ("admin", [("root-access-key", "before"), ("root-secret-key", "correct-horse")]),
        ["root-secret-key"] = ("battery-staple", [("root-secret-key", "correct-horse"), ("root-access-key", "admin")]),
        ["master-key"] = ("0123456789abcdef0123456789abcdef", []),
        ["master-key-file"] = ("/run/secrets/master", []),
    };

    /// <summary>Settings with only one value in this build, and the one that names the configuration file.</summary>
    private static readonly string[] WithoutChoice = ["config", "metadata", "blobs"];

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    public static TheoryData<string, string> Sources()
    {
        var data = new TheoryData<string, string>();
        foreach (Setting setting in Settings.All.Where(s => !WithoutChoice.Contains(s.Name)))
        {
            string[] sources = setting.Secret ? ["variable", "file", "flag of a file", "variable of a file", "file of a file"]
                : Settings.All.Any(s => s.InFile == setting) && setting != Settings.MasterKeyFile ? []
                : ["flag", "variable", "file"];
            foreach (string source in sources)
            {
                data.Add(setting.Name, source);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void Every_setting_is_taken_from_every_source(string name, string source)
    {
        (string value, (string Name, string Value)[] beside) = Samples[name];
        string without = Describe(Bind("variable", beside));
        string with = Describe(Bind(source, [.. beside.Where(b => b.Name != name), (name, value)]));
        if (Settings.All.Single(s => s.Name == name).InFile == Settings.MasterKeyFile)
        {
            // The key's own file is read when the store is opened: here it is known by its path.
            value = source.EndsWith("of a file", StringComparison.Ordinal) ? _directory.PathOf("secret-master-key") : value;
        }

        Assert.NotEqual(without, with);
        Assert.Contains(name is "proxy-protocol" or "expect-data" or "mirror-rebuild" or "dev" or "insecure-accelerators" ? "True" : Expected(name, value), with, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("metadata", "rocksdb")]
    [InlineData("blobs", "files")]
    public void An_engine_is_refused_by_where_it_was_named(string name, string built)
    {
        string other = $"'other' is not an engine of this build; it has {built}";
        Setting setting = Settings.All.Single(s => s.Name == name);
        Assert.Equal($"{setting.Flag}: {other}", Refusal("flag", (name, "other")));
        Assert.Equal($"{setting.Variable}: {other}", Refusal("variable", (name, "other")));
        Assert.Equal($"{_directory.PathOf("c.json")}: {name}: {other}", Refusal("file", (name, "other")));
    }

    [Fact]
    public void Every_secret_may_be_in_a_file_and_has_no_flag()
    {
        Setting[] secrets = [.. Settings.All.Where(s => s.Secret)];
        Assert.Equal(["tls-password", "root-access-key", "root-secret-key", "master-key"], secrets.Select(s => s.Name));
        Assert.All(secrets, s => Assert.Equal((s.Name + "-file", s.Variable + "_FILE", false), (s.InFile!.Name, s.InFile.Variable, s.InFile.Secret)));
    }

    [Fact]
    public void A_secret_in_a_variable_beats_its_file_beats_the_configuration_file()
    {
        File.WriteAllText(_directory.PathOf("id"), "from-file\nsecond line\n");
        File.WriteAllText(_directory.PathOf("c.json"), """{ "root-access-key": "configured", "root-secret-key": "correct-horse" }""");
        var variables = new Dictionary<string, string> { ["TARN_CONFIG"] = _directory.PathOf("c.json") };
        Assert.Equal("configured", Bound.From(variables: variables).RootKey!.AccessKey);
        variables["TARN_ROOT_ACCESS_KEY_FILE"] = _directory.PathOf("id");
        Assert.Equal("from-file", Bound.From(variables: variables).RootKey!.AccessKey);
        variables["TARN_ROOT_ACCESS_KEY"] = "variable";
        Assert.Equal("variable", Bound.From(variables: variables).RootKey!.AccessKey);
        Assert.Equal(
            "from-file", Bound.From(new() { ["--root-access-key-file"] = [_directory.PathOf("id")] }, variables).RootKey!.AccessKey);
    }

    [Fact]
    public void A_secret_that_cannot_be_read_or_is_wrong_is_refused_by_the_name_of_its_file()
    {
        var variables = new Dictionary<string, string> { ["TARN_ROOT_ACCESS_KEY"] = "admin", ["TARN_ROOT_SECRET_KEY_FILE"] = _directory.PathOf("none") };
        Assert.StartsWith("TARN_ROOT_SECRET_KEY_FILE: cannot be read: ", Bound.Refusal(variables: variables), StringComparison.Ordinal);
        File.WriteAllText(_directory.PathOf("none"), "short");
        Assert.Equal("TARN_ROOT_SECRET_KEY_FILE: must have at least 8 characters", Bound.Refusal(variables: variables));
        File.WriteAllText(_directory.PathOf("none"), "");
        Assert.Equal("TARN_ROOT_SECRET_KEY_FILE: must have at least 8 characters", Bound.Refusal(variables: variables));
    }

    [Fact]
    public void Files_may_begin_with_a_byte_order_mark()
    {
        File.WriteAllText(_directory.PathOf("c.json"), """{ "region": "marked", "root-access-key": "admin" }""", new System.Text.UTF8Encoding(true));
        File.WriteAllText(_directory.PathOf("s"), "correct-horse", new System.Text.UTF8Encoding(true));
        ServerOptions options = Bound.From(new() { ["--config"] = [_directory.PathOf("c.json")] }, new() { ["TARN_ROOT_SECRET_KEY_FILE"] = _directory.PathOf("s") });
        Assert.Equal(("marked", new RootKey("admin", "correct-horse")), (options.Region, options.RootKey));
    }

    [Fact]
    public void A_list_of_one_source_replaces_that_of_another()
    {
        File.WriteAllText(_directory.PathOf("c.json"), """{ "domain": ["a.test", "b.test", "c.test"] }""");
        Assert.Equal(
            ["x.test"],
            Bound.From(new() { ["--config"] = [_directory.PathOf("c.json")] }, new() { ["TARN_DOMAIN"] = "x.test" }).Domains);
    }

    [Theory]
    [InlineData("TARN_REGOIN", "x")]
    [InlineData("TARN_", "x")]
    [InlineData("TARN_S3_PORT", "9000")]
    [InlineData("TARN_ROOT_SECRET", "x")]
    [InlineData("TARN_REGION_FILE", "x")]
    [InlineData("TARN_TESTING", "x")]
    public void A_variable_that_no_setting_has_is_refused_by_name(string name, string value) =>
        Assert.Equal($"unknown variable '{name}'", Bound.Refusal(variables: new() { [name] = value }));

    [Theory]
    [InlineData("TARN_ENDPOINT", "http://127.0.0.1:9001")]
    [InlineData("TARN_API_KEY", "key-1")]
    [InlineData("TARN_TEST_ENDPOINT", "http://127.0.0.1:9000")]
    [InlineData("TARN_REGOIN", "")]
    [InlineData("TARNISH", "x")]
    [InlineData("tarn_region", "x")]
    [InlineData("TARN_SERVICE_HOST", "10.0.0.7")]
    [InlineData("TARN_SERVICE_PORT", "9000")]
    [InlineData("TARN_S3_SERVICE_PORT_HTTPS", "443")]
    [InlineData("TARN_PORT", "tcp://10.0.0.7:9000")]
    [InlineData("TARN_S3_PORT", "tcp://10.0.0.7:9000")]
    [InlineData("TARN_PORT_9000_TCP", "tcp://10.0.0.7:9000")]
    [InlineData("TARN_PORT_9000_TCP_PROTO", "tcp")]
    [InlineData("TARN_PORT_9000_TCP_PORT", "9000")]
    [InlineData("TARN_PORT_9000_TCP_ADDR", "10.0.0.7")]
    public void Variables_of_others_are_left_alone(string name, string value) =>
        Assert.Equal("us-east-1", Bound.From(variables: new() { [name] = value }).Region);

    private ServerOptions Bind(string source, params (string Name, string Value)[] settings)
    {
        var flags = new Dictionary<string, string[]>();
        var variables = new Dictionary<string, string>();
        var file = new Dictionary<string, string>();
        foreach ((string name, string value) in settings)
        {
            Setting setting = Settings.All.Single(s => s.Name == name);
            string path = _directory.PathOf("secret-" + name);
            if (source.EndsWith("of a file", StringComparison.Ordinal) && setting.Secret)
            {
                File.WriteAllText(path, value + "\n");
            }

            switch (source)
            {
                case "flag": flags[setting.Flag] = [value]; break;
                case "file": file[name] = value; break;
                case "flag of a file" when setting.Secret: flags[setting.InFile!.Flag] = [path]; break;
                case "variable of a file" when setting.Secret: variables[setting.InFile!.Variable] = path; break;
                case "file of a file" when setting.Secret: file[setting.InFile!.Name] = path; break;
                default: variables[setting.Variable] = value; break;
            }
        }

        if (file.Count > 0)
        {
            File.WriteAllText(_directory.PathOf("c.json"), JsonSerializer.Serialize(file));
            variables["TARN_CONFIG"] = _directory.PathOf("c.json");
        }

        return Bound.From(flags, variables);
    }

    private string Refusal(string source, params (string Name, string Value)[] settings) =>
        Assert.Throws<StartupException>(() => Bind(source, settings)).Message;

    /// <summary>How the options show a value.</summary>
    private static string Expected(string name, string value) => name switch
    {
        "s3" or "control" => value,
        "lifecycle-day" => "00:01:00",
        "scrub-rate" => (7L << 20).ToString(System.Globalization.CultureInfo.InvariantCulture),
        "bucket-log-interval" => "00:01:10",
        "bucket-log-spool" => (9L << 20).ToString(System.Globalization.CultureInfo.InvariantCulture),
        "scrub-interval" => "2.00:00:00",
        "orphan-retention" => "3.00:00:00",
        "signature-v2-max-expiry" => "00:01:30",
        "drain-delay" => "00:00:05",
        "signature-v2" => "Off",
        "durability" => "Relaxed",
        "verify-reads" => "Always",
        "log-level" => "Debug",
        "access-log-format" => "S3",
        "disk-root" => "/srv",
        "request-memory" => (64L << 20).ToString(System.Globalization.CultureInfo.InvariantCulture),
        "tls-on" => "OnControl=True",
        "oidc-plain-loopback" => "OidcPlainLoopback=True",
        "trusted-proxy" => "Trusted=",
        _ => value,
    };

    /// <summary>All that the options hold, including secrets.</summary>
    private static string Describe(object? value) => value switch
    {
        null => "",
        string or Uri or Enum or ValueType or ListenAddress or ExternalUrl => value.ToString()!,
        IEnumerable many => string.Join(';', many.Cast<object>().Select(Describe)),
        _ when value.GetType().Namespace!.StartsWith("Tarn", StringComparison.Ordinal) => string.Join(
            ' ', value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.GetIndexParameters().Length == 0)
                .Select(p => $"{p.Name}={Describe(p.GetValue(value))}")),
        _ => value.ToString()!,
    };
}
