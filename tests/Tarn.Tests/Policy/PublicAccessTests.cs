namespace Tarn.Tests.Policy;

/// <summary>What is public, as the Amazon S3 User Guide has it under "The meaning of public".</summary>
public sealed class PublicAccessTests
{
    private static string Addresses(IEnumerable<string> ranges) =>
        $$"""{"IpAddress":{"aws:SourceIp":[{{string.Join(',', ranges.Select(range => $"\"{range}\""))}}]} }""";

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

    public static TheoryData<string, bool> Unions => new()
    {
        { Addresses(Enumerable.Range(0, 256).Select(i => $"{i}.0.0.0/8")), true },
        { Addresses(Enumerable.Range(0, 128).Select(i => $"{2 * i}.0.0.0/8")), true },
        { Addresses(["9.0.0.0/8", "17.0.0.0/8"]), false },
        { Addresses(["9.0.0.0/8", "203.0.113.0/24", "198.51.100.7"]), false },
        { Addresses(["8.0.0.0/8", "9.0.0.0/8"]), true },
        { Addresses(["8.0.0.0/9", "8.128.0.0/9", "8.1.0.0/16", "8.0.0.0/8"]), false },
        { Addresses(Enumerable.Range(0, 512).Select(i => $"{i / 2}.{i % 2 * 128}.0.0/9")), true },
        { Addresses(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "10.1.0.0/16"]), false },
        { Addresses(["10.0.0.0/7"]), true },
        { Addresses(["1.0.0.0/8", "3.0.0.0/8", "5.0.0.0/8", "7.0.0.0/8"]), false },
        { Addresses(["1.0.0.0/8", "3.0.0.0/8", "5.0.0.0/8", "7.0.0.0/8", "9.0.0.0/8"]), true },
        { Addresses(["::ffff:0.0.0.0/96"]), true },
        { Addresses(["::ffff:9.0.0.0/104"]), false },
        { Addresses(["::ffff:9.0.0.0/103"]), true },
        { Addresses(["2001:db8::/32"]), false },
        { Addresses(["2001:db8::/32", "2001:db9::/32"]), true },
        { Addresses(Enumerable.Range(0, 16).Select(i => $"2{i:x}00::/32")), true },
        { Addresses(["::/0"]), true },
    };

    [Theory]
    [MemberData(nameof(Unions))]
    public void Ranges_count_together(string condition, bool isPublic) =>
        Assert.Equal(isPublic, People.Policy(Document("Allow", "Principal", "\"*\"", condition)).IsPublic);

    [Fact]
    public void Ranges_count_together_in_several_statements_and_operators()
    {
        string[] halves =
        [
            .. new[] { 0, 128 }.Select(first => $$"""{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*","Condition":{{Addresses(Enumerable.Range(first, 128).Select(i => $"{i}.0.0.0/8"))}} }"""),
        ];
        Assert.True(People.Policy($$"""{"Statement":[{{string.Join(',', halves)}}]}""").IsPublic);

        // Both conditions hold for everyone who is allowed.
        const string Both = """{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"},"ForAnyValue:IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}""";
        Assert.False(People.Policy(Document("Allow", "Principal", "\"*\"", Both)).IsPublic);
        const string Except = """{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"},"NotIpAddress":{"aws:SourceIp":"203.0.113.9"}}""";
        Assert.False(People.Policy(Document("Allow", "Principal", "\"*\"", Except)).IsPublic);
    }

    [Fact]
    public void A_permission_of_all_but_some() =>
        Assert.True(People.Stored(Document("Allow", "NotPrincipal", """{"AWS":"acme"}""", "{}")).IsPublic);

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
