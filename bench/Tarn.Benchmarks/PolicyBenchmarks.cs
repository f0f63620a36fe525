using System.Net;
using System.Text;
using BenchmarkDotNet.Attributes;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Policy;
using Tarn.Core.Policy.Documents;

namespace Tarn.Benchmarks;

/// <summary>What a policy of 20 statements, such as a bucket shared by several teams has, costs each request; and what reading it costs once.</summary>
[MemoryDiagnoser]
public class PolicyBenchmarks : IConditionSource
{
    private static readonly IPAddress Address = IPAddress.Parse("192.0.2.77");

    private readonly byte[] _json = Encoding.UTF8.GetBytes(Json());
    private readonly BucketName _bucket = BucketName.FromStorage("bucket");
    private readonly byte[] _key = Encoding.UTF8.GetBytes("team7/2026/11/21/part-00017.parquet");
    private readonly byte[] _home = Encoding.UTF8.GetBytes("home/ann/notes.txt");
    private readonly Principal _ann = new(new string('a', 64), "acme", "AKIDEXAMPLE") { OrganizationId = "acme", UserName = "ann", UserId = "AIDANN" };
    private readonly byte[] _worst = Encoding.UTF8.GetBytes(new string('a', 1023) + "c");
    private BucketPolicy _policy = null!;
    private BucketPolicy _costly = null!;

    [GlobalSetup]
    public void Read()
    {
        _policy = BucketPolicy.Parse(_json, _bucket);
        _costly = BucketPolicy.Load(Encoding.UTF8.GetBytes(Costly()), _bucket);
    }

    /// <summary>Allowed by statement 9, after two denials with conditions were evaluated.</summary>
    [Benchmark(Baseline = true)]
    public PolicyOutcome Allowed() => _policy.Evaluate(new PolicyRequest(S3Action.GetObject, "bucket", _key, _ann, this)).Outcome;

    /// <summary>Allowed by a statement with a policy variable in its resource.</summary>
    [Benchmark]
    public PolicyOutcome AllowedByVariable() => _policy.Evaluate(new PolicyRequest(S3Action.PutObject, "bucket", _home, _ann, this)).Outcome;

    /// <summary>Anonymous: no statement applies.</summary>
    [Benchmark]
    public PolicyOutcome NoMatch() => _policy.Evaluate(new PolicyRequest(S3Action.GetObject, "bucket", _key, null, this)).Outcome;

    /// <summary>A hostile policy, which could be put before there was a budget, and its slowest key: the cost of the whole budget.</summary>
    [Benchmark]
    public PolicyOutcome OutOfSteps() => _costly.Evaluate(new PolicyRequest(S3Action.GetObject, "bucket", _worst, null, this)).Outcome;

    [Benchmark]
    public bool Parse() => BucketPolicy.Parse(_json, _bucket).IsPublic;

    public ConditionValue Get(ConditionKey key, string? tagKey) => key switch
    {
        ConditionKey.SecureTransport => ConditionValue.Of(true),
        ConditionKey.SourceIp => ConditionValue.Of(Address),
        ConditionKey.Acl => ConditionValue.Of("private"),
        _ => default,
    };

    private static string Costly()
    {
        string resource = "\"arn:aws:s3:::bucket/*" + string.Concat(Enumerable.Repeat("a?", 240)) + "b\"";
        return $$"""
            {"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":[{{string.Join(',', Enumerable.Repeat(resource, 35))}}]}]}
            """;
    }

    private static string Json()
    {
        var statements = new List<string>
        {
            """{"Sid":"Tls","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}""",
            """{"Sid":"Addresses","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::bucket/*","Condition":{"NotIpAddress":{"aws:SourceIp":["192.0.2.0/24","10.0.0.0/8","2001:db8::/32"]}}}""",
        };
        for (int team = 0; team < 16; team++)
        {
            statements.Add($$"""
                {"Sid":"Team{{team}}","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::acme:user/ann","arn:aws:iam::acme:user/ben{{team}}"]},
                 "Action":["s3:GetObject","s3:GetObjectVersion"],"Resource":"arn:aws:s3:::bucket/team{{team}}/*/part-*.parquet"}
                """);
        }

        statements.Add("""{"Sid":"Homes","Effect":"Allow","Principal":{"AWS":"acme"},"Action":"s3:*Object","Resource":"arn:aws:s3:::bucket/home/${aws:username}/*","Condition":{"StringEquals":{"s3:x-amz-acl":"private"}}}""");
        statements.Add("""{"Sid":"Listing","Effect":"Allow","Principal":{"AWS":"acme"},"Action":"s3:ListBucket","Resource":"arn:aws:s3:::bucket","Condition":{"StringLike":{"s3:prefix":"home/${aws:username}/*"}}}""");
        return $$"""{"Version":"2012-10-17","Statement":[{{string.Join(',', statements)}}]}""";
    }
}
