using System.Text;
using Tarn.Core.Errors;
using Tarn.Core.Policy;
using Tarn.Core.Policy.Documents;

namespace Tarn.Tests.Policy;

public sealed class OrganizationPolicyTests
{
    // Anonymous, acme's root, alice, bob (in group ops), globex's root, globex's alice.
    [Theory]
    [InlineData("Allow", "\"*\"", "-YYY--")]
    [InlineData("Deny", "\"*\"", "YYYYYY")]
    [InlineData("Allow", "\"alice\"", "--Y---")]
    [InlineData("Deny", "\"alice\"", "--Y---")]
    [InlineData("Allow", "\"user/alice\",\"bob\"", "--YY--")]
    [InlineData("Allow", "\"group/ops\"", "---Y--")]
    [InlineData("Allow", "\"ops\"", "------")]
    [InlineData("Allow", "\"arn:aws:iam::acme:user/alice\"", "--Y---")]
    [InlineData("Allow", "\"arn:cw:iam::acme:root\"", "-Y----")]
    public void Principals_are_of_the_organization(string effect, string principals, string matches)
    {
        OrganizationPolicy policy = Policy(effect, "\"s3:GetObject\"", "\"*\"", principals);
        Core.Identity.Principal?[] people =
        [
            null, People.Principal("acme", null), People.Principal("acme", "alice"), People.Principal("acme", "bob", "ops"),
            People.Principal("globex", null), People.Principal("globex", "alice", "ops"),
        ];
        Assert.Equal(matches, string.Concat(people.Select(who => Ask.To("s3:GetObject", "b/x").By(who).Of(policy) == PolicyOutcome.NoMatch ? '-' : 'Y')));
    }

    [Theory]
    [InlineData("*", "", true)]
    [InlineData("*", "b", true)]
    [InlineData("*", "b/x/y", true)]
    [InlineData("b", "b", true)]
    [InlineData("b", "b/x", false)]
    [InlineData("b", "", false)]
    [InlineData("b/*", "b/x/y", true)]
    [InlineData("b/*", "b", false)]
    [InlineData("b/logs/*", "b/data/x", false)]
    [InlineData("team-*", "team-a", true)]
    [InlineData("arn:aws:s3:::b/*", "b/x", true)]
    [InlineData("arn:cw:s3:::*", "b/x", true)]
    public void Resources_are_buckets_and_their_objects(string pattern, string resource, bool matches)
    {
        OrganizationPolicy policy = Policy("Allow", "\"s3:*\"", $"\"{pattern}\"", "\"*\"");
        string action = resource.Length == 0 ? "s3:ListAllMyBuckets" : resource.Contains('/', StringComparison.Ordinal) ? "s3:GetObject" : "s3:ListBucket";
        Assert.Equal(matches ? PolicyOutcome.Allow : PolicyOutcome.NoMatch, Ask.To(action, resource).By("acme", "alice").Of(policy));
    }

    [Theory]
    [InlineData("\"s3:*\",\"cwobject:*\"", true)]
    [InlineData("\"cwobject:CreateAccessKey\",\"cwobject:List*\"", false)]
    [InlineData("\"S3:getobject\"", true)]
    [InlineData("\"*\"", true)]
    public void Actions_are_of_two_services(string actions, bool matches) =>
        Assert.Equal(
            matches ? PolicyOutcome.Allow : PolicyOutcome.NoMatch,
            Ask.To("s3:GetObject", "b/x").By("acme", "alice").Of(Policy("Allow", actions, "\"*\"", "\"*\"")));

    [Fact]
    public void Of_several_policies_a_denial_outweighs_and_says_where_it_is()
    {
        var policies = new OrganizationPolicies(
        [
            People.OrganizationPolicy("""{"version":"v1alpha1","name":"open","statements":[{"name":"all","effect":"Allow","actions":["s3:*"],"resources":["*"],"principals":["*"]}]}"""),
            People.OrganizationPolicy("""
                {"policy":{"version":"v1alpha1","name":"guard","statements":[
                  {"name":"reads","effect":"Allow","actions":["s3:Get*"],"resources":["*"],"principals":["*"]},
                  {"name":"no-deletes","effect":"Deny","actions":["s3:Delete*"],"resources":["*"],"principals":["user/alice"]}]}}
                """),
        ]);
        Assert.Equal(
            new PolicyVerdict(PolicyOutcome.ExplicitDeny, "guard", "no-deletes", 1),
            policies.Evaluate(Ask.To("s3:DeleteObject", "b/x").By("acme", "alice").Request()));
        Assert.Equal(
            new PolicyVerdict(PolicyOutcome.Allow, "open", "all", 0),
            policies.Evaluate(Ask.To("s3:DeleteObject", "b/x").By("acme", "bob").Request()));
        Assert.Equal(PolicyVerdict.NoMatch, policies.Evaluate(Ask.To("s3:DeleteObject", "b/x").Request()));
        Assert.Equal(PolicyVerdict.NoMatch, OrganizationPolicies.None.Evaluate(Ask.To("s3:GetObject", "b/x").By("acme", "bob").Request()));
    }

    [Theory]
    [InlineData("""{"policy":[]}""", "policy")]
    [InlineData("""{"policy":{"version":"v1alpha1","name":"p","statements":[]}}""", "statements is empty")]
    [InlineData("""{"policy":{"version":"v1alpha1","name":"p"}}""", "Missing required field statements")]
    [InlineData("""{"policy":{"version":"v1","name":"p","statements":[]}}""", "valid version string: v1")]
    [InlineData("""{"policy":{"name":"p","statements":[]}}""", "Missing required field version")]
    [InlineData("""{"policy":{"version":"v1alpha1","name":"a/b","statements":[]}}""", "invalid name: a/b")]
    [InlineData("""{"policy":{"version":"v1alpha1","name":"","statements":[]}}""", "Missing required field name")]
    [InlineData("""{"policy":{"version":"v1alpha1","name":"p","statements":[],"more":1}}""", "Unknown field: more")]
    [InlineData("""{"policy":{"version":"v1alpha1","name":"p","statements":[]},"more":1}""", "Unknown field: more")]
    public void A_document_is_refused(string json, string message) => Refuses(json, message);

    [Theory]
    [InlineData("\"Grant\"", "\"s3:*\"", "\"*\"", "\"*\"", "Invalid effect: Grant")]
    [InlineData("\"Allow\"", "\"s3:Fly\"", "\"*\"", "\"*\"", "Policy has invalid action: s3:Fly")]
    [InlineData("\"Allow\"", "\"cwobject:\"", "\"*\"", "\"*\"", "Policy has invalid action: cwobject:")]
    [InlineData("\"Allow\"", "\"ec2:*\"", "\"*\"", "\"*\"", "Policy has invalid action: ec2:*")]
    [InlineData("\"Allow\"", "", "\"*\"", "\"*\"", "actions")]
    [InlineData("\"Allow\"", "\"s3:*\"", "\"\"", "\"*\"", "Policy has invalid resource")]
    [InlineData("\"Allow\"", "\"s3:*\"", "\"/x\"", "\"*\"", "Policy has invalid resource: /x")]
    [InlineData("\"Allow\"", "\"s3:*\"", "\"b/${aws:username}\"", "\"*\"", "Policy has invalid resource")]
    [InlineData("\"Allow\"", "\"s3:*\"", "\"arn:aws:sns:::b\"", "\"*\"", "Policy has invalid resource")]
    [InlineData("\"Allow\"", "\"s3:*\"", "\"*\"", "\"role/Ad*\"", "Invalid principal in policy: role/Ad*")]
    [InlineData("\"Allow\"", "\"s3:*\"", "\"*\"", "\"a*\"", "Invalid principal in policy: a*")]
    [InlineData("\"Allow\"", "\"s3:*\"", "\"*\"", "\"group/\"", "Invalid principal in policy: group/")]
    [InlineData("\"Allow\"", "\"s3:*\"", "\"*\"", "\"arn:aws:iam::globex:user/a\"", "Invalid principal in policy: arn:aws:iam::globex:user/a")]
    public void A_statement_is_refused(string effect, string actions, string resources, string principals, string message) =>
        Refuses($$"""{"version":"v1alpha1","name":"p","statements":[{"name":"s","effect":{{effect}},"actions":[{{actions}}],"resources":[{{resources}}],"principals":[{{principals}}]}]}""", message);

    [Fact]
    public void A_stored_policy_that_cannot_be_read_denies_everything()
    {
        var policy = OrganizationPolicy.Load("{}"u8.ToArray(), "p", "acme");
        Assert.Equal("p", policy.Name);
        Assert.Equal(PolicyOutcome.ExplicitDeny, Ask.To("s3:GetObject", "b/x").By("acme", "alice").Of(policy));
    }

    private static OrganizationPolicy Policy(string effect, string actions, string resources, string principals) => People.OrganizationPolicy($$$"""
        {"policy":{"version":"v1alpha1","name":"p","statements":[
          {"name":"s","effect":"{{{effect}}}","actions":[{{{actions}}}],"resources":[{{{resources}}}],"principals":[{{{principals}}}]}]}}
        """);

    private static void Refuses(string json, string message)
    {
        S3Exception refusal = Assert.Throws<S3Exception>(() => OrganizationPolicy.Parse(Encoding.UTF8.GetBytes(json), "acme"));
        Assert.Equal("MalformedPolicy", refusal.Error.Code);
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }
}
