using System.Text;
using Tarn.Core.Access;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Policy;
using Tarn.Core.Policy.Documents;

namespace Tarn.Tests.Access;

/// <summary>What temporary credentials may do, over every action and every way to be allowed it.</summary>
public sealed class SessionRulesTests
{
    private const string Owner = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private const string Other = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    private const string AllowAll = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}""";
    private const string AllowNothing = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::another/*"}]}""";
    private const string DenyDeletes = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Effect":"Deny","Action":"s3:Delete*","Resource":"*"}]}""";
    private const string AllowReads = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*"],"Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]}]}""";

    private static readonly string[] Limits = [AllowAll, AllowNothing, DenyDeletes, AllowReads, "not a policy"];

    private static readonly BucketAccess[] Buckets =
    [
        BucketAccess.None,
        new()
        {
            Policy = BucketPolicy.Parse(
                Encoding.UTF8.GetBytes("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]}]}"""),
                BucketName.FromStorage("bucket")),
        },
        new() { Ownership = ObjectOwnership.ObjectWriter, Acl = AccessControlList.Create([new Grant(Grantee.AllUsers, AclPermission.FullControl)]) },
    ];

    private static readonly OrganizationPolicies Organization = new(
    [
        OrganizationPolicy.Parse(Encoding.UTF8.GetBytes("""{"version":"v1alpha1","name":"p","statements":[{"name":"s","effect":"Allow","actions":["s3:*"],"resources":["*"],"principals":["user/u","role/r"]}]}"""), "a"),
    ]);

    /// <summary>A session is allowed what it would be without a policy and what the policy allows: nothing else, and not less.</summary>
    [Fact]
    public void The_policy_of_a_session_intersects()
    {
        int allowed = 0, limited = 0;
        foreach ((Principal who, BucketAccess bucket, S3Action action, string limit) in
            from who in Principals() from bucket in Buckets from action in S3Actions.All from limit in Limits select (who, bucket, action, limit))
        {
            SessionGrant session = who.Session ?? new SessionGrant();
            Principal bound = who with { Session = new SessionGrant { RolePolicies = session.RolePolicies, Policy = limit } };
            bool free = Decide(who, bucket, action).Allowed, isIn = IdentityPolicy.Load(Encoding.UTF8.GetBytes(limit)).Evaluate(Request(bound, action)).Outcome == PolicyOutcome.Allow;
            AccessDecision decision = Decide(bound, bucket, action);
            Assert.True(decision.Allowed == (free && isIn), $"{who.Arn} {action} {limit}: {decision}");
            Assert.True(isIn || decision.IsFinal, $"{who.Arn} {action} {limit}: another way may allow it");

            // The first policy of a bucket is not among what is asked about in advance, with or without a session.
            bool mightBe = AccessEvaluator.MightAllow(Question(bound, bucket, action)) || !AccessEvaluator.MightAllow(Question(who, bucket, action));
            Assert.True(!decision.Allowed || mightBe, $"{who.Arn} {action} {limit}: hopeless");
            _ = decision.Allowed ? allowed++ : limited++;
        }

        Assert.True(allowed > 100 && limited > 100);
    }

    [Fact]
    public void A_role_is_no_root_user_and_its_policies_count_in_its_own_organization_only()
    {
        Principal role = Role(AllowAll), stranger = role with { OwnerId = Other, OrganizationId = "b" };
        Assert.False(role.IsRoot);
        foreach (S3Action action in S3Actions.All)
        {
            AccessDecision decision = Decide(role, BucketAccess.None, action, OrganizationPolicies.None);
            Assert.Equal((true, AccessGround.RolePolicy), (decision.Allowed, decision.Ground));
            Assert.False(Decide(stranger, BucketAccess.None, action, OrganizationPolicies.None).Allowed);
            Assert.False(Decide(Role(), BucketAccess.None, action, OrganizationPolicies.None).Allowed, "it would give itself a bucket that has no policy");
            Assert.False(Decide(Workload, BucketAccess.None, action, OrganizationPolicies.None).Allowed);
        }
    }

    /// <summary>Nor any other right of the root user: neither as one of no name, nor because of what its organization owns.</summary>
    [Fact]
    public void Nothing_is_allowed_to_a_role_because_its_organization_owns_it()
    {
        BucketAccess listed = new()
        {
            Ownership = ObjectOwnership.ObjectWriter,
            Acl = AccessControlList.Create([new Grant(Grantee.Canonical(Owner), AclPermission.FullControl)]),
        };
        foreach ((Principal who, BucketAccess bucket, S3Action action) in
            from who in (Principal[])[.. Principals(), Role(), Workload] where who.Role is not null from bucket in (BucketAccess[])[.. Buckets, listed] from action in S3Actions.All select (who, bucket, action))
        {
            foreach (string? objectOwner in (string?[])[null, Owner, Other])
            {
                AccessDecision decision = AccessEvaluator.Decide(Question(who, bucket, action) with { ObjectOwnerId = objectOwner });
                Assert.True(decision.Ground != AccessGround.Ownership, $"{who.Arn} {action} {decision}");
            }

            Assert.False(
                Decide(who, listed, action, OrganizationPolicies.None) is { Allowed: true, Ground: AccessGround.AccessControlList }, $"{who.Arn} {action}: by the owner's grant");
        }

        Assert.DoesNotContain(Principals().Where(static who => who.Role is not null), static who => who.IsRoot || who.IsRootUser);

        // A grant to another organization is for its members.
        BucketAccess shared = new()
        {
            Ownership = ObjectOwnership.ObjectWriter,
            Acl = AccessControlList.Create([new Grant(Grantee.Canonical(Other), AclPermission.FullControl)]),
        };
        foreach ((Principal who, bool isAllowed) in ((Principal, bool)[])[(Role(), true), (Workload, false)])
        {
            Principal stranger = who with { OwnerId = Other, OrganizationId = "b" };
            Assert.Equal(isAllowed, Decide(stranger, shared, S3Action.ListBucket).Allowed);
        }
    }

    /// <summary>Whoever has a token of the issuer is admitted: what is for everyone in the organization is not for them, but what is denied to everyone is.</summary>
    [Fact]
    public void A_workload_of_its_own_is_a_member_of_no_organization()
    {
        (string Principal, bool IsAllowed)[] allows =
        [
            ("\"AWS\":\"arn:aws:iam::a:root\"", false),
            ("\"AWS\":\"a\"", false),
            ($"\"CanonicalUser\":\"{Owner}\"", false),
            ("\"AWS\":\"arn:aws:iam::a:role/https://idp.example:s\"", true),
            ("\"AWS\":\"*\"", true),
        ];
        foreach ((string principal, bool isAllowed) in allows)
        {
            AccessDecision allowed = Decide(Workload, Policy("Allow", principal), S3Action.GetObject, OrganizationPolicies.None);
            Assert.True(allowed.Allowed == isAllowed, principal);
            Assert.True(Decide(Workload, Policy("Deny", principal), S3Action.GetObject).IsExplicitDeny, principal);

            // A session of a role, whose conditions somebody chose, is a member.
            Assert.Equal(principal.Contains("idp", StringComparison.Ordinal), !Decide(Role(), Policy("Allow", principal), S3Action.GetObject, OrganizationPolicies.None).Allowed);
        }

        Assert.False(Decide(Workload, BucketAccess.None, S3Action.GetObject, Everyone("Allow")).Allowed);
        Assert.True(Decide(Role(), BucketAccess.None, S3Action.GetObject, Everyone("Allow")).Allowed);
        Assert.True(Decide(Workload, BucketAccess.None, S3Action.GetObject, Everyone("Deny")).IsExplicitDeny);

        static BucketAccess Policy(string effect, string principal) => new()
        {
            Policy = BucketPolicy.Parse(
                Encoding.UTF8.GetBytes($$"""{"Version":"2012-10-17","Statement":[{"Effect":"{{effect}}","Principal":{ {{principal}} },"Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}]}"""),
                BucketName.FromStorage("bucket")),
        };

        static OrganizationPolicies Everyone(string effect) => new(
        [
            OrganizationPolicy.Parse(Encoding.UTF8.GetBytes($$"""{"version":"v1alpha1","name":"p","statements":[{"name":"s","effect":"{{effect}}","actions":["s3:*"],"resources":["*"],"principals":["*"]}]}"""), "a"),
        ]);
    }

    /// <summary>With both, both must allow: the session of a limited key.</summary>
    [Fact]
    public void The_policies_of_key_and_session_both_limit()
    {
        int allowed = 0;
        KeyPolicy[] keys = [.. Limits.Select(static limit => new KeyPolicy(limit))];
        SessionGrant[] sessions = [.. Limits.Select(static limit => new SessionGrant { Policy = limit })];
        foreach ((Principal who, BucketAccess bucket, S3Action action, KeyPolicy ofKey, SessionGrant ofSession) in
            from who in Principals() where who.Session is null from bucket in Buckets from action in S3Actions.All from ofKey in keys from ofSession in sessions
            select (who, bucket, action, ofKey, ofSession))
        {
            Principal key = who with { KeyPolicy = ofKey }, session = who with { Session = ofSession };
            Principal both = key with { Session = session.Session };
            AccessDecision decision = Decide(both, bucket, action);
            Assert.True(decision.Allowed == (Decide(key, bucket, action).Allowed && Decide(session, bucket, action).Allowed), $"{who.Arn} {action} {ofKey.Document} {ofSession.Policy}: {decision}");
            Assert.True(decision.IsFinal || (!Decide(key, bucket, action).IsFinal && !Decide(session, bucket, action).IsFinal), $"{who.Arn} {action} {ofKey.Document} {ofSession.Policy}: another way may allow it");
            Assert.False(both.IsRoot);
            allowed += decision.Allowed ? 1 : 0;
        }

        Assert.True(allowed > 100);
    }

    [Fact]
    public void What_a_policy_of_a_role_denies_nothing_allows()
    {
        foreach (BucketAccess bucket in Buckets)
        {
            AccessDecision decision = Decide(Role(DenyDeletes), bucket, S3Action.DeleteObject);
            Assert.Equal((false, AccessGround.RolePolicy, true), (decision.Allowed, decision.Ground, decision.IsFinal));
        }
    }

    private static Principal Workload => Role() with { Role = "https://idp.example:s", SessionName = null };

    private static Principal[] Principals() =>
    [
        new(Owner, "a", "k") { OrganizationId = "a", UserId = "a" },
        new(Owner, "a", "k") { OrganizationId = "a", UserName = "u", UserId = "u" },
        new(Owner, "a", "k") { OrganizationId = "a", UserName = "v", UserId = "v" },
        new(Other, "b", "k") { OrganizationId = "b", UserId = "b" },
        Role(),
        Role(AllowReads),
        Role(AllowAll, DenyDeletes),
        Role(AllowAll) with { Role = "https://idp.example:s", SessionName = null },
        Role(AllowAll) with { OwnerId = Other, OrganizationId = "b" },
    ];

    private static Principal Role(params string[] policies) => new(Owner, "a", "k")
    {
        OrganizationId = "a", Role = "r", SessionName = "s", UserId = "AROA:s", Session = new SessionGrant { RolePolicies = policies },
    };

    private static PolicyRequest Request(Principal who, S3Action action) => new(
        action, "bucket", action.Kind() == S3ResourceKinds.Object ? "key"u8.ToArray() : default, who, NoConditions.Instance);

    private static AccessQuestion Question(Principal who, BucketAccess bucket, S3Action action, OrganizationPolicies? policies = null) => new()
    {
        Request = Request(who, action),
        BucketOwnerId = Owner,
        Bucket = bucket,
        OwnerPolicies = policies ?? Organization,
    };

    private static AccessDecision Decide(Principal who, BucketAccess bucket, S3Action action, OrganizationPolicies? policies = null) =>
        AccessEvaluator.Decide(Question(who, bucket, action, policies));
}
