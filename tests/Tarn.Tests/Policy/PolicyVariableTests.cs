using Tarn.Core.Policy;
using Tarn.Core.Policy.Documents;

namespace Tarn.Tests.Policy;

/// <summary>Policy variables, as the IAM User Guide has them under "Variables and tags".</summary>
public sealed class PolicyVariableTests
{
    [Theory]
    [InlineData("home/${aws:username}/*", "home/alice/x", true)]
    [InlineData("home/${aws:username}/*", "home/bob/x", false)]
    [InlineData("home/${AWS:UserName}/*", "home/alice/x", true)]
    [InlineData("${aws:PrincipalOrgID}/${aws:userid}", "acme/AIDalice", true)]
    [InlineData("${s3:prefix, 'none'}/x", "none/x", true)]
    [InlineData("${s3:prefix,'it''s'}/x", "it''s/x", true)]
    [InlineData("a${*}b", "a*b", true)]
    [InlineData("a${*}b", "axb", false)]
    [InlineData("a${?}b", "a?b", true)]
    [InlineData("a${?}b", "axb", false)]
    [InlineData("a${$}{b}", "a${b}", true)]
    [InlineData("a$b", "a$b", true)]
    public void In_a_resource(string pattern, string key, bool matches)
    {
        BucketPolicy policy = OnObjects(pattern);
        Assert.Equal(matches ? PolicyOutcome.Allow : PolicyOutcome.NoMatch, Ask.To("s3:GetObject", "bucket/" + key).By("acme", "alice").Of(policy));
    }

    [Fact]
    public void The_older_version_has_none()
    {
        BucketPolicy policy = OnObjects("home/${aws:username}/*", "2008-10-17");
        Assert.Equal(PolicyOutcome.NoMatch, Ask.To("s3:GetObject", "bucket/home/alice/x").By("acme", "alice").Of(policy));
        Assert.Equal(PolicyOutcome.Allow, Ask.To("s3:GetObject", "bucket/home/${aws:username}/x").By("acme", "alice").Of(policy));
    }

    [Fact]
    public void A_value_is_taken_literally_whatever_is_in_it()
    {
        BucketPolicy policy = People.Conditional("""{"StringLike":{"s3:delimiter":"${s3:prefix}"}}""");
        Assert.Equal(PolicyOutcome.NoMatch, Ask.To("s3:ListBucket", "bucket").With("s3:prefix", "*").With("s3:delimiter", "x").Of(policy));
        Assert.Equal(PolicyOutcome.Allow, Ask.To("s3:ListBucket", "bucket").With("s3:prefix", "*").With("s3:delimiter", "*").Of(policy));
    }

    [Theory]
    [InlineData("StringEquals", true)]
    [InlineData("StringEqualsIgnoreCase", true)]
    [InlineData("StringLike", true)]
    [InlineData("StringNotEquals", false)]
    [InlineData("StringNotEqualsIgnoreCase", false)]
    [InlineData("StringNotLike", false)]
    public void In_a_condition(string @operator, bool whenEqual)
    {
        BucketPolicy policy = People.Conditional($$$"""{"{{{@operator}}}":{"s3:prefix":"${aws:username}/"}}""");
        Ask equal = Ask.To("s3:ListBucket", "bucket").By("acme", "alice").With("s3:prefix", "alice/");
        Ask other = Ask.To("s3:ListBucket", "bucket").By("acme", "alice").With("s3:prefix", "bob/");
        Assert.Equal(whenEqual ? PolicyOutcome.Allow : PolicyOutcome.NoMatch, equal.Of(policy));
        Assert.Equal(whenEqual ? PolicyOutcome.NoMatch : PolicyOutcome.Allow, other.Of(policy));
    }

    [Theory]
    [InlineData("""{"StringLike":{"s3:prefix":"${aws:username}/*"}}""", PolicyOutcome.NoMatch, PolicyOutcome.NoMatch)]
    [InlineData("""{"StringNotLike":{"s3:prefix":"${aws:username}/*"}}""", PolicyOutcome.NoMatch, PolicyOutcome.ExplicitDeny)]
    [InlineData("""{"StringLike":{"s3:prefix":["${aws:username}/*","public/*"]}}""", PolicyOutcome.Allow, PolicyOutcome.ExplicitDeny)]
    [InlineData("""{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::globex:user/${aws:username}"}}""", PolicyOutcome.NoMatch, PolicyOutcome.ExplicitDeny)]
    [InlineData("""{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::${aws:PrincipalOrgID}:root"}}""", PolicyOutcome.Allow, PolicyOutcome.ExplicitDeny)]
    public void One_without_a_value_equals_nothing_and_allows_nothing(string condition, PolicyOutcome allow, PolicyOutcome deny)
    {
        // A root user has no aws:username.
        Ask ask = Ask.To("s3:ListBucket", "bucket").By("globex").With("s3:prefix", "public/x");
        Assert.Equal(allow, ask.Of(People.Conditional(condition)));
        Assert.Equal(deny, ask.Of(People.Conditional(condition, "Deny")));
    }

    [Theory]
    [InlineData("Allow", "Resource", PolicyOutcome.NoMatch)]
    [InlineData("Deny", "Resource", PolicyOutcome.NoMatch)]
    [InlineData("Allow", "NotResource", PolicyOutcome.NoMatch)]
    [InlineData("Deny", "NotResource", PolicyOutcome.ExplicitDeny)]
    public void A_resource_that_cannot_be_known(string effect, string element, PolicyOutcome outcome)
    {
        BucketPolicy policy = People.Policy($$$"""
            {"Version":"2012-10-17","Statement":{"Effect":"{{{effect}}}","Principal":"*","Action":"s3:GetObject","{{{element}}}":"arn:aws:s3:::bucket/${aws:username}/*"}}
            """);
        Assert.Equal(outcome, Ask.To("s3:GetObject", "bucket/alice/x").Of(policy));
    }

    private static BucketPolicy OnObjects(string pattern, string version = "2012-10-17") => People.Policy($$$"""
        {"Version":"{{{version}}}","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/{{{pattern}}}"}}
        """);
}
