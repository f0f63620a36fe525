using Tarn.Core.Identity;

namespace Tarn.Core.Policy;

/// <summary>The question that a policy answers: may this principal perform this action on this resource?</summary>
/// <param name="Action">Permission that the operation needs.</param>
/// <param name="Bucket">The bucket's name; empty for a listing of buckets.</param>
/// <param name="Key">The object's key in bytes as stored; empty when the bucket itself is meant.</param>
/// <param name="Principal">Null for an anonymous request.</param>
/// <param name="Conditions">The rest of the request, asked for as statements need it.</param>
public readonly record struct PolicyRequest(
    S3Action Action, string Bucket, ReadOnlyMemory<byte> Key, Principal? Principal, IConditionSource Conditions)
{
    /// <summary>Whether a permission counts only where its statement names the principal itself: neither everyone nor its organization.</summary>
    public bool NamesPrincipal { get; init; }

    /// <summary>Shared by all decisions about one request; null gives this decision a budget of its own.</summary>
    public DecisionScope? Scope { get; init; }
}
