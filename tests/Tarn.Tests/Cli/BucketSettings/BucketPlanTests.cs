using System.Text.Json;
using System.Text.Json.Nodes;
using Tarn.Core.Model;
using Tarn.Server.Cli;
using Tarn.Server.Cli.Buckets.Settings;

namespace Tarn.Tests.Cli.BucketSettings;

/// <summary>
/// The order of an apply's steps, for every pair of states of what decides about access: no step is one that S3 refuses, the last state is the one wanted, and
/// whatever a state in between allows, the first or the last one allows; and a step that is not about access, if it fails, leaves nothing open that is to be closed.
/// </summary>
public sealed class BucketPlanTests
{
    private const string Bucket = "photos";
    private const string Everyone = "http://acs.amazonaws.com/groups/global/AllUsers";

    private static readonly SettingKind Acl = SettingKinds.Find(SettingKinds.Acl)!, Block = SettingKinds.Find(SettingKinds.PublicAccessBlock)!, Ownership = SettingKinds.Find(SettingKinds.Ownership)!;

    private static readonly BucketName Name = BucketName.TryParse(Bucket, out BucketName name) ? name : default;

    private static readonly SettingValue?[] Policies =
    [
        null,
        Policy("""{"Effect":"Allow","Principal":"*","Action":"s3:ListBucket","Resource":"arn:aws:s3:::photos"}"""),
        Policy("""{"Effect":"Deny","Principal":"*","Action":"s3:ListBucket","Resource":"arn:aws:s3:::photos"}"""),
        Policy("""{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::globex:root"},"Action":"s3:ListBucket","Resource":"arn:aws:s3:::photos"}"""),
        Policy(
            """
            {"Effect":"Allow","Principal":"*","Action":"s3:ListBucket","Resource":"arn:aws:s3:::photos"},
            {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::globex:root"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::photos/*"}
            """),
    ];

    private static readonly SettingValue?[] Lists =
    [
        null,
        List((Everyone, "READ")),
        List((SettingsCli.Other, "FULL_CONTROL")),
        List((SettingsCli.Other, "READ"), (SettingsCli.Owner, "FULL_CONTROL")),
        List(),
    ];

    private static readonly SettingValue?[] Owners = [null, Owned("BucketOwnerEnforced"), Owned("ObjectWriter")];

    private static readonly SettingValue?[] Blocks =
    [
        null, Flags(false, false, false, false), Flags(true, true, true, true), Flags(true, false, true, false), Flags(false, true, false, true), Flags(false, false, false, true),
    ];

    private static readonly (SettingKind Kind, SettingValue?[] Values)[] Others =
    [
        (SettingKinds.Find("versioning")!, [Value("versioning", """{"Status":"Enabled"}"""), Value("versioning", """{"Status":"Suspended"}""")]),
        (SettingKinds.Find("cors")!, [null, Value("cors", """{"CORSRules":[{"AllowedMethods":["GET"],"AllowedOrigins":["*"]}]}""")]),
        (SettingKinds.Find("logging")!, [null, Value("logging", """{"LoggingEnabled":{"TargetBucket":"photos","TargetPrefix":"l/"}}""")]),
    ];

    [Fact]
    public void Nothing_is_allowed_in_between_that_neither_end_allows()
    {
        State[] states =
        [
            .. from policy in Policies from list in Lists from owner in Owners from block in Blocks
               let state = new State(policy, list, owner, block)
               where state.IsPossible
               select state,
        ];
        int refused = 0, steps = 0;
        foreach (State from in states)
        {
            foreach (State to in states)
            {
                // What is not about access: each can fail, as of a target of logs that does not exist.
                (Dictionary<string, SettingValue?> now, Dictionary<string, SettingValue?> then) = (from.Settings, to.Settings);
                foreach ((SettingKind kind, SettingValue?[] values) in Others)
                {
                    (now[kind.Name], then[kind.Name]) = (values[(steps + refused) % 2], values[(steps + refused + 1) % 2]);
                }

                IReadOnlyList<SettingStep> plan;
                try
                {
                    plan = BucketPlan.Create(Name, SettingsCli.Owner, now, then).Steps;
                }
                catch (CliException e)
                {
                    Assert.Contains(" is public, and the bucket has Block", e.Message, StringComparison.Ordinal);
                    Assert.True(from.Has(1) && to.Has(1) || from.Has(2) && to.Has(2), e.Message);
                    refused++;
                    continue;
                }

                State state = from;
                foreach (SettingStep step in plan)
                {
                    if (Others.Any(other => other.Kind == step.Kind))
                    {
                        // A policy that both closes and opens waits until versions are kept: it may let somebody new delete.
                        if (step.Kind.Name == "versioning" && from.Policy is not null && to.Policy is not null && !plan.TakeWhile(earlier => earlier != step).Any(static earlier => earlier.Kind.Name == "policy"))
                        {
                            continue;
                        }

                        // It fails here. A flag that refuses what the plan puts must wait for that.
                        IEnumerable<string> open = state.Allowed.Except(to.Allowed).Where(probe => !probe.StartsWith("bob", StringComparison.Ordinal) || !to.IsPublished(probe));
                        Assert.True(!open.Any(), $"{from} to {to}: before {step.Kind.Name} still allowed: {string.Join(' ', open)}");
                        continue;
                    }

                    State next = state.After(step);
                    Assert.True(next.IsPossible && !state.Refuses(step), $"{from} to {to}: {step.Kind.Name} is refused");
                    Assert.True(next.Allowed.All(probe => from.Allowed.Contains(probe) || to.Allowed.Contains(probe)), $"{from} to {to}: after {step.Kind.Name} more is allowed: {string.Join(' ', next.Allowed)}");
                    state = next;
                    steps++;
                }

                Assert.True(state == to, $"{from} to {to}: it became {state}");
                Assert.All(Others, other => Assert.Equal(Equals(now[other.Kind.Name], then[other.Kind.Name]) ? 0 : 1, plan.Count(step => step.Kind == other.Kind)));
            }
        }

        Assert.True(steps > 10_000 && refused > 100, $"{steps} steps, {refused} refused of {states.Length} states");
    }

    [Fact]
    public void A_flag_is_cleared_only_for_the_step_that_it_refuses()
    {
        SettingValue tag = Value("tagging", """{"TagSet":[{"Key":"a","Value":"1"}]}""");
        Assert.Equal(["tagging", "policy", "publicAccessBlock"], Order(Of(null, Blocks[2], null), Of(Policies[3], null, tag)));
        Assert.Equal(["tagging", "publicAccessBlock", "policy", "publicAccessBlock"], Order(Of(null, Blocks[2], null), Of(Policies[1], null, tag)));
        Assert.Equal(["publicAccessBlock", "tagging", "policy"], Order(Of(null, null, null), Of(Policies[3], Blocks[2], tag)));
        Assert.Equal(["publicAccessBlock", "policy", "publicAccessBlock", "tagging"], Order(Of(null, null, null), Of(Policies[1], Blocks[2], tag)));

        static Dictionary<string, SettingValue?> Of(SettingValue? policy, SettingValue? block, SettingValue? tags) =>
            new() { ["policy"] = policy, ["publicAccessBlock"] = block, ["tagging"] = tags };
    }

    [Fact]
    public void A_policy_that_denies_its_applier_a_later_step_comes_after_it_or_is_refused()
    {
        SettingValue Denies(string action, string more = "") => Policy($$"""{"Effect":"Deny","Principal":"*","Action":"{{action}}","Resource":"arn:aws:s3:::photos"{{more}}}""");
        SettingValue tag = Value("tagging", """{"TagSet":[{"Key":"a","Value":"1"}]}"""), logs = Value("logging", """{"LoggingEnabled":{"TargetBucket":"photos","TargetPrefix":"l/"}}""");
        Dictionary<string, SettingValue?> none = new() { ["policy"] = null, ["tagging"] = null, ["logging"] = null, ["publicAccessBlock"] = Blocks[2] };
        Dictionary<string, SettingValue?> Of(SettingValue policy, SettingValue? block) => new() { ["policy"] = policy, ["tagging"] = tag, ["logging"] = logs, ["publicAccessBlock"] = block };
        Assert.Equal(["policy", "tagging", "logging"], Order(none, Of(Denies("s3:ListBucket"), Blocks[2])));
        Assert.Equal(["tagging", "logging", "policy"], Order(none, Of(Denies("s3:*"), Blocks[2])));
        Assert.Equal(["tagging", "logging", "policy"], Order(none, Of(Denies("s3:PutBucketT?gging"), Blocks[2])));

        // Clearing the flags would open before the policy closes.
        string error = Assert.Throws<CliException>(() => Order(none, Of(Denies("s3:PutBucketPublic*"), Blocks[3]))).Message;
        Assert.StartsWith("policy: it denies everybody s3:PutBucketPublicAccessBlock, which is needed after it", error, StringComparison.Ordinal);
        SettingPlan warned = BucketPlan.Create(Name, SettingsCli.Owner, none, Of(Denies("s3:*", ""","Condition":{"Bool":{"aws:SecureTransport":"false"}}"""), Blocks[3]));
        Assert.Equal(["the policy may deny you s3:PutBucketPublicAccessBlock, and publicAccessBlock is changed after it"], warned.Warnings);

        // The old policy denies what the new one does not: it goes before.
        Dictionary<string, SettingValue?> locked = new(none) { ["policy"] = Denies("s3:PutBucketTagging") };
        Assert.Equal(["policy", "tagging", "logging"], Order(locked, Of(Denies("s3:ListBucket"), Blocks[2])));
        Assert.Equal(["policy", "tagging"], Order(new(none) { ["policy"] = Denies("s3:PutBucketTagging") }, new() { ["policy"] = null, ["tagging"] = tag }));
    }

    [Fact]
    public void Only_what_decides_is_read()
    {
        Assert.Equal(["policy"], BucketPlan.Needs(Name, new Dictionary<string, SettingValue?> { ["policy"] = Policies[2] }));
        Assert.Equal(["policy", "publicAccessBlock"], BucketPlan.Needs(Name, new Dictionary<string, SettingValue?> { ["policy"] = Policies[1] }).Order());
        Assert.Equal(["acl", "ownershipControls", "publicAccessBlock"], BucketPlan.Needs(Name, new Dictionary<string, SettingValue?> { ["acl"] = null }).Order());
    }

    [Fact]
    public void Versions_are_kept_before_new_rules_expire_and_dropped_after_old_ones_ended()
    {
        SettingValue rules = SettingValue.Of(SettingKinds.Find("lifecycle")!, JsonNode.Parse("""{"Rules":[{"ID":"a","Status":"Enabled","Filter":{},"Expiration":{"Days":1}}]}""")!.AsObject())!;
        SettingValue Versions(string status) => SettingValue.Of(SettingKinds.Find("versioning")!, new JsonObject { ["Status"] = status })!;
        Assert.Equal(["versioning", "lifecycle"], Order(Of(null, null), Of(Versions("Enabled"), rules)));
        Assert.Equal(["lifecycle", "versioning"], Order(Of(Versions("Enabled"), rules), Of(Versions("Suspended"), null)));
        Assert.Contains("cannot forget it", Assert.Throws<CliException>(() => Order(Of(Versions("Suspended"), null), Of(null, null))).Message, StringComparison.Ordinal);

        static Dictionary<string, SettingValue?> Of(SettingValue? versioning, SettingValue? lifecycle) => new() { ["versioning"] = versioning, ["lifecycle"] = lifecycle };
    }

    private static IEnumerable<string> Order(Dictionary<string, SettingValue?> now, Dictionary<string, SettingValue?> then) =>
        [.. BucketPlan.Create(Name, SettingsCli.Owner, now, then).Steps.Select(static step => step.Kind.Name)];

    private static SettingValue Value(string setting, string json) => SettingValue.Of(SettingKinds.Find(setting)!, JsonNode.Parse(json)!.AsObject())!;

    private static SettingValue Policy(string statement)
    {
        using JsonDocument document = JsonDocument.Parse($$"""{"Version":"2012-10-17","Statement":[{{statement}}]}""");
        return SettingValue.OfPolicy(document.RootElement);
    }

    private static SettingValue? List(params (string Grantee, string Permission)[] grants) => SettingValue.Of(Acl, new JsonObject
    {
        ["Owner"] = new JsonObject { ["ID"] = SettingsCli.Owner },
        ["Grants"] = new JsonArray([.. grants.Select(static grant => new JsonObject
        {
            ["Grantee"] = grant.Grantee == Everyone ? new JsonObject { ["Type"] = "Group", ["URI"] = Everyone } : new JsonObject { ["Type"] = "CanonicalUser", ["ID"] = grant.Grantee },
            ["Permission"] = grant.Permission,
        })]),
    });

    private static SettingValue? Owned(string ownership) => SettingValue.Of(Ownership, new JsonObject { ["Rules"] = new JsonArray(new JsonObject { ["ObjectOwnership"] = ownership }) });

    private static SettingValue? Flags(params bool[] flags) => SettingValue.Of(Block, new JsonObject
    {
        ["BlockPublicAcls"] = flags[0], ["IgnorePublicAcls"] = flags[1], ["BlockPublicPolicy"] = flags[2], ["RestrictPublicBuckets"] = flags[3],
    });

    /// <summary>What decides about access, and a model of S3's decision for two strangers: anyone, and the organization <c>globex</c>.</summary>
    private sealed record State(SettingValue? Policy, SettingValue? List, SettingValue? Owner, SettingValue? Blocked)
    {
        public bool IsPossible => List is null || !IsDisabled;

        public Dictionary<string, SettingValue?> Settings => new() { ["policy"] = Policy, ["acl"] = List, ["ownershipControls"] = Owner, ["publicAccessBlock"] = Blocked };

        /// <summary>Who may list the bucket, and how: anyone reads, globex reads, globex writes; and whether Bob, who may change the bucket's settings, may publish it.</summary>
        public IEnumerable<string> Allowed
        {
            get
            {
                bool isDenied = Policy?.Text.Contains("Deny", StringComparison.Ordinal) ?? false;
                bool isPublic = Allows("\"Principal\": \"*\""), isRestricted = isPublic && Has(3);
                bool allowsAll = isPublic && !isRestricted, allowsGlobex = (Allows("globex") && !Allows("s3:PutObject") && !isRestricted) || allowsAll;
                bool grantsAll = Grants(Everyone) && !Has(4);
                bool isOpenToAll = !isDenied && (allowsAll || grantsAll);
                return
                [
                    .. isOpenToAll ? (string[])["anyone"] : [],
                    .. isOpenToAll || (!isDenied && (allowsGlobex || Grants(SettingsCli.Other))) ? (string[])["globex"] : [],
                    .. Grants(SettingsCli.Other, "FULL_CONTROL") || (Allows("s3:PutObject") && !isRestricted) ? (string[])["globex-write"] : [],
                    .. Has(1) ? (string[])[] : ["bob-acl"],
                    .. Has(2) ? (string[])[] : ["bob-policy"],
                ];
            }
        }

        /// <summary>Whether what Bob may put, if he may publish in this way, is public already.</summary>
        public bool IsPublished(string probe) => probe == "bob-acl" ? Grants(Everyone) : Allows("\"Principal\": \"*\"");

        private bool IsDisabled => Owner?.Text.Contains("BucketOwnerEnforced", StringComparison.Ordinal) ?? true;

        /// <summary>1: BlockPublicAcls, 4: IgnorePublicAcls, 2: BlockPublicPolicy, 3: RestrictPublicBuckets.</summary>
        public bool Has(int flag) => Blocked is not null && (bool)Blocked.Json![flag switch { 1 => "BlockPublicAcls", 4 => "IgnorePublicAcls", 2 => "BlockPublicPolicy", _ => "RestrictPublicBuckets" }]!;

        public State After(SettingStep step) => step.Kind.Name switch
        {
            "policy" => this with { Policy = step.Value },
            "acl" => this with { List = step.Value },
            "ownershipControls" => this with { Owner = step.Value },
            _ => this with { Blocked = step.Value },
        };

        public bool Refuses(SettingStep step) =>
            (step.Kind.Name == "policy" && Has(2) && (step.Value?.Text.Contains("Allow", StringComparison.Ordinal) ?? false) && step.Value.Text.Contains("\"Principal\": \"*\"", StringComparison.Ordinal))
            || (step.Kind.Name == "acl" && ((step.Value is not null && IsDisabled) || (Has(1) && (step.Value?.Text.Contains(Everyone, StringComparison.Ordinal) ?? false))));

        public override string ToString() => $"[{Policy?.Text} {List?.Text} {Owner?.Text} {Blocked?.Text}]".ReplaceLineEndings("").Replace("  ", "", StringComparison.Ordinal);

        private bool Allows(string principal) => Policy is not null && Policy.Text.Contains("Allow", StringComparison.Ordinal) && Policy.Text.Contains(principal, StringComparison.Ordinal);

        private bool Grants(string grantee, string permission = "") => !IsDisabled && List is not null
            && List.Json!["Grants"]!.AsArray().Any(grant => grant!["Grantee"]!.ToJsonString().Contains(grantee, StringComparison.Ordinal) && ((string)grant["Permission"]!).StartsWith(permission, StringComparison.Ordinal));
    }
}
