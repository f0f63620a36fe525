using System.Text;
using Tarn.Core;
using Tarn.Server.Configuration;

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
    public void A_generated_key_is_new_once_and_stays()
    {
        using var directory = new TemporaryDirectory();
        RootIdentity first = RootIdentityFile.LoadOrCreate(directory["r"], null, SystemRandomSource.Instance);
        RootIdentity second = RootIdentityFile.LoadOrCreate(directory["r"], null, SystemRandomSource.Instance);
        Assert.True(first.IsNewKey);
        Assert.Equal(first with { IsNewKey = false }, second);
        Assert.Matches("^[A-Z0-9]{20}$", first.Key.AccessKey);
        Assert.Matches("^[A-Za-z0-9]{40}$", first.Key.SecretKey);
        Assert.Matches("^[0-9a-f]{64}$", first.CanonicalId);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(directory["r"]));
    }

    [Fact]
    public void A_configured_key_is_used_but_not_stored_and_the_owner_stays()
    {
        using var directory = new TemporaryDirectory();
        var key = new RootKey("configured", "configured-secret");
        RootIdentity configured = RootIdentityFile.LoadOrCreate(directory["r"], key, SystemRandomSource.Instance);
        Assert.Equal((key, false), (configured.Key, configured.IsNewKey));
        Assert.DoesNotContain("configured", File.ReadAllText(directory["r"]), StringComparison.Ordinal);
        RootIdentity generated = RootIdentityFile.LoadOrCreate(directory["r"], null, SystemRandomSource.Instance);
        Assert.True(generated.IsNewKey);
        Assert.Equal(configured.CanonicalId, generated.CanonicalId);
    }

    [Fact]
    public void The_stored_form_is_frozen()
    {
        var record = new RootIdentityRecord { CanonicalId = new('0', 64), AccessKey = "A", SecretKey = "s" };
        Assert.Equal(
            $"{{\n  \"version\": 1,\n  \"canonicalId\": \"{new string('0', 64)}\",\n  \"accessKey\": \"A\",\n  \"secretKey\": \"s\"\n}}",
            Encoding.UTF8.GetString(RootIdentityFile.Encode(record)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("""{ "version": 2, "canonicalId": "0" }""")]
    public void A_damaged_file_is_refused(string content)
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory["r"], content);
        Assert.Contains(
            "damaged",
            Assert.Throws<StartupException>(() => RootIdentityFile.LoadOrCreate(directory["r"], null, SystemRandomSource.Instance)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_does_not_print_its_secret() => Assert.Equal("id", new RootKey("id", "secret").ToString());
}
