using System.Text;
using Tarn.Core.Errors;
using Tarn.Core.Policy;
using Tarn.Core.Policy.Decisions;
using Tarn.Core.Policy.Documents;

namespace Tarn.Tests.Policy;

/// <summary>
/// Wildcards cost a bounded number of steps: policies that could need more are refused when they are put, and where one that was stored
/// before runs out of them, a denial applies and a permission does not.
/// </summary>
public sealed class StepBudgetTests
{
    /// <summary>The search restarts at each <c>a</c> of a text, and runs to its end.</summary>
    private static readonly string Costly = "*" + string.Concat(Enumerable.Repeat("a?", 240)) + "b";

    /// <summary>The key that causes this.</summary>
    private static readonly string Worst = new string('a', 1023) + "c";

    public static TheoryData<string, string> CostlyStatements => new()
    {
        { "resource", $$"""{"Effect":"EFFECT","Principal":"*","Action":"s3:GetObject","Resource":[{{Repeat($"\"arn:aws:s3:::bucket/{Costly}\"")}}]}""" },
        { "resource", $$"""{"Effect":"EFFECT","Principal":"*","Action":"s3:GetObject","NotResource":[{{Repeat($"\"arn:aws:s3:::bucket/{Costly}\"")}}]}""" },
        { "header", Conditional("StringLike", $"\"{Costly}\"") },
        { "header", Conditional("StringNotLike", $"\"{Costly}\"") },
        { "header", Conditional("StringLikeIfExists", $"\"{Costly}\"") },
        { "header", Conditional("ForAnyValue:StringLike", $"\"{Costly}\"") },
        { "header", Conditional("ForAllValues:StringNotLike", $"\"{Costly}\"") },
        { "arn", Conditional("ArnLike", $"\"arn:aws:iam::acme:{Costly}\"") },
        { "arn", Conditional("ArnNotLike", $"\"arn:aws:iam::acme:{Costly}\"") },
    };

    [Theory]
    [MemberData(nameof(CostlyStatements))]
    public void What_could_take_too_long_is_refused_when_it_is_put(string text, string statement)
    {
        string json = Whole(statement.Replace("EFFECT", "Allow", StringComparison.Ordinal));
        S3Exception refusal = Assert.Throws<S3Exception>(() => People.Policy(json));
        Assert.Equal(S3Error.MalformedPolicy, refusal.Error);
        Assert.Contains("Statement[0]", refusal.Message, StringComparison.Ordinal);
        Assert.NotNull(text);
    }

    [Theory]
    [MemberData(nameof(CostlyStatements))]
    public void What_was_stored_before_is_read_and_decided_and_fails_closed_where_it_takes_too_long(string text, string statement)
    {
        const string AllowAll = """{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}""";
        BucketPolicy denying = Load(AllowAll, statement.Replace("EFFECT", "Deny", StringComparison.Ordinal));
        BucketPolicy allowing = Load(statement.Replace("EFFECT", "Allow", StringComparison.Ordinal));
        Assert.Equal(PolicyOutcome.ExplicitDeny, Of(text, Worst).Of(denying));
        Assert.Equal(PolicyOutcome.NoMatch, Of(text, Worst).Of(allowing));

        // For any other text nothing changes.
        string fits = "x" + string.Concat(Enumerable.Repeat("a1", 240)) + "b";
        bool negated = statement.Contains("Not", StringComparison.Ordinal);
        Assert.Equal(negated ? PolicyOutcome.Allow : PolicyOutcome.ExplicitDeny, Of(text, fits).Of(denying));
        Assert.Equal(negated ? PolicyOutcome.NoMatch : PolicyOutcome.Allow, Of(text, fits).Of(allowing));
        Assert.Equal(negated ? PolicyOutcome.ExplicitDeny : PolicyOutcome.Allow, Of(text, "short").Of(denying));
        Assert.Equal(negated ? PolicyOutcome.Allow : PolicyOutcome.NoMatch, Of(text, "short").Of(allowing));
    }

    [Fact]
    public void An_organization_policy_has_the_same_budget()
    {
        string json = $$"""
            {"version":"v1alpha1","name":"p","statements":[
             {"name":"all","effect":"Allow","actions":["s3:GetObject"],"resources":["*"],"principals":["*"]},
             {"name":"costly","effect":"Deny","actions":["s3:GetObject"],"resources":[{{Repeat($"\"bucket/{Costly}\"")}}],"principals":["*"]}]}
            """;
        Assert.Equal(S3Error.MalformedPolicy, Assert.Throws<S3Exception>(() => People.OrganizationPolicy(json)).Error);
        OrganizationPolicy stored = OrganizationPolicy.Load(Encoding.UTF8.GetBytes(json), "p", "acme");
        Assert.Equal(PolicyOutcome.Allow, Ask.To("s3:GetObject", "bucket/short").By("acme", "ann").Of(stored));
        Assert.Equal(PolicyOutcome.ExplicitDeny, Ask.To("s3:GetObject", "bucket/" + Worst).By("acme", "ann").Of(stored));
    }

    [Fact]
    public void The_texts_of_variables_take_steps_too()
    {
        // 150 values of eight variables, each of which a header of 4 KiB fills.
        string value = string.Concat(Enumerable.Repeat("${aws:Referer}", 8));
        BucketPolicy policy = Load(Conditional("StringEqualsIgnoreCase", $"\"{value}\"").Replace("EFFECT", "Deny", StringComparison.Ordinal));
        var scope = new DecisionScope();
        string header = new('r', 4096);
        for (int i = 0; i < 10_000 && scope.Left > 0; i++)
        {
            policy.Evaluate(Ask.To("s3:GetObject", "bucket/k").With("aws:UserAgent", new string('u', 40_000)).With("aws:Referer", header).Request() with { Scope = scope });
        }

        Assert.Equal(0, scope.Left);
    }

    [Fact]
    public void All_decisions_about_a_request_share_its_budget()
    {
        BucketPolicy policy = Load("""{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*.jpg*x"}""");
        var scope = new DecisionScope();
        PolicyRequest request = Ask.To("s3:GetObject", "bucket/a.jpg.x").Request() with { Scope = scope };
        int asked = 0;
        while (policy.Evaluate(request).Outcome == PolicyOutcome.Allow)
        {
            asked++;
        }

        Assert.InRange(asked, 100_000, DecisionScope.Steps);
        Assert.Equal(PolicyOutcome.NoMatch, policy.Evaluate(request).Outcome);
        Assert.Equal(PolicyOutcome.Allow, policy.Evaluate(request with { Scope = new DecisionScope() }).Outcome);
    }

    [Fact]
    public void A_condition_that_is_the_same_for_every_key_is_decided_once()
    {
        BucketPolicy policy = People.Policy(Whole("""
            {"Effect":"Deny","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::bucket/*","Condition":{"StringLike":{"aws:Referer":"*evil*"}}},
            {"Effect":"Allow","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::bucket/*","Condition":{"StringEquals":{"s3:ExistingObjectTag/a":"b"}}}
            """));
        var scope = new DecisionScope(manyKeys: true);
        var source = new Counting();
        for (int i = 0; i < 1000; i++)
        {
            var request = new PolicyRequest(S3Action.DeleteObject, "bucket", Encoding.UTF8.GetBytes($"key{i}"), null, source) { Scope = scope };
            Assert.Equal(i % 2 == 0 ? PolicyOutcome.Allow : PolicyOutcome.NoMatch, policy.Evaluate(request).Outcome);
        }

        Assert.Equal(1, source.Asked[ConditionKey.Referer]);
        Assert.Equal(1000, source.Asked[ConditionKey.ExistingObjectTag]);
    }

    [Fact]
    public void No_match_takes_more_steps_than_its_pattern_is_said_to_cost()
    {
        var random = new Random(20_261_128);
        for (int i = 0; i < 200_000; i++)
        {
            byte[] pattern = Wildcard.Tokens(Text(random, ["a", "ab", "aab", "é", "*", "?", "?"], 12));
            byte[] text = Encoding.UTF8.GetBytes(Text(random, ["a", "b", "aa", "ab", "é"], 40));
            int steps = int.MaxValue;
            Wildcard.Match(pattern, text, ref steps);
            Assert.True(
                int.MaxValue - steps <= Wildcard.Cost(pattern, text.Length) + text.Length + 2,
                $"{Convert.ToHexString(pattern)} {Encoding.UTF8.GetString(text)}: {int.MaxValue - steps} > {Wildcard.Cost(pattern, text.Length)}");
        }
    }

    [Theory]
    [InlineData("*/2026-??-??/part-?????.parquet")]
    [InlineData("*.example.com/?id=*")]
    [InlineData("home/${aws:username}/*/??/*")]
    [InlineData("*?*?*?*?*?*?*?*?")]
    public void What_policies_are_really_made_of_is_far_from_the_limit(string pattern)
    {
        string resources = string.Join(',', Enumerable.Range(0, 60).Select(i => $"\"arn:aws:s3:::bucket/{i}/{pattern}\""));
        People.Policy(Whole($$"""{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":[{{resources}}]}"""));
    }

    private static BucketPolicy Load(params string[] statements) =>
        BucketPolicy.Load(Encoding.UTF8.GetBytes(Whole(statements)), People.Bucket());

    private static string Whole(params string[] statements) => $$"""{"Version":"2012-10-17","Statement":[{{string.Join(',', statements)}}] }""";

    private static string Conditional(string operatorName, string value) => $$"""
        {"Effect":"EFFECT","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*","Condition":{"{{operatorName}}":{"aws:UserAgent":[{{Repeat(value)}}] } } }
        """;

    private static string Repeat(string text, int times = 35) => string.Join(',', Enumerable.Repeat(text, times));

    private static Ask Of(string where, string text) => where switch
    {
        "resource" => Ask.To("s3:GetObject", "bucket/" + text),
        "arn" => Ask.To("s3:GetObject", "bucket/key").With("aws:UserAgent", "arn:aws:iam::acme:" + text),
        _ => Ask.To("s3:GetObject", "bucket/key").With("aws:UserAgent", text),
    };

    private static string Text(Random random, string[] alphabet, int max) =>
        string.Concat(Enumerable.Range(0, random.Next(max + 1)).Select(_ => alphabet[random.Next(alphabet.Length)]));

    private sealed class Counting : IConditionSource
    {
        public Dictionary<ConditionKey, int> Asked { get; } = [];

        public ConditionValue Get(ConditionKey key, string? tagKey)
        {
            int times = Asked[key] = Asked.GetValueOrDefault(key) + 1;
            return ConditionValue.Of(key == ConditionKey.Referer ? "good" : times % 2 == 1 ? "b" : "c");
        }
    }
}
