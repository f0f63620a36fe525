using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Policy.Decisions;

namespace Tarn.Core.Policy.Documents;

/// <summary>
/// An organization's access policy, compiled. Source: CoreWeave AI Object Storage, "Organization access policies" (version v1alpha1).
/// </summary>
public sealed class OrganizationPolicy
{
    /// <summary>The maximum size of an organization policy, in bytes of JSON.</summary>
    public const int MaxBytes = 20 * 1024;

    private readonly StatementList _statements;

    private OrganizationPolicy(string name, StatementList statements)
    {
        Name = name;
        _statements = statements;
    }

    /// <summary>Unique within the organization.</summary>
    public string Name { get; }

    /// <summary>The users that it names. Groups are left out: a group exists once it has a user.</summary>
    public IReadOnlyList<PolicyPrincipal> Named => _statements.Named;

    /// <summary>Reads a policy that is being put: <c>{"policy": {…}}</c>, or what is inside alone.</summary>
    /// <param name="organizationId">
    /// The organization that owns the policy. Statements apply to its own principals, except that a Deny of everyone applies to everyone.
    /// </param>
    /// <exception cref="S3Exception">MalformedPolicy, naming the element.</exception>
    public static OrganizationPolicy Parse(ReadOnlyMemory<byte> json, string organizationId)
    {
        OrganizationPolicy policy = Read(json, organizationId);
        PutRules.ThrowIfBroken(policy._statements.Statements, "statements");
        return policy;
    }

    /// <summary>
    /// Reads a stored policy, without the checks of a new one. An unreadable policy denies everything, so that no mistake opens a bucket.
    /// </summary>
    public static OrganizationPolicy Load(ReadOnlyMemory<byte> json, string name, string organizationId)
    {
        try
        {
            return Read(json, organizationId);
        }
        catch (S3Exception)
        {
            return new OrganizationPolicy(name, StatementList.DenyAll(BucketPolicy.UnreadableSid));
        }
    }

    /// <summary>Whether some request of the principal for the action could be allowed.</summary>
    public bool MightAllow(S3Action action, Principal? principal) => _statements.MightAllow(action, principal);

    /// <summary>Evaluates a request by this policy alone.</summary>
    public PolicyVerdict Evaluate(in PolicyRequest request) => _statements.Evaluate(request, Name);

    private static OrganizationPolicy Read(ReadOnlyMemory<byte> json, string organizationId)
    {
        (string name, Statement[] statements) = OrganizationPolicyParser.Parse(json, organizationId);
        return new OrganizationPolicy(name, new StatementList(statements));
    }
}
