using Tarn.Server.Configuration;
using Tarn.Server.Identity;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Server;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class RootKeyTests
{
    [Theory]
    [InlineData("abc", "12345678", null)]
    [InlineData("ab", "12345678", "TARN_ROOT_ACCESS_KEY: must have 3 to 128 characters")]
    [InlineData("abc", "1234567", "TARN_ROOT_SECRET_KEY: must have at least 8 characters")]
    [InlineData("a/c", "12345678", "TARN_ROOT_ACCESS_KEY: must be printable ASCII without spaces, '/', ',' and '='")]
    [InlineData("abc", "", "TARN_ROOT_ACCESS_KEY: needs TARN_ROOT_SECRET_KEY as well: set both or neither")]
    [InlineData("", "12345678", "TARN_ROOT_SECRET_KEY: needs TARN_ROOT_ACCESS_KEY as well: set both or neither")]
    public void Configured_keys_follow_the_rules(string id, string secret, string? refusal)
    {
        var variables = new Dictionary<string, string> { ["TARN_ROOT_ACCESS_KEY"] = id, ["TARN_ROOT_SECRET_KEY"] = secret };
        if (refusal is not null)
        {
            Assert.Equal(refusal, Bound.Refusal(variables: variables));
            return;
        }

        Assert.Equal(new RootKey(id, secret), Bound.From(variables: variables).RootKey);
    }

    [Fact]
    public void An_access_key_of_129_characters_is_too_long() => Assert.EndsWith(
        "3 to 128 characters",
        Bound.Refusal(variables: new() { ["TARN_ROOT_ACCESS_KEY"] = new('a', 129), ["TARN_ROOT_SECRET_KEY"] = "12345678" }),
        StringComparison.Ordinal);

    [Fact]
    public void The_file_of_an_older_build_is_read()
    {
        using var directory = new TemporaryDirectory();
        Assert.Null(RootIdentityFile.Find(directory.PathOf("r")));
        string id = new('0', 64);
        File.WriteAllText(directory.PathOf("r"), $"{{\n  \"version\": 1,\n  \"canonicalId\": \"{id}\",\n  \"accessKey\": \"A\",\n  \"secretKey\": \"s\"\n}}");
        Assert.Equal(new RootIdentityRecord { CanonicalId = id, AccessKey = "A", SecretKey = "s" }, RootIdentityFile.Find(directory.PathOf("r")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("""{ "version": 2, "canonicalId": "0" }""")]
    public void A_damaged_file_is_refused(string content)
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.PathOf("r"), content);
        Assert.Contains(
            "damaged",
            Assert.Throws<StartupException>(() => RootIdentityFile.Find(directory.PathOf("r"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_does_not_print_its_secret() => Assert.Equal("id", new RootKey("id", "secret").ToString());
}
