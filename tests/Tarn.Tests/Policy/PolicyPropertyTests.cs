using System.Text.Json.Nodes;
using Tarn.Core.Errors;
using Tarn.Core.Policy;
using Tarn.Core.Policy.Documents;

namespace Tarn.Tests.Policy;

/// <summary>Random policies and requests: the engine and <see cref="ReferencePolicy"/> must agree.</summary>
public sealed class PolicyPropertyTests
{
    private static readonly string[] Actions =
        ["s3:*", "*", "s3:Get*", "s3:GetObject", "s3:getobject", "s3:PutObject", "s3:List*", "s3:ListBucket", "s3:?etObject", "s3:*Object*", "s3:DeleteObject", "s3:PutReplicationConfiguration"];

    private static readonly string[] Resources =
        ["bucket", "bucket/*", "bucket*", "*", "bucket/a/*", "bucket/${aws:username}/*", "bucket/${aws:username, 'nobody'}/?", "bucket/a?c", "bucket/?", "buck?t", "b*/x", "bucket/${*}", "bucket/a/${s3:prefix}"];

    private static readonly string[] Keys = ["", "x", "é", "😀", "a/x", "a/b/x", "abc", "a", "alice/x", "bob/y", "nobody/z", "*", "a/home/"];

    private static readonly string[] Asked = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket", "s3:GetBucketPolicy"];

    private static readonly string[] Names =
        ["*", "acme", "globex", "arn:aws:iam::acme:root", "arn:aws:iam::acme:user/alice", "arn:cw:iam::globex:user/bob", People.Acme, People.Globex];

    private static readonly string[] TextKeys =
        ["s3:prefix", "S3:Delimiter", "aws:username", "aws:userid", "aws:PrincipalOrgID", "cw:PrincipalOrgID", "aws:PrincipalType", "aws:PrincipalAccount", "s3:ExistingObjectTag/a", "s3:RequestObjectTagKeys"];

    private static readonly string[] Texts = ["", "a", "A", "alice", "home/", "home/alice/", "acme", "anonymous", "é", "a*", "*"];

    private static readonly string[] TextPatterns =
        [.. Texts, "home/*", "?", "${aws:username}", "home/${aws:username}/*", "${s3:prefix, 'a'}", "${aws:PrincipalOrgID}", "${*}", "a${?}", "*${s3:delimiter}"];

    [Theory]
    [InlineData(1, 6_000)]
    [InlineData(20_261_121, 6_000)]
    [InlineData(777, 6_000)]
    public void The_engine_decides_as_the_reference_does(int seed, int rounds)
    {
        var random = new Random(seed);
        var outcomes = new Dictionary<PolicyOutcome, int> { [PolicyOutcome.Allow] = 0, [PolicyOutcome.ExplicitDeny] = 0, [PolicyOutcome.NoMatch] = 0 };
        int refused = 0;
        for (int round = 0; round < rounds; round++)
        {
            string json = Policy(random);
            BucketPolicy policy;
            try
            {
                policy = People.Policy(json);
            }
            catch (S3Exception e) when (e.Message.StartsWith("Action does not apply", StringComparison.Ordinal))
            {
                refused++;
                continue;
            }
            catch (S3Exception e) when (e.Message.StartsWith("Allow with NotPrincipal", StringComparison.Ordinal))
            {
                // Refused when it is put; one that is stored already keeps its effect.
                policy = People.Stored(json);
            }

            for (int i = 0; i < 5; i++)
            {
                Ask ask = Request(random);
                PolicyOutcome expected = ReferencePolicy.Decide(json, ask);
                Assert.True(expected == ask.Of(policy), $"seed {seed} round {round}: expected {expected}\n{json}\n{ask}");
                outcomes[expected]++;
            }
        }

        // The generator covers every case often enough to be meaningful.
        Assert.InRange(refused, 1, rounds / 2);
        Assert.All(outcomes.Values, count => Assert.InRange(count, rounds / 5, rounds * 4));
    }

    internal static string Policy(Random random)
    {
        var statements = new JsonArray();
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            statements.Add(Statement(random));
        }

        var policy = new JsonObject { ["Statement"] = statements.Count == 1 && random.Next(2) == 0 ? statements[0]!.DeepClone() : statements };
        if (random.Next(8) > 0)
        {
            policy["Version"] = "2012-10-17";
        }

        return policy.ToJsonString();
    }

    private static JsonObject Statement(Random random)
    {
        var statement = new JsonObject
        {
            ["Effect"] = random.Next(3) == 0 ? "Deny" : "Allow",
            [random.Next(6) == 0 ? "NotAction" : "Action"] = Some(random, Actions),
            [random.Next(6) == 0 ? "NotResource" : "Resource"] = Some(random, [.. Resources.Select(resource => "arn:aws:s3:::" + resource)]),
        };
        statement[random.Next(6) == 0 ? "NotPrincipal" : "Principal"] =
            random.Next(3) == 0 ? "*" : new JsonObject { [random.Next(2) == 0 ? "AWS" : "CW"] = Some(random, Names) };
        if (random.Next(3) > 0)
        {
            var condition = new JsonObject();
            for (int i = random.Next(1, 3); i > 0; i--)
            {
                (string name, string key, JsonNode values) = Condition(random);
                condition[name] = new JsonObject { [key] = values };
            }

            statement["Condition"] = condition;
        }

        return statement;
    }

    private static (string Name, string Key, JsonNode Values) Condition(Random random)
    {
        string set = random.Next(4) == 0 ? Pick(random, "ForAllValues:", "ForAnyValue:") : "";
        string ifExists = random.Next(5) == 0 ? "IfExists" : "";
        return random.Next(7) switch
        {
            0 => ("Null", Pick(random, TextKeys), Some(random, ["true", "false"])),
            1 => (set + Pick(random, "NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals") + ifExists,
                Pick(random, "s3:max-keys", "s3:signatureAge"), Some(random, ["0", "1", "10", "1.5", "-3"])),
            2 => (set + Pick(random, "DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals") + ifExists,
                "aws:CurrentTime", Some(random, ["2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", "2025-12-31"])),
            3 => (set + Pick(random, "IpAddress", "NotIpAddress") + ifExists, "aws:SourceIp", Some(random, ["10.0.0.0/8", "10.1.0.0/16", "192.0.2.7", "2001:db8::/32", "0.0.0.0/0", "::/0"])),
            4 => (set + "Bool" + ifExists, "aws:SecureTransport", Some(random, ["true", "false"])),
            5 => (set + Pick(random, "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike") + ifExists, "aws:PrincipalArn",
                Some(random, ["arn:aws:iam::acme:user/alice", "arn:aws:iam::acme:*", "arn:aws:iam::*:root", "arn:aws:*:*:*:user/?ob"])),
            _ => (set + Pick(random, "StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike") + ifExists,
                Pick(random, TextKeys), Some(random, TextPatterns)),
        };
    }

    internal static Ask Request(Random random)
    {
        string action = Pick(random, Asked);
        bool ofBucket = action is "s3:ListBucket" or "s3:GetBucketPolicy";
        string key = ofBucket ? "" : Pick(random, Keys[1..]);
        Ask ask = Ask.To(action, key.Length == 0 ? "bucket" : "bucket/" + key).By(random.Next(6) switch
        {
            0 => null,
            1 => People.Principal("acme", null),
            2 => People.Principal("acme", "alice"),
            3 => People.Principal("acme", "bob"),
            4 => People.Principal("globex", null),
            _ => People.Principal("globex", "bob"),
        });
        Maybe("s3:prefix", Texts);
        Maybe("s3:delimiter", Texts);
        Maybe("s3:ExistingObjectTag/a", Texts);
        Maybe("s3:max-keys", ["0", "1", "10", "2", "many"]);
        Maybe("s3:signatureAge", ["0", "10", "-3"]);
        Maybe("aws:CurrentTime", ["2026-01-01T00:00:00Z", "2025-12-31T00:00:00Z", "2026-06-01T12:00:00Z"]);
        Maybe("aws:SourceIp", ["10.1.2.3", "10.9.9.9", "192.0.2.7", "2001:db8::7", "fe80::1"]);
        Maybe("aws:SecureTransport", ["true", "false"]);
        if (random.Next(2) == 0)
        {
            ask.With("s3:RequestObjectTagKeys", [.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => Pick(random, Texts))]);
        }

        return ask;

        void Maybe(string name, string[] values)
        {
            if (random.Next(3) > 0)
            {
                ask.With(name, Pick(random, values));
            }
        }
    }

    private static JsonNode Some(Random random, string[] from)
    {
        if (random.Next(2) == 0)
        {
            return Pick(random, from);
        }

        return new JsonArray([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => (JsonNode)Pick(random, from))]);
    }

    private static string Pick(Random random, params string[] from) => from[random.Next(from.Length)];
}
