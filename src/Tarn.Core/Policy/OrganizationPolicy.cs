using Tarn.Core.Errors;

namespace Tarn.Core.Policy;

/// <summary>
/// An organization's access policy, ready to be asked. Source: CoreWeave AI Object Storage, "Organization access policies" (version v1alpha1).
/// </summary>
public sealed class OrganizationPolicy
{
    /// <summary>Bytes of JSON that an organization policy may have.</summary>
    public const int MaxBytes = 20 * 1024;

    /// <summary>What the organization knows it by; one policy for each name.</summary>
    public string Name { get; private init; } = "";

    /// <summary>Reads a policy that is being put: <c>{"policy": {…}}</c>, or what is inside alone.</summary>
    /// <param name="organizationId">The organization whose policy it is: its statements are about its own principals, except that a Deny of everyone is about everyone.</param>
    /// <exception cref="S3Exception">MalformedPolicy, naming the element.</exception>
    public static OrganizationPolicy Parse(ReadOnlyMemory<byte> json, string organizationId) =>
        throw new S3Exception(S3Error.MalformedPolicy);

    /// <summary>Reads a policy back from storage. What cannot be read denies everything, so that no mistake opens a bucket.</summary>
    public static OrganizationPolicy Load(ReadOnlyMemory<byte> json, string name, string organizationId) => Parse(json, organizationId);

    private readonly PolicyVerdict _verdict = PolicyVerdict.NoMatch;

    public PolicyVerdict Evaluate(in PolicyRequest request) => _verdict;
}
