using Tarn.Core.Policy;
using Tarn.Core.Policy.Documents;

namespace Tarn.Tests.Policy;

/// <summary>The operators, as the IAM User Guide has them under "Condition operators" and "Set operators for multivalued context keys".</summary>
public sealed class ConditionOperatorTests
{
    // Condition; key=value pairs of the request, separated by '; ' (several values by '|'); whether it holds.
    [Theory]
    [InlineData("""{"StringEquals":{"s3:prefix":"a"}}""", "s3:prefix=a", true)]
    [InlineData("""{"StringEquals":{"s3:prefix":"a"}}""", "s3:prefix=A", false)]
    [InlineData("""{"StringEquals":{"s3:prefix":["a","b"]}}""", "s3:prefix=b", true)]
    [InlineData("""{"StringEquals":{"s3:prefix":"a"}}""", "", false)]
    [InlineData("""{"StringEquals":{"s3:prefix":"a*"}}""", "s3:prefix=ab", false)]
    [InlineData("""{"StringEquals":{"s3:prefix":"a*"}}""", "s3:prefix=a*", true)]
    [InlineData("""{"StringEquals":{"s3:prefix":""}}""", "s3:prefix=", true)]
    [InlineData("""{"StringEquals":{"s3:prefix":""}}""", "", false)]
    [InlineData("""{"stringequals":{"S3:PREFIX":"a"}}""", "s3:prefix=a", true)]
    [InlineData("""{"StringNotEquals":{"s3:prefix":"a"}}""", "s3:prefix=a", false)]
    [InlineData("""{"StringNotEquals":{"s3:prefix":"a"}}""", "s3:prefix=b", true)]
    [InlineData("""{"StringNotEquals":{"s3:prefix":["a","b"]}}""", "s3:prefix=b", false)]
    [InlineData("""{"StringNotEquals":{"s3:prefix":["a","b"]}}""", "s3:prefix=c", true)]
    [InlineData("""{"StringNotEquals":{"s3:prefix":"a"}}""", "", true)]
    [InlineData("""{"StringEqualsIgnoreCase":{"s3:prefix":"Abc"}}""", "s3:prefix=aBC", true)]
    [InlineData("""{"StringEqualsIgnoreCase":{"s3:prefix":"Abc"}}""", "s3:prefix=ab", false)]
    [InlineData("""{"StringNotEqualsIgnoreCase":{"s3:prefix":"Abc"}}""", "s3:prefix=aBC", false)]
    [InlineData("""{"StringNotEqualsIgnoreCase":{"s3:prefix":"Abc"}}""", "", true)]
    [InlineData("""{"StringLike":{"s3:prefix":"a*c?"}}""", "s3:prefix=abbcd", true)]
    [InlineData("""{"StringLike":{"s3:prefix":"a*c?"}}""", "s3:prefix=ac", false)]
    [InlineData("""{"StringLike":{"s3:prefix":"*"}}""", "s3:prefix=", true)]
    [InlineData("""{"StringLike":{"s3:prefix":"*"}}""", "", false)]
    [InlineData("""{"StringLike":{"s3:prefix":"?"}}""", "s3:prefix=é", true)]
    [InlineData("""{"StringLike":{"s3:prefix":"?"}}""", "s3:prefix=😀", true)]
    [InlineData("""{"StringNotLike":{"s3:prefix":"a*"}}""", "s3:prefix=abc", false)]
    [InlineData("""{"StringNotLike":{"s3:prefix":"a*"}}""", "s3:prefix=b", true)]
    [InlineData("""{"StringNotLike":{"s3:prefix":"a*"}}""", "", true)]
    [InlineData("""{"NumericEquals":{"s3:max-keys":"10"}}""", "s3:max-keys=10", true)]
    [InlineData("""{"NumericEquals":{"s3:max-keys":10}}""", "s3:max-keys=010", true)]
    [InlineData("""{"NumericEquals":{"s3:max-keys":"10"}}""", "s3:max-keys=11", false)]
    [InlineData("""{"NumericNotEquals":{"s3:max-keys":["10","11"]}}""", "s3:max-keys=11", false)]
    [InlineData("""{"NumericNotEquals":{"s3:max-keys":"10"}}""", "", true)]
    [InlineData("""{"NumericLessThan":{"s3:max-keys":"10"}}""", "s3:max-keys=9", true)]
    [InlineData("""{"NumericLessThan":{"s3:max-keys":"10"}}""", "s3:max-keys=10", false)]
    [InlineData("""{"NumericLessThanEquals":{"s3:max-keys":"10"}}""", "s3:max-keys=10", true)]
    [InlineData("""{"NumericLessThanEquals":{"s3:max-keys":"10"}}""", "s3:max-keys=100", false)]
    [InlineData("""{"NumericGreaterThan":{"s3:max-keys":"10"}}""", "s3:max-keys=10", false)]
    [InlineData("""{"NumericGreaterThan":{"s3:max-keys":"10"}}""", "s3:max-keys=10.5", true)]
    [InlineData("""{"NumericGreaterThanEquals":{"s3:max-keys":"10"}}""", "s3:max-keys=10", true)]
    [InlineData("""{"NumericGreaterThanEquals":{"s3:max-keys":"10"}}""", "s3:max-keys=9", false)]
    [InlineData("""{"NumericGreaterThan":{"s3:signatureAge":"600000"}}""", "s3:signatureAge=600001", true)]
    [InlineData("""{"DateEquals":{"aws:CurrentTime":"2026-01-02T03:04:05Z"}}""", "aws:CurrentTime=2026-01-02T03:04:05Z", true)]
    [InlineData("""{"DateEquals":{"aws:CurrentTime":"2026-01-02T05:04:05+02:00"}}""", "aws:CurrentTime=2026-01-02T03:04:05Z", true)]
    [InlineData("""{"DateNotEquals":{"aws:CurrentTime":"2026-01-02T03:04:05Z"}}""", "aws:CurrentTime=2026-01-02T03:04:05Z", false)]
    [InlineData("""{"DateLessThan":{"aws:CurrentTime":"2026-01-02"}}""", "aws:CurrentTime=2026-01-01T23:59:59Z", true)]
    [InlineData("""{"DateLessThan":{"aws:CurrentTime":"2026-01-02"}}""", "aws:CurrentTime=2026-01-02T00:00:00Z", false)]
    [InlineData("""{"DateLessThanEquals":{"aws:CurrentTime":"2026-01-02"}}""", "aws:CurrentTime=2026-01-02T00:00:00Z", true)]
    [InlineData("""{"DateGreaterThan":{"aws:CurrentTime":"1767312000"}}""", "aws:CurrentTime=2026-01-02T00:00:01Z", true)]
    [InlineData("""{"DateGreaterThan":{"aws:CurrentTime":"1767312000"}}""", "aws:CurrentTime=2026-01-02T00:00:00Z", false)]
    [InlineData("""{"DateGreaterThanEquals":{"aws:EpochTime":"2026-01-02T00:00:00Z"}}""", "aws:CurrentTime=2026-01-02T00:00:00Z", true)]
    [InlineData("""{"NumericGreaterThanEquals":{"aws:EpochTime":"1767312000"}}""", "aws:CurrentTime=2026-01-02T00:00:00Z", true)]
    [InlineData("""{"NumericGreaterThan":{"aws:EpochTime":1767312000}}""", "aws:CurrentTime=2026-01-02T00:00:00Z", false)]
    [InlineData("""{"Bool":{"aws:SecureTransport":"true"}}""", "aws:SecureTransport=true", true)]
    [InlineData("""{"Bool":{"aws:SecureTransport":true}}""", "aws:SecureTransport=false", false)]
    [InlineData("""{"Bool":{"aws:SecureTransport":"FALSE"}}""", "aws:SecureTransport=false", true)]
    [InlineData("""{"Bool":{"aws:SecureTransport":"false"}}""", "", false)]
    [InlineData("""{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}""", "", true)]
    [InlineData("""{"Bool":{"aws:MultiFactorAuthPresent":"true"}}""", "", false)]
    [InlineData("""{"BinaryEquals":{"s3:ExistingObjectTag/b":"QmluYXJ5"}}""", "s3:ExistingObjectTag/b=QmluYXJ5", true)]
    [InlineData("""{"BinaryEquals":{"s3:ExistingObjectTag/b":"QmluYXJ5"}}""", "s3:ExistingObjectTag/b=Qmlu", false)]
    [InlineData("""{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}""", "aws:SourceIp=203.0.113.77", true)]
    [InlineData("""{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}""", "aws:SourceIp=203.0.114.0", false)]
    [InlineData("""{"IpAddress":{"aws:SourceIp":"203.0.113.99/24"}}""", "aws:SourceIp=203.0.113.1", true)]
    [InlineData("""{"IpAddress":{"aws:SourceIp":"203.0.113.9"}}""", "aws:SourceIp=203.0.113.9", true)]
    [InlineData("""{"IpAddress":{"aws:SourceIp":"203.0.113.9"}}""", "aws:SourceIp=::ffff:203.0.113.9", true)]
    [InlineData("""{"IpAddress":{"aws:SourceIp":"::ffff:203.0.113.9"}}""", "aws:SourceIp=203.0.113.9", true)]
    [InlineData("""{"IpAddress":{"aws:SourceIp":"::ffff:203.0.113.9"}}""", "aws:SourceIp=::ffff:203.0.113.9", true)]
    [InlineData("""{"IpAddress":{"aws:SourceIp":"::ffff:cb00:7100/120"}}""", "aws:SourceIp=203.0.113.9", true)]
    [InlineData("""{"IpAddress":{"aws:SourceIp":"::ffff:203.0.113.0/120"}}""", "aws:SourceIp=203.0.114.9", false)]
    [InlineData("""{"NotIpAddress":{"aws:SourceIp":"::ffff:203.0.113.0/120"}}""", "aws:SourceIp=203.0.113.9", false)]
    [InlineData("""{"NotIpAddress":{"aws:SourceIp":"::ffff:203.0.113.0/120"}}""", "aws:SourceIp=203.0.114.9", true)]
    [InlineData("""{"IpAddress":{"aws:SourceIp":"2001:db8::/33"}}""", "aws:SourceIp=2001:db8:7fff::1", true)]
    [InlineData("""{"IpAddress":{"aws:SourceIp":"2001:db8::/33"}}""", "aws:SourceIp=2001:db8:8000::1", false)]
    [InlineData("""{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}""", "aws:SourceIp=::1", false)]
    [InlineData("""{"IpAddress":{"aws:SourceIp":["0.0.0.0/0","::/0"]}}""", "aws:SourceIp=::1", true)]
    [InlineData("""{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}""", "", false)]
    [InlineData("""{"NotIpAddress":{"aws:SourceIp":["10.0.0.0/8","192.0.2.0/24"]}}""", "aws:SourceIp=192.0.2.1", false)]
    [InlineData("""{"NotIpAddress":{"aws:SourceIp":["10.0.0.0/8","192.0.2.0/24"]}}""", "aws:SourceIp=198.51.100.1", true)]
    [InlineData("""{"StringEquals":{"aws:SourceIp":"192.0.2.1"}}""", "aws:SourceIp=192.0.2.1", true)]
    [InlineData("""{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::acme:user/alice"}}""", "", true)]
    [InlineData("""{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::acme:user/*"}}""", "", true)]
    [InlineData("""{"ArnLike":{"aws:PrincipalArn":"arn:*:iam::ac?e:user/a*"}}""", "", true)]
    [InlineData("""{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam:*:user/alice"}}""", "", null)]
    [InlineData("""{"ArnLike":{"aws:PrincipalArn":"arn:aws:*:*:acme:user/alice"}}""", "", true)]
    [InlineData("""{"ArnLike":{"aws:PrincipalArn":"*"}}""", "", true)]
    [InlineData("""{"ArnLike":{"aws:PrincipalArn":"arn:aws:s3::*:user/alice"}}""", "", false)]
    [InlineData("""{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::acme:user/a*"}}""", "", false)]
    [InlineData("""{"ArnNotEquals":{"aws:PrincipalArn":"arn:aws:iam::acme:user/bob"}}""", "", true)]
    [InlineData("""{"Null":{"s3:prefix":"true"}}""", "", true)]
    [InlineData("""{"Null":{"s3:prefix":"true"}}""", "s3:prefix=", false)]
    [InlineData("""{"Null":{"s3:prefix":false}}""", "s3:prefix=a", true)]
    [InlineData("""{"Null":{"s3:prefix":"false"}}""", "", false)]
    [InlineData("""{"Null":{"aws:MultiFactorAuthAge":"true"}}""", "", true)]
    [InlineData("""{"NumericLessThan":{"s3:TlsVersion":1.2}}""", "s3:TlsVersion=1.2", false)]
    [InlineData("""{"NumericLessThan":{"s3:TlsVersion":"1.3"}}""", "s3:TlsVersion=1.2", true)]
    [InlineData("""{"NumericLessThan":{"s3:TlsVersion":"1.3"}}""", "", false)]
    [InlineData("""{"Null":{"s3:TlsVersion":"true"}}""", "", true)]
    [InlineData("""{"StringEquals":{"s3:x-amz-copy-source":"/source/a"}}""", "s3:x-amz-copy-source=source/a", true)]
    [InlineData("""{"StringEquals":{"s3:x-amz-copy-source":"source/a"}}""", "s3:x-amz-copy-source=source/a", true)]
    [InlineData("""{"StringEquals":{"s3:x-amz-copy-source":["/other/a","/source/a"]}}""", "s3:x-amz-copy-source=source/a", true)]
    [InlineData("""{"StringLike":{"s3:x-amz-copy-source":"/source/*"}}""", "s3:x-amz-copy-source=source/a", true)]
    [InlineData("""{"StringLike":{"s3:x-amz-copy-source":"/source/*"}}""", "s3:x-amz-copy-source=other/a", false)]
    [InlineData("""{"StringNotLike":{"s3:x-amz-copy-source":"/source/*"}}""", "s3:x-amz-copy-source=source/a", false)]
    [InlineData("""{"StringNotEquals":{"s3:x-amz-copy-source":"/source/a"}}""", "s3:x-amz-copy-source=source/b", true)]
    [InlineData("""{"StringEquals":{"s3:prefix":"/a"}}""", "s3:prefix=a", false)]
    [InlineData("""{"StringEqualsIfExists":{"s3:prefix":"a"}}""", "", true)]
    [InlineData("""{"StringEqualsIfExists":{"s3:prefix":"a"}}""", "s3:prefix=b", false)]
    [InlineData("""{"NumericLessThanIfExists":{"s3:max-keys":"10"}}""", "", true)]
    [InlineData("""{"IpAddressIfExists":{"aws:SourceIp":"10.0.0.0/8"}}""", "aws:SourceIp=11.0.0.1", false)]
    [InlineData("""{"ForAllValues:StringEquals":{"s3:RequestObjectTagKeys":["a","b"]}}""", "s3:RequestObjectTagKeys=a|b", true)]
    [InlineData("""{"ForAllValues:StringEquals":{"s3:RequestObjectTagKeys":["a","b"]}}""", "s3:RequestObjectTagKeys=a|c", false)]
    [InlineData("""{"ForAllValues:StringEquals":{"s3:RequestObjectTagKeys":["a","b"]}}""", "", true)]
    [InlineData("""{"ForAllValues:StringNotLike":{"s3:RequestObjectTagKeys":["a*"]}}""", "s3:RequestObjectTagKeys=b|c", true)]
    [InlineData("""{"ForAllValues:StringNotLike":{"s3:RequestObjectTagKeys":["a*"]}}""", "s3:RequestObjectTagKeys=b|ax", false)]
    [InlineData("""{"ForAnyValue:StringEquals":{"s3:RequestObjectTagKeys":["a","b"]}}""", "s3:RequestObjectTagKeys=c|b", true)]
    [InlineData("""{"ForAnyValue:StringEquals":{"s3:RequestObjectTagKeys":["a","b"]}}""", "s3:RequestObjectTagKeys=c|d", false)]
    [InlineData("""{"ForAnyValue:StringEquals":{"s3:RequestObjectTagKeys":["a","b"]}}""", "", false)]
    [InlineData("""{"ForAnyValue:StringNotEquals":{"s3:RequestObjectTagKeys":"a"}}""", "s3:RequestObjectTagKeys=a|b", true)]
    [InlineData("""{"ForAnyValue:StringNotEquals":{"s3:RequestObjectTagKeys":"a"}}""", "s3:RequestObjectTagKeys=a", false)]
    [InlineData("""{"ForAnyValue:StringNotEquals":{"s3:RequestObjectTagKeys":"a"}}""", "", false)]
    [InlineData("""{"ForAnyValue:StringEqualsIfExists":{"s3:RequestObjectTagKeys":"a"}}""", "", true)]
    [InlineData("""{"StringEquals":{"s3:RequestObjectTagKeys":"a"}}""", "s3:RequestObjectTagKeys=b|a", true)]
    [InlineData("""{"StringNotEquals":{"s3:RequestObjectTagKeys":"a"}}""", "s3:RequestObjectTagKeys=b|a", false)]
    [InlineData("""{"StringEquals":{"s3:ExistingObjectTag/Team":"x"}}""", "s3:ExistingObjectTag/Team=x", true)]
    [InlineData("""{"StringEquals":{"s3:prefix":"a","s3:delimiter":"/"}}""", "s3:prefix=a", false)]
    [InlineData("""{"StringEquals":{"s3:prefix":"a"},"Bool":{"aws:SecureTransport":"true"}}""", "s3:prefix=a; aws:SecureTransport=false", false)]
    [InlineData("""{"StringEquals":{"s3:prefix":"a"},"Bool":{"aws:SecureTransport":"true"}}""", "s3:prefix=a; aws:SecureTransport=true", true)]
    [InlineData("{}", "", true)]
    public void A_condition_holds_when_its_operator_says_so(string condition, string request, bool? holds)
    {
        if (holds is null)
        {
            Assert.ThrowsAny<Core.Errors.S3Exception>(() => People.Conditional(condition));
            return;
        }

        Ask ask = Ask.To("s3:ListBucket", "bucket").By("acme", "alice");
        foreach (string pair in request.Split("; ", StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = pair.Split('=', 2);
            ask.With(parts[0], parts[1].Split('|'));
        }

        Assert.Equal(holds.Value ? PolicyOutcome.Allow : PolicyOutcome.NoMatch, ask.Of(People.Conditional(condition)));
        Assert.Equal(holds.Value ? PolicyOutcome.ExplicitDeny : PolicyOutcome.NoMatch, ask.Of(People.Conditional(condition, "Deny")));
    }

    [Theory]
    [InlineData("""{"NumericLessThan":{"s3:max-keys":"10"}}""", "s3:max-keys")]
    [InlineData("""{"NumericNotEquals":{"s3:max-keys":"10"}}""", "s3:max-keys")]
    [InlineData("""{"DateLessThan":{"s3:prefix":"2026-01-01"}}""", "s3:prefix")]
    [InlineData("""{"Bool":{"s3:prefix":"true"}}""", "s3:prefix")]
    [InlineData("""{"NotIpAddress":{"s3:prefix":"10.0.0.0/8"}}""", "s3:prefix")]
    [InlineData("""{"BinaryEquals":{"s3:prefix":"AAAA"}}""", "s3:prefix")]
    public void What_cannot_be_compared_never_helps_the_requester(string condition, string key)
    {
        Ask ask = Ask.To("s3:ListBucket", "bucket").With(key, "!");
        Assert.Equal(PolicyOutcome.NoMatch, ask.Of(People.Conditional(condition)));
        Assert.Equal(PolicyOutcome.ExplicitDeny, ask.Of(People.Conditional(condition, "Deny")));
    }

    [Theory]
    [InlineData("""{"StringLike":{"aws:UserAgent":"*a*"}}""")]
    [InlineData("""{"StringNotLike":{"aws:UserAgent":"*b*"}}""")]
    [InlineData("""{"StringLike":{"aws:UserAgent":"${aws:UserAgent}"}}""")]
    [InlineData("""{"ArnLike":{"aws:UserAgent":"*:*:*:*:*:*a*"}}""")]
    public void What_is_too_long_for_a_pattern_never_helps_the_requester(string condition)
    {
        foreach ((int length, bool compared) in new[] { (4096, true), (4097, false) })
        {
            Ask ask = Ask.To("s3:ListBucket", "bucket").With("aws:UserAgent", ":::::" + new string('a', length - (condition.Contains("Arn") ? 0 : 5)));
            Assert.Equal(compared ? PolicyOutcome.Allow : PolicyOutcome.NoMatch, ask.Of(People.Conditional(condition)));
            Assert.Equal(PolicyOutcome.ExplicitDeny, ask.Of(People.Conditional(condition, "Deny")));
        }
    }

    [Fact]
    public void A_variable_with_a_long_value_costs_no_more_than_the_text_that_it_is_compared_with()
    {
        string many = string.Concat(Enumerable.Repeat("${aws:UserAgent}", 90));
        string values = string.Join(',', Enumerable.Repeat($"\"{many}\"", 12));
        BucketPolicy policy = People.Conditional("""{"StringLike":{"s3:prefix":[""" + values + "]}}");
        Ask ask = Ask.To("s3:ListBucket", "bucket").With("aws:UserAgent", new string('a', 30_000)).With("s3:prefix", "a");
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(PolicyOutcome.NoMatch, ask.Of(policy));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }
}
