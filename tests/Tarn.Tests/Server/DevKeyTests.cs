using Tarn.Server.Configuration;

namespace Tarn.Tests.Server;

/// <summary>Where the key of the documentation is the root user's.</summary>
public sealed class DevKeyTests
{
    private static readonly Dictionary<string, string> Own = new() { ["TARN_ROOT_ACCESS_KEY"] = "admin", ["TARN_ROOT_SECRET_KEY"] = "correct-horse" };

    [Theory]
    [InlineData("127.0.0.1:9000", "127.0.0.1:9001")]
    [InlineData("127.8.8.8:9000", "[::1]:9001")]
    [InlineData("localhost:9000", "localhost:0")]
    [InlineData("[::ffff:127.0.0.1]:9000", "127.0.0.1:9001")]
    public void On_loopback_it_is(string s3, string control)
    {
        ServerOptions options = Bound.From(new() { ["--dev"] = ["true"], ["--s3"] = [s3], ["--control"] = [control] });
        Assert.Equal((true, DevKey.Key), (options.UsesDevKey, options.RootKey));
    }

    [Theory]
    [InlineData("--s3", ":9000")]
    [InlineData("--s3", "*:9000")]
    [InlineData("--s3", "0.0.0.0:9000")]
    [InlineData("--s3", "[::]:9000")]
    [InlineData("--s3", "192.168.1.5:9000")]
    [InlineData("--s3", "[::ffff:10.0.0.1]:9000")]
    [InlineData("--control", ":9001")]
    [InlineData("--control", "10.0.0.1:9001")]
    public void Elsewhere_a_key_of_ones_own_is_needed(string listener, string address)
    {
        Dictionary<string, string[]> flags = new() { ["--dev"] = ["true"], [listener] = [address] };
        string refusal = Bound.Refusal(flags);
        Assert.StartsWith($"--dev: {listener} {address} is reached from other machines", refusal, StringComparison.Ordinal);
        Assert.EndsWith("set TARN_ROOT_ACCESS_KEY and TARN_ROOT_SECRET_KEY", refusal, StringComparison.Ordinal);
        ServerOptions options = Bound.From(flags, Own);
        Assert.Equal((false, "admin"), (options.UsesDevKey, options.RootKey!.AccessKey));
    }

    [Theory]
    [InlineData("--trusted-proxy", "127.0.0.1")]
    [InlineData("--external-url", "https://s3.example.com")]
    [InlineData("--share-url", "https://files.example.com")]
    [InlineData("--console-url", "https://console.example.com")]
    public void Behind_a_proxy_a_key_of_ones_own_is_needed(string flag, string value)
    {
        Dictionary<string, string[]> flags = new() { ["--dev"] = ["true"], [flag] = [value] };
        Assert.StartsWith($"--dev: a proxy ({flag}) brings requests from elsewhere", Bound.Refusal(flags), StringComparison.Ordinal);
        Assert.False(Bound.From(flags, Own).UsesDevKey);
    }

    [Fact]
    public void With_a_mirror_a_key_of_ones_own_is_needed()
    {
        Dictionary<string, string[]> flags = new() { ["--dev"] = ["true"], ["--mirror"] = ["/srv/mirror"] };
        Assert.StartsWith("--dev: --mirror keeps data that must not be lost", Bound.Refusal(flags), StringComparison.Ordinal);
        Assert.False(Bound.From(flags, Own).UsesDevKey);
    }

    [Theory]
    [InlineData("s3.example.com")]
    [InlineData("s3.test")]
    [InlineData("notlocalhost")]
    public void A_domain_that_pages_from_elsewhere_could_use_needs_a_key_of_ones_own(string domain)
    {
        Dictionary<string, string[]> flags = new() { ["--dev"] = ["true"], ["--domain"] = ["localhost", domain] };
        Assert.StartsWith("--dev: --domain may only be localhost", Bound.Refusal(flags), StringComparison.Ordinal);
        Assert.False(Bound.From(flags, Own).UsesDevKey);
        flags["--domain"] = ["localhost", "S3.localhost."];
        Assert.True(Bound.From(flags).UsesDevKey);
    }

    [Fact]
    public void It_is_no_root_key_without_the_flag_also_where_it_is_configured()
    {
        Dictionary<string, string> known = new() { ["TARN_ROOT_ACCESS_KEY"] = DevKey.Key.AccessKey, ["TARN_ROOT_SECRET_KEY"] = DevKey.Key.SecretKey };
        Assert.StartsWith("TARN_ROOT_SECRET_KEY: this is the secret key of the documentation", Bound.Refusal(variables: known), StringComparison.Ordinal);
        known["TARN_ROOT_ACCESS_KEY"] = "admin";
        Assert.StartsWith("TARN_ROOT_SECRET_KEY: this is the secret key of the documentation", Bound.Refusal(new() { ["--dev"] = ["true"], ["--s3"] = [":9000"] }, known), StringComparison.Ordinal);
        Assert.Null(Bound.From().RootKey);
    }

    [Fact]
    public void The_variables_of_the_commands_may_hold_it()
    {
        Dictionary<string, string> known = new() { ["TARN_ROOT_ACCESS_KEY"] = DevKey.Key.AccessKey, ["TARN_ROOT_SECRET_KEY"] = DevKey.Key.SecretKey, ["TARN_DEV"] = "true" };
        Assert.True(Bound.From(variables: known).UsesDevKey);
        Assert.StartsWith("--dev", Bound.Refusal(new() { ["--dev"] = ["true"], ["--s3"] = [":9000"] }, known), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a", "'a' is not a bucket name")]
    [InlineData("Upper", "'Upper' is not a bucket name")]
    [InlineData("dsk-0123456789abcdef", "'dsk-0123456789abcdef' is not a bucket name")]
    public void A_bucket_to_create_must_be_nameable(string name, string message) =>
        Assert.StartsWith($"--create-bucket: {message}", Bound.Refusal(new() { ["--create-bucket"] = ["good", name] }), StringComparison.Ordinal);

    [Fact]
    public void Buckets_to_create_may_be_named_by_flags_and_by_the_variable()
    {
        Assert.Equal(["one", "two"], Bound.From(new() { ["--create-bucket"] = ["one", "two"] }).CreateBuckets.Select(name => name.Value));
        Assert.Equal(["one", "two"], Bound.From(variables: new() { ["TARN_CREATE_BUCKET"] = "one, two" }).CreateBuckets.Select(name => name.Value));
    }
}
