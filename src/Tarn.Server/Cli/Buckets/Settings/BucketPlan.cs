using Tarn.Core.Model;

namespace Tarn.Server.Cli.Buckets.Settings;

/// <summary>One request that changes a setting.</summary>
/// <param name="Kind">The setting.</param>
/// <param name="Value">What it becomes; null: it is removed.</param>
internal sealed record SettingStep(SettingKind Kind, SettingValue? Value);

/// <summary>What an apply does.</summary>
/// <param name="Steps">The requests, in order.</param>
/// <param name="Warnings">What may keep some of them from being done.</param>
internal sealed record SettingPlan(IReadOnlyList<SettingStep> Steps, IReadOnlyList<string> Warnings);

/// <summary>
/// The requests that make settings what a file says, in an order in which nothing is ever allowed in between that neither the settings before nor those after allow,
/// and nothing expires that both keep. What closes comes before what is not about access, and what opens after it: a request that fails leaves no door open behind it.
/// </summary>
internal static class BucketPlan
{
    /// <summary>The settings that have to be known to apply these: themselves, and those that decide whether and in which order they can be put.</summary>
    public static IReadOnlySet<string> Needs(BucketName bucket, IReadOnlyDictionary<string, SettingValue?> wanted)
    {
        var needed = wanted.Keys.ToHashSet(StringComparer.Ordinal);
        if (wanted.ContainsKey(SettingKinds.Acl) || wanted.ContainsKey(SettingKinds.Ownership))
        {
            needed.UnionWith([SettingKinds.Acl, SettingKinds.Ownership, SettingKinds.PublicAccessBlock]);
        }

        if (wanted.GetValueOrDefault(SettingKinds.Policy)?.IsPublicPolicy(bucket) ?? false)
        {
            needed.Add(SettingKinds.PublicAccessBlock);
        }

        return needed;
    }

    /// <param name="bucket">The bucket.</param>
    /// <param name="owner">Canonical user id of its owner.</param>
    /// <param name="now">Its settings, at least those of <see cref="Needs"/>; null: not set.</param>
    /// <param name="wanted">Those that are to be so; others are left alone.</param>
    /// <exception cref="CliException">The server would refuse a step: the settings contradict each other, S3 cannot undo one, or the new policy denies a later one.</exception>
    public static SettingPlan Create(
        BucketName bucket, string owner, IReadOnlyDictionary<string, SettingValue?> now, IReadOnlyDictionary<string, SettingValue?> wanted)
    {
        var steps = new List<SettingStep>();
        SettingValue? Now(string name) => now.GetValueOrDefault(name);
        SettingValue? Then(string name) => wanted.TryGetValue(name, out SettingValue? value) ? value : Now(name);
        bool Changes(string name) => !Equals(Now(name), Then(name));
        void Step(string name, SettingValue? value) => steps.Add(new SettingStep(SettingKinds.Find(name)!, value));
        void Change(string name)
        {
            if (Changes(name))
            {
                Step(name, Then(name));
            }
        }

        ThrowIfRefused(bucket, owner, Now, Then, Changes);
        const string acl = SettingKinds.Acl, ownership = SettingKinds.Ownership, policy = SettingKinds.Policy, versioning = SettingKinds.Versioning;

        // What closes.
        bool wasDisabled = SettingAcl.AreDisabled(Now(ownership)), isDisabled = SettingAcl.AreDisabled(Then(ownership));
        SettingValue? granted = Now(acl);
        if (!wasDisabled && Changes(acl))
        {
            SettingValue? common = isDisabled ? null : SettingAcl.Common(Now(acl), Then(acl), owner);
            if (!Equals(common, granted))
            {
                granted = common;
                Step(acl, granted);
            }
        }

        if (isDisabled || !wasDisabled)
        {
            Change(ownership);
        }

        int closed = steps.Count;

        // Versions are kept before a policy can let anybody new delete, and before new rules expire them, and no longer kept after old rules ended.
        bool keeps = Then(versioning)?.Text.Contains("Enabled", StringComparison.Ordinal) ?? false;
        if (keeps)
        {
            Change(versioning);
        }

        int others = steps.Count;
        foreach (string other in (string[])["lifecycle", "tagging", "cors", "logging"])
        {
            Change(other);
        }

        if (!keeps)
        {
            Change(versioning);
        }

        // A policy that closes comes before what is not about access, unless it denies whoever applies it one of these; one that only opens comes after, unless the old one denies one.
        SettingValue? old = Now(policy), next = Then(policy);
        if (Changes(policy))
        {
            bool Hinders(SettingValue? before, SettingValue? after) => steps.Skip(closed).Any(step => SettingPolicy.Denies(before, after, ActionOf(step), bucket.Value));
            bool closes = SettingPolicy.Closes(old, next) || (IsPublic(bucket, next) && SettingAcl.Has(Then(SettingKinds.PublicAccessBlock), SettingKinds.RestrictBuckets));
            bool isLate = closes ? Hinders(old, next) : !Hinders(next, old);
            steps.Insert(isLate ? steps.Count : SettingPolicy.Closes(next, old) ? others : closed, new SettingStep(SettingKinds.Find(policy)!, next));
        }

        // What opens.
        if (wasDisabled && !isDisabled)
        {
            Change(ownership);
        }

        if (!Equals(granted, Then(acl)))
        {
            Step(acl, Then(acl));
        }

        IReadOnlyList<SettingStep> all = Changes(SettingKinds.PublicAccessBlock)
            ? WithFlags(steps, bucket, Now(SettingKinds.PublicAccessBlock), Then(SettingKinds.PublicAccessBlock)) : steps;
        return new SettingPlan(all, Hindered(all, old, bucket));
    }

    /// <summary>The steps with those of the public access block: a flag is raised first, or after the last step that it would refuse, and cleared last, or before the first one.</summary>
    private static List<SettingStep> WithFlags(List<SettingStep> steps, BucketName bucket, SettingValue? before, SettingValue? after)
    {
        var all = new List<SettingStep>();
        HashSet<string> on = [.. SettingAcl.Flags.Where(flag => SettingAcl.Has(before, flag))], then = [.. SettingAcl.Flags.Where(flag => SettingAcl.Has(after, flag))];
        string[] rising = [.. then.Except(on)], falling = [.. on.Except(then)];
        SettingValue? current = before;
        void Set(bool isLast)
        {
            if (isLast ? !Equals(current, after) : !on.SetEquals(SettingAcl.Flags.Where(flag => SettingAcl.Has(current, flag))))
            {
                current = on.SetEquals(then) ? after : SettingAcl.Block(on.Contains);
                all.Add(new SettingStep(SettingKinds.Find(SettingKinds.PublicAccessBlock)!, current));
            }
        }

        on.UnionWith(rising.Where(flag => !steps.Any(step => IsRefused(step, flag, bucket))));
        Set(isLast: false);
        for (int i = 0; i < steps.Count; i++)
        {
            on.ExceptWith(falling.Where(flag => IsRefused(steps[i], flag, bucket)));
            Set(isLast: false);
            all.Add(steps[i]);
            on.UnionWith(rising.Where(flag => steps.FindLastIndex(step => IsRefused(step, flag, bucket)) == i));
            Set(isLast: false);
        }

        on.IntersectWith(then);
        Set(isLast: true);
        return all;
    }

    private static bool IsRefused(SettingStep step, string flag, BucketName bucket) => flag switch
    {
        SettingKinds.BlockAcls => step.Kind.Name == SettingKinds.Acl && SettingAcl.IsPublic(step.Value),
        SettingKinds.BlockPolicy => step.Kind.Name == SettingKinds.Policy && IsPublic(bucket, step.Value),
        _ => false,
    };

    /// <summary>Warns of steps that the policy of an earlier one may deny to whoever applies them.</summary>
    /// <exception cref="CliException">It denies one to everybody.</exception>
    private static string[] Hindered(IReadOnlyList<SettingStep> steps, SettingValue? old, BucketName bucket)
    {
        SettingStep? put = steps.FirstOrDefault(static step => step.Kind.Name == SettingKinds.Policy);
        if (put is null)
        {
            return [];
        }

        SettingStep[] denied = [.. steps.SkipWhile(step => step != put).Skip(1).Where(step => SettingPolicy.Denies(old, put.Value, ActionOf(step), bucket.Value))];
        if (Array.Find(denied, step => SettingPolicy.Denies(old, put.Value, ActionOf(step), bucket.Value, always: true)) is { } never)
        {
            throw new CliException($"policy: it denies everybody {ActionOf(never)}, which is needed after it: what opens the bucket comes last ({never.Kind.Name}). Apply that without the policy, and then the policy");
        }

        return [.. denied.Select(step => $"the policy may deny you {ActionOf(step)}, and {step.Kind.Name} is changed after it").Distinct()];
    }

    private static string ActionOf(SettingStep step) => step.Value is null ? step.Kind.ActionToRemove : step.Kind.Action;

    private static bool IsPublic(BucketName bucket, SettingValue? policy) => policy?.IsPublicPolicy(bucket) ?? false;

    private static void ThrowIfRefused(BucketName bucket, string owner, Func<string, SettingValue?> now, Func<string, SettingValue?> then, Func<string, bool> changes)
    {
        const string acl = SettingKinds.Acl, block = SettingKinds.PublicAccessBlock;
        if (then(SettingKinds.Versioning) is null && now(SettingKinds.Versioning) is not null)
        {
            throw new CliException("versioning: a bucket that kept versions cannot forget it: suspend it with {\"Status\": \"Suspended\"}");
        }

        if (then(acl) is { } list)
        {
            if (SettingAcl.Owner(list.Json!) != owner)
            {
                throw new CliException($"acl: it is of a bucket of another owner ({SettingAcl.Owner(list.Json!)}; this one's is {owner})");
            }

            if ((changes(acl) || changes(SettingKinds.Ownership)) && SettingAcl.AreDisabled(then(SettingKinds.Ownership)))
            {
                throw new CliException("acl: its grants would have no effect with the ownershipControls BucketOwnerEnforced, which are also those of a bucket without any: leave one of them out, or change it");
            }

            if (changes(acl) && SettingAcl.IsPublic(list) && SettingAcl.Has(now(block), SettingKinds.BlockAcls) && SettingAcl.Has(then(block), SettingKinds.BlockAcls))
            {
                throw new CliException("acl: it is public, and the bucket has BlockPublicAcls");
            }
        }

        if (changes(SettingKinds.Policy) && SettingAcl.Has(now(block), SettingKinds.BlockPolicy) && SettingAcl.Has(then(block), SettingKinds.BlockPolicy)
            && IsPublic(bucket, then(SettingKinds.Policy)))
        {
            throw new CliException("policy: it is public, and the bucket has BlockPublicPolicy");
        }
    }
}
