using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Policy.Decisions;

namespace Tarn.Core.Policy.Documents;

/// <summary>
/// The policy of one bucket, compiled from its text, which is what is stored and returned. Immutable.
/// Source: Amazon S3 User Guide, "Bucket policies".
/// </summary>
public sealed class BucketPolicy
{
    /// <summary>The maximum size of a bucket policy, in bytes of JSON.</summary>
    public const int MaxBytes = 20 * 1024;

    /// <summary>The Sid of the statement that stands in for an unreadable policy.</summary>
    public const string UnreadableSid = "unreadable policy";

    private readonly StatementList _statements;

    private BucketPolicy(string? id, StatementList statements, bool putWithoutPermission = false)
    {
        Id = id;
        PutWithoutPermission = putWithoutPermission;
        _statements = statements;
        IsPublic = PublicAccess.IsPublic(statements.Statements);
    }

    /// <summary>The Id element, or null.</summary>
    public string? Id { get; }

    /// <summary>Whether it is public. Source: Amazon S3 User Guide, "Blocking public access", "The meaning of public".</summary>
    public bool IsPublic { get; }

    /// <summary>
    /// Whether a user put it as the bucket's first policy without a permission to. Such a policy cannot grant actions that publish what is in the
    /// bucket: otherwise a user without permission could grant it to themselves.
    /// </summary>
    public bool PutWithoutPermission { get; }

    /// <summary>Every principal that it names.</summary>
    public IReadOnlyList<PolicyPrincipal> Named => _statements.Named;

    /// <summary>Whether it allows only principals of one organization.</summary>
    /// <param name="organizationId">The organization's id.</param>
    /// <param name="canonicalId">Its canonical user id.</param>
    public bool AllowsOnly(string organizationId, string canonicalId) =>
        _statements.Statements.All(statement => statement.IsDeny || statement.IsWithin(organizationId, canonicalId));

    /// <summary>Reads a policy that is being put.</summary>
    /// <param name="json">The body as sent.</param>
    /// <param name="bucket">The bucket; all resources in the policy must be in it.</param>
    /// <exception cref="S3Exception">MalformedPolicy, naming the element.</exception>
    public static BucketPolicy Parse(ReadOnlyMemory<byte> json, BucketName bucket)
    {
        BucketPolicy policy = Read(json, bucket);
        PutRules.ThrowIfBroken(policy._statements.Statements, "Statement");
        return policy;
    }

    /// <summary>
    /// Reads a stored policy, without the checks of a new one. An unreadable policy denies everything, so that no mistake opens a bucket.
    /// </summary>
    /// <param name="json">Its text.</param>
    /// <param name="bucket">The policy's bucket.</param>
    /// <param name="putWithoutPermission">See <see cref="PutWithoutPermission"/>.</param>
    public static BucketPolicy Load(ReadOnlyMemory<byte> json, BucketName bucket, bool putWithoutPermission = false)
    {
        try
        {
            return Read(json, bucket, putWithoutPermission);
        }
        catch (S3Exception)
        {
            return new BucketPolicy(null, StatementList.DenyAll(UnreadableSid));
        }
    }

    /// <summary>
    /// Whether deciding on the action may ask for <see cref="ConditionKey.ExistingObjectTag"/>: if so, the object's tags must be read first.
    /// </summary>
    public bool NeedsObjectTags(S3Action action) => _statements.NeedsObjectTags(action);

    /// <summary>Whether some request of the principal for the action could be allowed; if not, no evaluation is needed.</summary>
    public bool MightAllow(S3Action action, Principal? principal) => _statements.MightAllow(action, principal);

    /// <summary>Evaluates a request by this policy alone. Pure.</summary>
    public PolicyVerdict Evaluate(in PolicyRequest request) => _statements.Evaluate(request, Id);

    private static BucketPolicy Read(ReadOnlyMemory<byte> json, BucketName bucket, bool putWithoutPermission = false)
    {
        (string? id, Statement[] statements) = BucketPolicyParser.Parse(json, bucket);
        return new BucketPolicy(id, new StatementList(statements), putWithoutPermission);
    }
}
