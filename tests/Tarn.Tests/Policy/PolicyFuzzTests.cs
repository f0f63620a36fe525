using System.Diagnostics;
using System.Text;
using Tarn.Core.Errors;
using Tarn.Core.Policy;
using Tarn.Core.Policy.Documents;

namespace Tarn.Tests.Policy;

/// <summary>Damaged policies: each is read or refused, quickly, and without any other error.</summary>
public sealed class PolicyFuzzTests
{
    private const string Bucket = """
        {"Version":"2012-10-17","Id":"p","Statement":[
          {"Sid":"a","Effect":"Allow","Principal":{"AWS":["acme","arn:aws:iam::acme:user/alice"],"CanonicalUser":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
           "Action":["s3:GetObject","s3:Put*"],"Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/${aws:username, 'x'}/*"],
           "Condition":{"StringLike":{"s3:prefix":["a*","${s3:delimiter}"]},"IpAddress":{"aws:SourceIp":"10.0.0.0/8"},"NumericLessThan":{"s3:max-keys":10},
            "DateLessThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"},"Bool":{"aws:SecureTransport":true},"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/${aws:username}"},
            "BinaryEquals":{"s3:ExistingObjectTag/b":"AAAA"},"ForAnyValue:StringEqualsIgnoreCaseIfExists":{"s3:RequestObjectTagKeys":"k"},"Null":{"aws:Referer":"true"}}},
          {"Effect":"Deny","NotPrincipal":"*","NotAction":"s3:*","NotResource":"arn:aws:s3:::bucket/?"}]}
        """;

    private const string Organization = """
        {"policy":{"version":"v1alpha1","name":"p","statements":[
          {"name":"s","effect":"Allow","actions":["s3:*","cwobject:*"],"resources":["*","b/*","arn:aws:s3:::c"],"principals":["*","user/alice","group/ops","arn:aws:iam::acme:root"]}]}}
        """;

    private static readonly string[] Scraps =
    [
        "\"", "{", "}", "[", "]", ",", ":", "null", "true", "0", "-1e999", "${", "}", "*", "?", "\\u0000", "\\ud800", "\u00e9", "😀", "\"s3:*\"", "{}", "[]", "\"\"", "\u0000",
        "ForAllValues:", "IfExists", "arn:", "/", "::", "'", "1", "99999999999999999999", "::/0", "10.0.0.0/8",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Nothing_but_a_refusal_comes_of_damage(int seed)
    {
        var random = new Random(seed);
        Ask ask = Ask.To("s3:GetObject", "bucket/alice/x").By("acme", "alice", "ops")
            .With("s3:prefix", "a").With("s3:max-keys", "5").With("aws:SourceIp", "10.0.0.1").With("s3:RequestObjectTagKeys", "k", "l").With("aws:SecureTransport", "true");
        PolicyRequest request = ask.Request();
        int read = 0;
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < 15_000; i++)
        {
            bool bucket = random.Next(4) > 0;
            byte[] damaged = Damage(random, Encoding.UTF8.GetBytes(bucket ? Bucket : Organization));
            try
            {
                _ = bucket ? BucketPolicy.Parse(damaged, People.Bucket()).Evaluate(request) : OrganizationPolicy.Parse(damaged, "acme").Evaluate(request);
                read++;
            }
            catch (S3Exception refusal)
            {
                Assert.Equal(S3Error.MalformedPolicy, refusal.Error);
                System.Xml.XmlConvert.VerifyXmlChars(refusal.Message);
            }
        }

        Assert.InRange(read, 100, 14_000);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 60);
    }

    [Fact]
    public void The_slowest_policy_there_can_be_is_decided_soon()
    {
        string stars = string.Concat(Enumerable.Repeat("*a", 4_000));
        BucketPolicy policy = People.Policy($$$"""
            {"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/{{{stars}}}*b",
             "Condition":{"StringNotLike":{"aws:UserAgent":"{{{stars}}}*b"} } } }
            """);
        Ask ask = Ask.To("s3:GetObject", "bucket/" + new string('a', 1024)).With("aws:UserAgent", new string('a', 32_000));
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(PolicyOutcome.NoMatch, ask.Of(policy));
        }

        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 60);
    }

    private static byte[] Damage(Random random, byte[] json)
    {
        var bytes = new List<byte>(json);
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 12), bytes.Count - at));
                    break;
                case 2:
                    byte[] copy = [.. bytes.Skip(at).Take(random.Next(1, 40))];
                    bytes.InsertRange(random.Next(bytes.Count), copy);
                    break;
                default:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Scraps[random.Next(Scraps.Length)]));
                    break;
            }

            if (bytes.Count == 0)
            {
                bytes.Add((byte)'{');
            }
        }

        return [.. bytes];
    }
}
