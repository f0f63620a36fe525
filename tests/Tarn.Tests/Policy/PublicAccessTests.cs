namespace Tarn.Tests.Policy;

/// <summary>What is public, as the Amazon S3 User Guide has it under "The meaning of public".</summary>
public sealed class PublicAccessTests
{
    [Theory]
    [InlineData("\"*\"", "{}", true)]
    [InlineData("""{"AWS":"*"}""", "{}", true)]
    [InlineData("""{"AWS":["acme","*"]}""", "{}", true)]
    [InlineData("""{"AWS":"acme"}""", "{}", false)]
    [InlineData("""{"AWS":"arn:aws:iam::acme:user/alice"}""", "{}", false)]
    [InlineData("""{"CanonicalUser":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}""", "{}", false)]
    [InlineData("\"*\"", """{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}""", false)]
    [InlineData("\"*\"", """{"IpAddress":{"aws:SourceIp":["203.0.113.0/24","10.0.0.0/8"]}}""", false)]
    [InlineData("\"*\"", """{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}""", true)]
    [InlineData("\"*\"", """{"IpAddress":{"aws:SourceIp":"64.0.0.0/7"}}""", true)]
    [InlineData("\"*\"", """{"IpAddress":{"aws:SourceIp":["203.0.113.0/24","0.0.0.0/1"]}}""", true)]
    [InlineData("\"*\"", """{"IpAddress":{"aws:SourceIp":"2001:db8::/32"}}""", false)]
    [InlineData("\"*\"", """{"IpAddress":{"aws:SourceIp":"2001::/31"}}""", true)]
    [InlineData("\"*\"", """{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}""", true)]
    [InlineData("\"*\"", """{"IpAddressIfExists":{"aws:SourceIp":"203.0.113.0/24"}}""", true)]
    [InlineData("\"*\"", """{"StringEquals":{"aws:PrincipalOrgID":"acme"}}""", false)]
    [InlineData("\"*\"", """{"StringEquals":{"cw:PrincipalOrgID":["acme","globex"]}}""", false)]
    [InlineData("\"*\"", """{"StringLike":{"aws:PrincipalOrgID":"ac*"}}""", true)]
    [InlineData("\"*\"", """{"StringLike":{"aws:PrincipalOrgID":"acme"}}""", false)]
    [InlineData("\"*\"", """{"StringEquals":{"aws:PrincipalOrgID":"${aws:PrincipalOrgID}"}}""", true)]
    [InlineData("\"*\"", """{"StringNotEquals":{"aws:PrincipalOrgID":"acme"}}""", true)]
    [InlineData("\"*\"", """{"StringEqualsIfExists":{"aws:PrincipalOrgID":"acme"}}""", true)]
    [InlineData("\"*\"", """{"ForAllValues:StringEquals":{"aws:PrincipalOrgID":"acme"}}""", true)]
    [InlineData("\"*\"", """{"ForAnyValue:StringEquals":{"aws:PrincipalOrgID":"acme"}}""", false)]
    [InlineData("\"*\"", """{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::acme:user/alice"}}""", false)]
    [InlineData("\"*\"", """{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/alice"}}""", true)]
    [InlineData("\"*\"", """{"StringEquals":{"aws:PrincipalAccount":"acme"}}""", false)]
    [InlineData("\"*\"", """{"StringEquals":{"aws:PrincipalAccount":["acme","anonymous"]}}""", true)]
    [InlineData("\"*\"", """{"StringEquals":{"aws:userid":"AIDalice"}}""", false)]
    [InlineData("\"*\"", """{"StringLike":{"aws:userid":"AROLEID:*"}}""", true)]
    [InlineData("\"*\"", """{"StringEquals":{"aws:userid":"anonymous"}}""", true)]
    [InlineData("\"*\"", """{"StringEquals":{"aws:username":"alice"}}""", true)]
    [InlineData("\"*\"", """{"StringEquals":{"aws:Referer":"https://example.com/"}}""", true)]
    [InlineData("\"*\"", """{"Bool":{"aws:SecureTransport":"true"}}""", true)]
    [InlineData("\"*\"", """{"Null":{"aws:PrincipalOrgID":"false"}}""", true)]
    [InlineData("\"*\"", """{"Bool":{"aws:SecureTransport":"true"},"StringEquals":{"aws:PrincipalOrgID":"acme"}}""", false)]
    public void A_permission(string principal, string condition, bool isPublic) =>
        Assert.Equal(isPublic, People.Policy(Document("Allow", "Principal", principal, condition)).IsPublic);

    [Fact]
    public void A_permission_of_all_but_some() =>
        Assert.True(People.Policy(Document("Allow", "NotPrincipal", """{"AWS":"acme"}""", "{}")).IsPublic);

    [Theory]
    [InlineData("Principal", "\"*\"")]
    [InlineData("NotPrincipal", """{"AWS":"acme"}""")]
    public void No_denial_is(string element, string principal) =>
        Assert.False(People.Policy(Document("Deny", element, principal, "{}")).IsPublic);

    [Fact]
    public void One_statement_suffices_whatever_the_others_deny() => Assert.True(People.Policy("""
        {"Statement":[
          {"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::bucket/*"},
          {"Effect":"Allow","Principal":{"AWS":"acme"},"Action":"s3:*","Resource":"arn:aws:s3:::bucket/*"},
          {"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/one"}]}
        """).IsPublic);

    private static string Document(string effect, string element, string principal, string condition) =>
        $$$"""{"Version":"2012-10-17","Statement":{"Effect":"{{{effect}}}","{{{element}}}":{{{principal}}},"Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*","Condition":{{{condition}}} }}""";
}
