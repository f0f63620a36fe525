using Tarn.Core.Errors;
using Tarn.Core.Policy;
using Tarn.Core.Policy.Documents;

namespace Tarn.Tests.Policy;

public sealed class PrincipalTests
{
    // Whether it matches: anonymous, acme's root, acme's alice, acme's bob, globex's root, globex's alice.
    [Theory]
    [InlineData("\"*\"", "YYYYYY")]
    [InlineData("""{"AWS":"*"}""", "YYYYYY")]
    [InlineData("""{"CW":["*"]}""", "YYYYYY")]
    [InlineData("""{"AWS":"acme"}""", "-YYY--")]
    [InlineData("""{"AWS":"arn:aws:iam::acme:root"}""", "-YYY--")]
    [InlineData("""{"CW":"arn:cw:iam::acme:root"}""", "-YYY--")]
    [InlineData("""{"AWS":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}""", "-YYY--")]
    [InlineData("""{"CanonicalUser":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}""", "----YY")]
    [InlineData("""{"AWS":"arn:aws:iam::acme:user/alice"}""", "--Y---")]
    [InlineData("""{"AWS":["arn:aws:iam::acme:user/alice","globex"]}""", "--Y-YY")]
    [InlineData("""{"AWS":"arn:aws:iam::acme:user/alice","CW":"arn:cw:iam::acme:user/bob"}""", "--YY--")]
    [InlineData("""{"AWS":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}""", "-YYY--")]
    [InlineData("""{"AWS":"ACME"}""", "------")]
    public void Principal(string principal, string matches)
    {
        Assert.Equal(matches, Who(principal, "Principal", "Allow"));
        Assert.Equal(matches, Who(principal, "Principal", "Deny"));
    }

    [Fact]
    public void NotPrincipal_is_for_denials_alone()
    {
        const string Statement = """{"Statement":[{"Effect":"EFFECT","NotPrincipal":{"AWS":"acme"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}]}""";
        People.Policy(Statement.Replace("EFFECT", "Deny", StringComparison.Ordinal));
        string allow = Statement.Replace("EFFECT", "Allow", StringComparison.Ordinal);
        S3Exception refusal = Assert.Throws<S3Exception>(() => People.Policy(allow));
        Assert.Equal(S3Error.MalformedPolicy, refusal.Error);
        Assert.Contains("NotPrincipal (Statement[0])", refusal.Message, StringComparison.Ordinal);

        // One that was stored before keeps its effect.
        Assert.Equal(PolicyOutcome.Allow, Ask.To("s3:GetObject", "bucket/x").Of(People.Stored(allow)));
        Assert.Equal(PolicyOutcome.NoMatch, Ask.To("s3:GetObject", "bucket/x").By("acme").Of(People.Stored(allow)));
    }

    // In policies that were stored before it was refused, a permission excludes whole organizations, and a denial exempts only principals that are listed themselves.
    [Theory]
    [InlineData("\"*\"", "------", "------")]
    [InlineData("""{"AWS":"acme"}""", "Y---YY", "Y-YYYY")]
    [InlineData("""{"AWS":"arn:aws:iam::acme:user/alice"}""", "YY-YYY", "YY-YYY")]
    [InlineData("""{"AWS":["arn:aws:iam::acme:root","arn:aws:iam::acme:user/alice"]}""", "Y---YY", "Y--YYY")]
    public void NotPrincipal_is_everybody_else(string principal, string allowed, string denied)
    {
        Assert.Equal(allowed, Who(principal, "NotPrincipal", "Allow"));
        Assert.Equal(denied, Who(principal, "NotPrincipal", "Deny"));
    }

    private static string Who(string principal, string element, string effect)
    {
        BucketPolicy policy = People.Stored($$$"""
            {"Statement":{"Effect":"{{{effect}}}","{{{element}}}":{{{principal}}},"Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}}
            """);
        Core.Identity.Principal?[] people =
        [
            null, People.Principal("acme", null), People.Principal("acme", "alice"), People.Principal("acme", "bob"),
            People.Principal("globex", null), People.Principal("globex", "alice"),
        ];
        return string.Concat(people.Select(who => Ask.To("s3:GetObject", "bucket/x").By(who).Of(policy) == PolicyOutcome.NoMatch ? '-' : 'Y'));
    }
}
