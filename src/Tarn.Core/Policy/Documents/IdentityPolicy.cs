using Tarn.Core.Errors;
using Tarn.Core.Policy.Decisions;

namespace Tarn.Core.Policy.Documents;

/// <summary>
/// A policy of an identity, here of an access key, a role or a session, compiled: the grammar of bucket policies without principals, about any bucket.
/// Source: IAM User Guide, "Grammar of the IAM JSON policy language", identity-based policies.
/// </summary>
public sealed class IdentityPolicy
{
    /// <summary>The maximum size of a policy, in bytes of JSON: that of a managed policy of AWS.</summary>
    public const int MaxBytes = 6 * 1024;

    private readonly StatementList _statements;

    private IdentityPolicy(string? id, StatementList statements)
    {
        Id = id;
        _statements = statements;
    }

    /// <summary>The Id element, or null.</summary>
    public string? Id { get; }

    /// <summary>Whether it was stored and cannot be read, so that it denies everything.</summary>
    public bool IsUnreadable { get; private init; }

    /// <summary>Reads a policy that is being put.</summary>
    /// <exception cref="S3Exception">MalformedPolicy, naming the element.</exception>
    public static IdentityPolicy Parse(ReadOnlyMemory<byte> json)
    {
        IdentityPolicy policy = Read(json);
        PutRules.ThrowIfBroken(policy._statements.Statements, "Statement");
        return policy;
    }

    /// <summary>
    /// Reads a stored policy, without the checks of a new one. An unreadable policy denies everything, so that no mistake lets a key do more.
    /// </summary>
    public static IdentityPolicy Load(ReadOnlyMemory<byte> json)
    {
        try
        {
            return Read(json);
        }
        catch (S3Exception)
        {
            return new IdentityPolicy(null, StatementList.DenyAll(BucketPolicy.UnreadableSid)) { IsUnreadable = true };
        }
    }

    /// <summary>
    /// Whether deciding on the action may ask for <see cref="ConditionKey.ExistingObjectTag"/>: if so, the object's tags must be read first.
    /// </summary>
    public bool NeedsObjectTags(S3Action action) => _statements.NeedsObjectTags(action);

    /// <summary>Whether some request for the action could be allowed.</summary>
    public bool MightAllow(S3Action action) => _statements.MightAllow(action, principal: null);

    /// <summary>Evaluates a request by this policy alone. Pure.</summary>
    public PolicyVerdict Evaluate(in PolicyRequest request) => _statements.Evaluate(request, Id);

    private static IdentityPolicy Read(ReadOnlyMemory<byte> json)
    {
        (string? id, Statement[] statements) = IdentityPolicyParser.Parse(json);
        return new IdentityPolicy(id, new StatementList(statements));
    }
}
