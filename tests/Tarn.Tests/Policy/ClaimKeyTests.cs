using System.Text;
using Tarn.Core.Identity;
using Tarn.Core.Policy;
using Tarn.Core.Policy.Documents;

namespace Tarn.Tests.Policy;

/// <summary>Condition keys that name an issuer's claim or an organization's groups.</summary>
public sealed class ClaimKeyTests
{
    [Theory]
    [InlineData("idp.example.com:sub")]
    [InlineData("idp.example.com/realm/a:sub")]
    [InlineData("keycloak/realm:sub")]
    [InlineData("127.0.0.1:8080/x:sub")]
    [InlineData("localhost:8080:sub")]
    [InlineData("idp.example.com:kubernetes.io/namespace")]
    [InlineData("iam:acme:groups")]
    public void Keys(string name) => Assert.Equal(PolicyOutcome.NoMatch, Ask.To("s3:GetObject", "bucket/k").By("acme", "u").Of(Policy(name, "x")));

    /// <summary>A mistake in the name of another key must not become a claim that nobody has.</summary>
    [Theory]
    [InlineData("aws:SourceIq")]
    [InlineData("aws:1:x")]
    [InlineData("s3:x:y")]
    [InlineData("idp:sub")]
    [InlineData("idp.example.com:")]
    [InlineData("idp.example.com")]
    [InlineData(":sub")]
    [InlineData("iam::groups")]
    [InlineData("iam:a/b:groups")]
    [InlineData("iam:acme:group")]
    public void No_keys(string name) => Assert.Equal("MalformedPolicy", Assert.Throws<Core.Errors.S3Exception>(() => Policy(name, "x")).Error.Code);

    [Fact]
    public void Groups_are_those_of_the_users_of_the_organization()
    {
        BucketPolicy policy = Policy("iam:acme:groups", "readers");
        Assert.Equal(PolicyOutcome.Allow, Ask.To("s3:GetObject", "bucket/k").By("acme", "u", "writers", "readers").Of(policy));
        Assert.Equal(PolicyOutcome.NoMatch, Ask.To("s3:GetObject", "bucket/k").By("acme", "u", "writers").Of(policy));
        Assert.Equal(PolicyOutcome.NoMatch, Ask.To("s3:GetObject", "bucket/k").By("globex", "u", "readers").Of(policy));
        Assert.Equal(PolicyOutcome.NoMatch, Ask.To("s3:GetObject", "bucket/k").Of(policy));
    }

    /// <summary>A claim is that of its own issuer only: neither of another one's path or port, nor of a claim with a colon.</summary>
    [Theory]
    [InlineData("https://idp.example.com", "idp.example.com:sub", true)]
    [InlineData("https://idp.example.com/", "idp.example.com:sub", true)]
    [InlineData("https://idp.example.com/a", "idp.example.com:sub", false)]
    [InlineData("https://idp.example.com", "idp.example.com/a:sub", false)]
    [InlineData("https://idp.example.com", "idp.example.com:8443:sub", false)]
    [InlineData("https://IDP.example.com", "idp.example.com:sub", false)]
    public void Claims(string issuer, string key, bool isAllowed)
    {
        Principal who = People.Principal("acme", null) with
        {
            Role = "r",
            Session = new SessionGrant { Issuer = issuer, Claims = new Dictionary<string, IReadOnlyList<string>> { ["sub"] = ["alice"] } },
        };
        Assert.Equal(isAllowed ? PolicyOutcome.Allow : PolicyOutcome.NoMatch, Ask.To("s3:GetObject", "bucket/k").By(who).Of(Policy(key, "alice")));
    }

    private static BucketPolicy Policy(string key, string value) => BucketPolicy.Parse(
        Encoding.UTF8.GetBytes($$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*","Condition":{"ForAnyValue:StringEquals":{"{{key}}":"{{value}}"} } }]}"""),
        People.Bucket());
}
