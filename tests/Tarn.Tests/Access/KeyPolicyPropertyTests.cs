using System.Text.Json.Nodes;
using Tarn.Core.Access;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Policy;
using Tarn.Core.Policy.Documents;
using Tarn.Tests.Policy;

namespace Tarn.Tests.Access;

/// <summary>
/// Random policies of buckets, organizations and keys, lists and requests: what a key with a policy may do is exactly what its user may and the policy allows.
/// </summary>
public sealed class KeyPolicyPropertyTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(20_261_130)]
    [InlineData(4711)]
    public void A_key_may_do_what_its_user_may_and_its_policy_allows(int seed)
    {
        var random = new Random(seed);
        int both = 0, userAlone = 0, policyAlone = 0, neither = 0;
        for (int round = 0; round < 20_000; round++)
        {
            AccessQuestion question = Question(random);
            if (question.Principal is not { } principal)
            {
                continue;
            }

            string document = KeyPolicyOf(random);
            var policy = IdentityPolicy.Load(System.Text.Encoding.UTF8.GetBytes(document));
            AccessQuestion limited = question with { Request = question.Request with { Principal = principal with { KeyPolicy = new KeyPolicy(document) } } };
            bool user = AccessEvaluator.Decide(question).Allowed, allows = policy.Evaluate(limited.Request).Outcome == PolicyOutcome.Allow;
            AccessDecision decision = AccessEvaluator.Decide(limited);
            Assert.True(decision.Allowed == (user && allows), $"seed {seed} round {round}: user {user}, policy {allows}, decided {decision}\n{document}");
            Assert.True(!decision.Allowed || !AccessEvaluator.MightAllow(question) || AccessEvaluator.MightAllow(limited), $"seed {seed} round {round}: allowed, but refused before its body is read\n{document}");
            Assert.True(allows || decision.IsFinal, $"seed {seed} round {round}: what the policy does not allow could be allowed in another way\n{document}");
            _ = (user, allows) switch { (true, true) => both++, (true, false) => userAlone++, (false, true) => policyAlone++, _ => neither++ };
        }

        // The generator covers every case often enough to be meaningful.
        Assert.All([both, userAlone, policyAlone, neither], static count => Assert.InRange(count, 300, 20_000));
    }

    private static AccessQuestion Question(Random random)
    {
        Ask ask = PolicyPropertyTests.Request(random);
        Assert.True(S3Actions.TryParse(ask.Action, out S3Action action));
        bool ofObject = ask.Key.Length > 0;
        string? objectOwner = ofObject && random.Next(4) == 0 ? People.Globex : null;
        AccessControlList? list = random.Next(3) == 0 ? AccessControlList.Create([new Grant(Grantee.AllUsers, AclPermission.Read), new Grant(Grantee.Canonical(People.Acme), AclPermission.FullControl)]) : null;
        return new AccessQuestion
        {
            Request = new PolicyRequest(action, ask.Bucket, System.Text.Encoding.UTF8.GetBytes(ask.Key), ask.Who, ask),
            BucketOwnerId = People.Acme,
            ObjectOwnerId = objectOwner,
            Bucket = new BucketAccess
            {
                Policy = random.Next(2) == 0 ? People.Stored(PolicyPropertyTests.Policy(random)) : null,
                Ownership = random.Next(2) == 0 ? ObjectOwnership.ObjectWriter : ObjectOwnership.BucketOwnerEnforced,
                Acl = list,
            },
            ObjectAcl = ofObject ? list : null,
            OwnerPolicies = random.Next(3) == 0
                ? new OrganizationPolicies([People.OrganizationPolicy("""{"version":"v1alpha1","name":"p","statements":[{"name":"s","effect":"Allow","actions":["s3:Get*","s3:List*"],"resources":["*"],"principals":["*"]}]}""")])
                : OrganizationPolicies.None,
            RequesterPolicies = null,
        };
    }

    /// <summary>A policy as random as those of buckets, without principals.</summary>
    private static string KeyPolicyOf(Random random)
    {
        JsonNode policy = JsonNode.Parse(PolicyPropertyTests.Policy(random))!;
        foreach (JsonObject statement in policy["Statement"] is JsonArray many ? many.Select(static it => (JsonObject)it!) : [(JsonObject)policy["Statement"]!])
        {
            statement.Remove("Principal");
            statement.Remove("NotPrincipal");
        }

        return policy.ToJsonString();
    }
}
