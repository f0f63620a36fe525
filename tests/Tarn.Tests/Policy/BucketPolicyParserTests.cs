using System.Text;
using Tarn.Core.Errors;
using Tarn.Core.Policy;
using Tarn.Core.Policy.Documents;

namespace Tarn.Tests.Policy;

/// <summary>What is refused when a policy is put, and that the refusal names what is wrong.</summary>
public sealed class BucketPolicyParserTests
{
    private const string NotJson = "Policies must be valid JSON and the first byte must be '{'";

    [Theory]
    [InlineData("", NotJson)]
    [InlineData(" {}", NotJson)]
    [InlineData("[]", NotJson)]
    [InlineData("null", NotJson)]
    [InlineData("{", NotJson)]
    [InlineData("{}x", NotJson)]
    [InlineData("{'Version':'2012-10-17'}", NotJson)]
    [InlineData("{\"Version\":\"2012-10-17\",}", NotJson)]
    [InlineData("{\"Id\":\"\\ud800\"}", NotJson)]
    [InlineData("{\"\\udc00\":\"\"}", NotJson)]
    [InlineData("{}", "Missing required field Statement")]
    [InlineData("{\"Version\":\"2012-10-18\",\"Statement\":[]}", "The policy must contain a valid version string: 2012-10-18")]
    [InlineData("{\"Version\":2012,\"Statement\":[]}", "Version")]
    [InlineData("{\"Version\":null,\"Statement\":[]}", "Version")]
    [InlineData("{\"Statement\":[]}", "Statement is empty")]
    [InlineData("{\"Statement\":\"x\"}", "Statement")]
    [InlineData("{\"Statement\":[[]]}", "Statement[0]")]
    [InlineData("{\"statement\":[]}", "Unknown field: statement")]
    [InlineData("{\"Statement\":[],\"Statement\":[]}", "more than once: Statement")]
    public void A_document(string json, string message) => Refuses(Encoding.UTF8.GetBytes(json), message);

    // Each replaces one element of a valid statement, or adds one; an empty value takes it out.
    [Theory]
    [InlineData("Effect", "", "Missing required field Effect")]
    [InlineData("Effect", "\"allow\"", "Invalid effect: allow")]
    [InlineData("Effect", "[\"Allow\"]", "Effect")]
    [InlineData("Principal", "", "Missing required field Principal")]
    [InlineData("NotPrincipal", "\"*\"", "Principal, NotPrincipal")]
    [InlineData("Principal", "\"acme\"", "Invalid principal in policy: acme")]
    [InlineData("Principal", "{}", "Invalid principal in policy")]
    [InlineData("Principal", "[\"*\"]", "Invalid principal in policy")]
    [InlineData("Principal", "{\"AWS\":[]}", "AWS")]
    [InlineData("Principal", "{\"AWS\":\"\"}", "Invalid principal in policy: \"AWS\": \"\"")]
    [InlineData("Principal", "{\"AWS\":\"ac*\"}", "Invalid principal in policy: \"AWS\": \"ac*\"")]
    [InlineData("Principal", "{\"AWS\":\"arn:aws:iam::acme:user/*\"}", "Invalid principal in policy")]
    [InlineData("Principal", "{\"AWS\":\"arn:aws:iam::acme:user/\"}", "Invalid principal in policy")]
    [InlineData("Principal", "{\"AWS\":\"arn:aws:iam::*:root\"}", "Invalid principal in policy")]
    [InlineData("Principal", "{\"AWS\":\"arn:aws:iam::acme:role/ad*\"}", "arn:aws:iam::acme:role/ad*")]
    [InlineData("Principal", "{\"AWS\":\"arn:aws:sts::acme:assumed-role/a\"}", "Invalid principal in policy")]
    [InlineData("Principal", "{\"AWS\":\"arn:aws:iam::acme:group/g\"}", "Invalid principal in policy")]
    [InlineData("Principal", "{\"Service\":\"s3.amazonaws.com\"}", "Invalid principal in policy: \"Service\": \"s3.amazonaws.com\"")]
    [InlineData("Principal", "{\"Federated\":\"x\"}", "Invalid principal in policy: Federated")]
    [InlineData("Principal", "{\"CanonicalUser\":\"*\"}", "Invalid principal in policy: \"CanonicalUser\": \"*\"")]
    [InlineData("Principal", "{\"CanonicalUser\":\"abc\"}", "Invalid principal in policy")]
    [InlineData("Principal", "{\"AWS\":1}", "AWS")]
    [InlineData("Action", "", "Missing required field Action")]
    [InlineData("NotAction", "\"s3:GetObject\"", "Action, NotAction")]
    [InlineData("Action", "[]", "Action")]
    [InlineData("Action", "\"s3:Fly\"", "Policy has invalid action: s3:Fly")]
    [InlineData("Action", "\"s3:Fly*\"", "Policy has invalid action: s3:Fly*")]
    [InlineData("Action", "\"GetObject\"", "Policy has invalid action: GetObject")]
    [InlineData("Action", "\"ec2:*\"", "Policy has invalid action: ec2:*")]
    [InlineData("Action", "\"\"", "Policy has invalid action")]
    [InlineData("Action", "[\"s3:GetObject\",7]", "Action")]
    [InlineData("Action", "\"s3:ListBucket\"", "Action does not apply to any resource(s) in statement: s3:ListBucket")]
    [InlineData("Action", "[\"s3:GetObject\",\"s3:PutBucket*\"]", "Action does not apply to any resource(s) in statement: s3:PutBucket*")]
    [InlineData("Action", "\"s3:ListAllMyBuckets\"", "Action does not apply to any resource(s) in statement")]
    [InlineData("Resource", "\"arn:aws:s3:::bucket\"", "Action does not apply to any resource(s) in statement: s3:GetObject")]
    [InlineData("Resource", "", "Missing required field Resource")]
    [InlineData("NotResource", "\"arn:aws:s3:::bucket/x\"", "Resource, NotResource")]
    [InlineData("Resource", "\"*\"", "Policy has invalid resource: *")]
    [InlineData("Resource", "\"bucket/*\"", "Policy has invalid resource: bucket/*")]
    [InlineData("Resource", "\"arn:aws:s3:::\"", "Policy has invalid resource")]
    [InlineData("Resource", "\"arn:aws:s3:::other/*\"", "Policy has invalid resource: arn:aws:s3:::other/*")]
    [InlineData("Resource", "\"arn:aws:s3:::bucket2/*\"", "Policy has invalid resource")]
    [InlineData("Resource", "\"arn:aws:s3:::Bucket/*\"", "Policy has invalid resource")]
    [InlineData("Resource", "\"arn:aws:s3:us-east-1::bucket/*\"", "Policy has invalid resource")]
    [InlineData("Resource", "\"arn:aws:s3:::${aws:username}/*\"", "Policy has invalid resource")]
    [InlineData("Resource", "\"arn:aws:sns:::bucket/*\"", "Policy has invalid resource")]
    [InlineData("Resource", "\"arn:aws:s3:::bucket/${aws:username\"", "Policy has an invalid variable: bucket/${aws:username")]
    [InlineData("Resource", "\"arn:aws:s3:::bucket/${aws:nobody}\"", "Policy has an invalid variable")]
    [InlineData("Resource", "\"arn:aws:s3:::bucket/${s3:prefix, x}\"", "Policy has an invalid variable")]
    [InlineData("Resource", "\"arn:aws:s3:::bucket/${s3:RequestObjectTagKeys}\"", "Policy has an invalid variable")]
    [InlineData("Sid", "7", "Sid")]
    [InlineData("Conditions", "{}", "Unknown field: Conditions")]
    [InlineData("effect", "\"Allow\"", "Unknown field: effect")]
    [InlineData("Condition", "[]", "Condition")]
    [InlineData("Condition", "null", "Condition")]
    [InlineData("Condition", "{\"StringSort\":{\"s3:prefix\":\"a\"}}", "Invalid Condition type: StringSort")]
    [InlineData("Condition", "{\"NullIfExists\":{\"s3:prefix\":\"true\"}}", "Invalid Condition type: NullIfExists")]
    [InlineData("Condition", "{\"ForAnyValue:Null\":{\"s3:prefix\":\"true\"}}", "Invalid Condition type: ForAnyValue:Null")]
    [InlineData("Condition", "{\"ForNoValue:StringEquals\":{\"s3:prefix\":\"a\"}}", "Invalid Condition type: ForNoValue:StringEquals")]
    [InlineData("Condition", "{\"StringEquals\":\"a\"}", "StringEquals")]
    [InlineData("Condition", "{\"StringEquals\":{\"s3:color\":\"a\"}}", "Policy has an invalid condition key: s3:color")]
    [InlineData("Condition", "{\"StringEquals\":{\"s3:object-lock-mode\":\"GOVERNANCE\"}}", "Policy has an invalid condition key: s3:object-lock-mode")]
    [InlineData("Condition", "{\"StringEquals\":{\"s3:ExistingObjectTag\":\"a\"}}", "Policy has an invalid condition key: s3:ExistingObjectTag")]
    [InlineData("Condition", "{\"StringEquals\":{\"s3:ExistingObjectTag/\":\"a\"}}", "Policy has an invalid condition key")]
    [InlineData("Condition", "{\"StringEquals\":{\"s3:prefix/x\":\"a\"}}", "Policy has an invalid condition key")]
    [InlineData("Condition", "{\"StringEquals\":{\"s3:prefix\":[]}}", "s3:prefix")]
    [InlineData("Condition", "{\"StringEquals\":{\"s3:prefix\":{}}}", "s3:prefix")]
    [InlineData("Condition", "{\"StringEquals\":{\"s3:prefix\":null}}", "s3:prefix")]
    [InlineData("Condition", "{\"StringEquals\":{\"s3:prefix\":\"a\",\"s3:prefix\":\"b\"}}", "more than once: s3:prefix")]
    [InlineData("Condition", "{\"NumericEquals\":{\"s3:max-keys\":\"ten\"}}", "invalid value in a condition: ten")]
    [InlineData("Condition", "{\"NumericEquals\":{\"s3:max-keys\":\"\"}}", "invalid value in a condition")]
    [InlineData("Condition", "{\"DateLessThan\":{\"aws:CurrentTime\":\"tomorrow\"}}", "invalid value in a condition: tomorrow")]
    [InlineData("Condition", "{\"DateLessThan\":{\"aws:CurrentTime\":\"99999999999999\"}}", "invalid value in a condition")]
    [InlineData("Condition", "{\"Bool\":{\"aws:SecureTransport\":\"yes\"}}", "invalid value in a condition: yes")]
    [InlineData("Condition", "{\"Null\":{\"s3:prefix\":\"maybe\"}}", "invalid value in a condition: maybe")]
    [InlineData("Condition", "{\"BinaryEquals\":{\"s3:prefix\":\"###\"}}", "invalid value in a condition: ###")]
    [InlineData("Condition", "{\"IpAddress\":{\"aws:SourceIp\":\"10.0.0.0/33\"}}", "invalid value in a condition: 10.0.0.0/33")]
    [InlineData("Condition", "{\"IpAddress\":{\"aws:SourceIp\":\"10.0.0.0/-1\"}}", "invalid value in a condition")]
    [InlineData("Condition", "{\"IpAddress\":{\"aws:SourceIp\":\"10.0\"}}", "invalid value in a condition: 10.0")]
    [InlineData("Condition", "{\"IpAddress\":{\"aws:SourceIp\":\"10.*\"}}", "invalid value in a condition")]
    [InlineData("Condition", "{\"IpAddress\":{\"aws:SourceIp\":\"2001:db8::/129\"}}", "invalid value in a condition")]
    [InlineData("Condition", "{\"ArnEquals\":{\"aws:PrincipalArn\":\"alice\"}}", "invalid value in a condition: alice")]
    [InlineData("Condition", "{\"StringEquals\":{\"s3:prefix\":\"${aws:nobody}\"}}", "Policy has an invalid variable: ${aws:nobody}")]
    public void A_statement(string element, string value, string message)
    {
        var members = new Dictionary<string, string>
        {
            ["Effect"] = "\"Allow\"",
            ["Principal"] = "\"*\"",
            ["Action"] = "\"s3:GetObject\"",
            ["Resource"] = "\"arn:aws:s3:::bucket/*\"",
        };
        People.Policy(Document(members));
        members[element] = value;
        if (value.Length == 0)
        {
            members.Remove(element);
        }

        Refuses(Encoding.UTF8.GetBytes(Document(members)), message, "Statement[0]");
    }

    [Fact]
    public void Two_statements_of_one_name() => Refuses(
        """
        {"Statement":[
          {"Sid":"s","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"},
          {"Sid":"s","Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}]}
        """u8.ToArray(),
        "Statement IDs (SID) in a single policy must be unique: s (Statement[1])");

    [Fact]
    public void Names_that_no_answer_could_repeat()
    {
        string long_ = "s3:" + string.Concat(Enumerable.Repeat("😀", 500));
        S3Exception refusal = Assert.Throws<S3Exception>(() => People.Policy($$$"""{"a\u0000\uffff{{{long_}}}":1}"""));
        Assert.Contains("a\ufffd\ufffds3:😀", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(refusal.Message.Length, 200, 300);
        System.Xml.XmlConvert.VerifyXmlChars(refusal.Message);
    }

    [Fact]
    public void Bytes_that_are_not_utf8() => Refuses([.. "{\"Id\":\""u8, 0xFF, .. "\"}"u8], NotJson);

    [Fact]
    public void More_than_twenty_kibibytes()
    {
        string json = """{"Id":"FILL","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}}""";
        string largest = json.Replace("FILL", new string('x', BucketPolicy.MaxBytes - json.Length + 4), StringComparison.Ordinal);
        Assert.Equal(20_480, largest.Length);
        People.Policy(largest);
        Refuses(Encoding.UTF8.GetBytes(largest + " "), "maximum allowed document size of 20480 bytes");
    }

    [Fact]
    public void Deep_nesting() =>
        Refuses(Encoding.UTF8.GetBytes("{\"Statement\":" + new string('[', 5000) + new string(']', 5000) + "}"), NotJson);

    [Fact]
    public void Too_many_variables_in_one_value() => Refuses(
        Encoding.UTF8.GetBytes($$$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/{{{string.Concat(Enumerable.Repeat("${s3:prefix}", 300))}}}"}}"""),
        "Policy has an invalid variable");

    [Theory]
    [InlineData("""{"Version":"2008-10-17","Id":"p","Statement":{"Sid":"","Effect":"Deny","NotPrincipal":{"AWS":["acme"]},"NotAction":"s3:Put*","NotResource":"arn:aws:s3:::bucket"}}""")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Principal":{"CW":"*"},"Action":["s3:*"],"Resource":["arn:aws:s3:::*"]}]}""")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Principal":{"AWS":["acme","arn:aws:iam::acme:root","arn:cw:iam::acme:user/a.b@c"],"CanonicalUser":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},"Action":"*","Resource":"arn:cw:s3:::buck*"}]}""")]
    [InlineData("""{"Statement":[{"Sid":"","Effect":"Allow","Principal":"*","Action":"s3:putreplicationconfiguration","Resource":"arn:aws:s3:::bucket"},{"Sid":"","Effect":"Allow","Principal":"*","Action":"s3:PutObjectRetention","Resource":"arn:aws:s3:::bucket/*"}]}""")]
    [InlineData("{\"Statement\":\r\n\t{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:List*\",\"Resource\":\"arn:aws:s3:::bucke?\"} }\n")]
    public void These_are_taken(string json) => People.Policy(json);

    [Fact]
    public void A_stored_policy_that_cannot_be_read_denies_everything()
    {
        var policy = BucketPolicy.Load("{\"Statement\":[]}"u8.ToArray(), People.Bucket());
        PolicyVerdict verdict = policy.Evaluate(Ask.To("s3:GetObject", "bucket/x").By("acme").Request());
        Assert.Equal((PolicyOutcome.ExplicitDeny, BucketPolicy.UnreadableSid), (verdict.Outcome, verdict.Sid));
        Assert.Equal(PolicyOutcome.ExplicitDeny, Ask.To("s3:ListAllMyBuckets", "").Of(policy));
        Assert.False(policy.IsPublic);
    }

    private static string Document(Dictionary<string, string> members) =>
        $$"""{"Version":"2012-10-17","Statement":[{{{string.Join(',', members.Select(pair => $"\"{pair.Key}\":{pair.Value}"))}}}]}""";

    private static void Refuses(byte[] json, params string[] messages)
    {
        S3Exception refusal = Assert.Throws<S3Exception>(() => BucketPolicy.Parse(json, People.Bucket()));
        Assert.Equal("MalformedPolicy", refusal.Error.Code);
        Assert.All(messages, message => Assert.Contains(message, refusal.Message, StringComparison.Ordinal));
    }
}
