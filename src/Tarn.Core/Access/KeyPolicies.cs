using System.Runtime.CompilerServices;
using System.Text;
using Tarn.Core.Identity;
using Tarn.Core.Policy;
using Tarn.Core.Policy.Documents;

namespace Tarn.Core.Access;

/// <summary>Evaluates the policies of access keys, which must allow what a request does in addition to what allows it to the user.</summary>
public static class KeyPolicies
{
    private static readonly ConditionalWeakTable<KeyPolicy, IdentityPolicy> Kept = [];

    /// <summary>The policy, compiled when it is first needed.</summary>
    internal static IdentityPolicy Of(KeyPolicy policy) => Kept.GetValue(policy, static one => IdentityPolicy.Load(Encoding.UTF8.GetBytes(one.Document)));

    /// <summary>Whether deciding on one of the actions may ask for the tags of the stored object.</summary>
    public static bool NeedsObjectTags(Principal? principal, S3Action action, S3Action? alternative) => principal?.KeyPolicy is { } policy
        && Of(policy) is var compiled && (compiled.NeedsObjectTags(action) || (alternative is { } other && compiled.NeedsObjectTags(other)));

    /// <summary>Whether the requester's key has no policy, or one that could allow the action somewhere.</summary>
    public static bool MightAllow(Principal principal, S3Action action)
    {
        ArgumentNullException.ThrowIfNull(principal);
        return principal.KeyPolicy is not { } policy || Of(policy).MightAllow(action);
    }

    /// <summary>Whether the requester's key has no policy, or one that could allow one of the actions somewhere.</summary>
    public static bool MightAllow(in AccessQuestion question) => question.Principal?.KeyPolicy is not { } policy || PolicyLimit.MightAllow(Of(policy), question);

    /// <summary>The denial by the policy of the requester's key; null when the key has none, or it allows the request.</summary>
    internal static AccessDecision? FindDenial(in AccessQuestion question) =>
        question.Principal?.KeyPolicy is { } policy ? PolicyLimit.FindDenial(Of(policy), AccessGround.KeyPolicy, question) : null;
}
