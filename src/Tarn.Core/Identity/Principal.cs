namespace Tarn.Core.Identity;

/// <summary>Who a request acts as: the owner of what it creates and the subject of every policy decision. Null for an anonymous request.</summary>
/// <param name="OwnerId">Canonical user id of the organization: 64 lower-case hex digits.</param>
/// <param name="DisplayName">Name shown beside the canonical id in listings and ACLs.</param>
/// <param name="AccessKeyId">The access key that signed the request.</param>
public sealed record Principal(string OwnerId, string DisplayName, string AccessKeyId)
{
    /// <summary>The organization's id, which policies name: <c>aws:PrincipalOrgID</c> and the account of ARNs.</summary>
    public string OrganizationId { get; init; } = "";

    /// <summary>The user's name within the organization; null for the organization's root user.</summary>
    public string? UserName { get; init; }

    /// <summary>What <c>aws:userid</c> is: never used again, unlike a name. For a root user the organization's id.</summary>
    public string UserId { get; init; } = "";

    /// <summary>The groups that the user is in, which organization policies name.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>The only disk that the access key gives access to; null for a key of object buckets.</summary>
    public string? DiskScope { get; init; }

    /// <summary>
    /// Whether it was authenticated by a token of the control API instead of a signature: it may then only read disks of its organization.
    /// </summary>
    public bool HoldsToken { get; init; }

    /// <summary>The root user may do everything in the organization's own buckets.</summary>
    public bool IsRoot => UserName is null && DiskScope is null;

    /// <summary><c>arn:aws:iam::ORGANIZATION:root</c> or <c>arn:aws:iam::ORGANIZATION:user/NAME</c>.</summary>
    public string Arn => UserName is null ? $"arn:aws:iam::{OrganizationId}:root" : $"arn:aws:iam::{OrganizationId}:user/{UserName}";
}
