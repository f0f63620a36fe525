using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Policy.Decisions;

namespace Tarn.Core.Policy.Documents;

/// <summary>
/// The policy of one bucket, ready to be asked. Its text is what is stored and returned; this is derived from it, and immutable.
/// Source: Amazon S3 User Guide, "Bucket policies".
/// </summary>
public sealed class BucketPolicy
{
    /// <summary>Bytes of JSON that a bucket policy may have.</summary>
    public const int MaxBytes = 20 * 1024;

    /// <summary>What a statement that stands for an unreadable policy is called.</summary>
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

    /// <summary>Whether it lets in just about anybody. Source: Amazon S3 User Guide, "Blocking public access", "The meaning of public".</summary>
    public bool IsPublic { get; }

    /// <summary>
    /// Whether a user put it as the bucket's first without having a permission to. It gives nobody the means to publish what is in the
    /// bucket: who has no permission to do it by a policy is not to do it by what a policy gives him.
    /// </summary>
    public bool PutWithoutPermission { get; }

    /// <summary>Everybody whom it names.</summary>
    public IReadOnlyList<PolicyPrincipal> Named => _statements.Named;

    /// <summary>Whether everything it allows it allows principals of one organization only.</summary>
    /// <param name="organizationId">The organization's id.</param>
    /// <param name="canonicalId">Its canonical user id.</param>
    public bool AllowsOnly(string organizationId, string canonicalId) =>
        _statements.Statements.All(statement => statement.IsDeny || statement.IsWithin(organizationId, canonicalId));

    /// <summary>Reads a policy that is being put.</summary>
    /// <param name="json">The body as sent.</param>
    /// <param name="bucket">The bucket it is put on; all of its resources must be in it.</param>
    /// <exception cref="S3Exception">MalformedPolicy, naming the element.</exception>
    public static BucketPolicy Parse(ReadOnlyMemory<byte> json, BucketName bucket)
    {
        BucketPolicy policy = Read(json, bucket);
        PutRules.ThrowIfBroken(policy._statements.Statements, "Statement");
        return policy;
    }

    /// <summary>Reads a policy back from storage, whatever is refused of one that is put now. What cannot be read denies everything, so that no mistake opens a bucket.</summary>
    /// <param name="json">Its text.</param>
    /// <param name="bucket">The bucket it is of.</param>
    /// <param name="putWithoutPermission">As <see cref="PutWithoutPermission"/> has it.</param>
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
    /// Whether deciding on the action may ask for <see cref="ConditionKey.ExistingObjectTag"/>: then read the object's tags first.
    /// </summary>
    public bool NeedsObjectTags(S3Action action) => _statements.NeedsObjectTags(action);

    /// <summary>Whether some request for the action by who asks could be allowed: what is false needs no closer look.</summary>
    public bool MightAllow(S3Action action, Principal? principal) => _statements.MightAllow(action, principal);

    /// <summary>Decides, by this policy alone. Pure: the same request gets the same answer.</summary>
    public PolicyVerdict Evaluate(in PolicyRequest request) => _statements.Evaluate(request, Id);

    private static BucketPolicy Read(ReadOnlyMemory<byte> json, BucketName bucket, bool putWithoutPermission = false)
    {
        (string? id, Statement[] statements) = BucketPolicyParser.Parse(json, bucket);
        return new BucketPolicy(id, new StatementList(statements), putWithoutPermission);
    }
}
