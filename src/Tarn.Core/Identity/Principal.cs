namespace Tarn.Core.Identity;

/// <summary>Who a request acts as: the owner of what it creates and the subject of every policy decision.</summary>
/// <param name="OwnerId">Canonical user id of the organisation: 64 lower-case hex digits.</param>
/// <param name="DisplayName">Name shown beside the canonical id in listings and ACLs.</param>
/// <param name="AccessKeyId">The access key that signed the request.</param>
public sealed record Principal(string OwnerId, string DisplayName, string AccessKeyId);
