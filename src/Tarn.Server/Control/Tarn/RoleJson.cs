using System.Text.Json;
using Tarn.Core.Identity;

namespace Tarn.Server.Control.Tarn;

/// <summary>A role to create.</summary>
internal sealed record RoleBody
{
    /// <summary>Its name, unique in the organization.</summary>
    public required string Name { get; init; }

    /// <summary>The name of the issuer whose tokens assume it.</summary>
    public required string Issuer { get; init; }

    /// <summary>The audiences of which a token must have one; null for those of the issuer.</summary>
    public IReadOnlyList<string>? Audiences { get; init; }

    /// <summary>
    /// What the claims of a token must be, as the Condition of a policy with names of claims: <c>{"StringLike":{"sub":"system:serviceaccount:data:*"}}</c>.
    /// </summary>
    public required JsonElement Conditions { get; init; }

    /// <summary>Policies of the form that AWS has for roles, without principals: what its sessions may do with the organization's buckets.</summary>
    public IReadOnlyList<JsonElement>? Policies { get; init; }

    /// <summary>The longest session, in seconds: 900 to 43200; null for 3600.</summary>
    public int? MaxSessionSeconds { get; init; }
}

/// <summary>A role.</summary>
internal sealed record RoleView : IIdentified
{
    /// <summary>The organization it belongs to.</summary>
    public required string Organization { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its unique id.</summary>
    public required string RoleId { get; init; }

    /// <summary>Its ARN, for AssumeRoleWithWebIdentity and for policies.</summary>
    public required string Arn { get; init; }

    /// <summary>The name of the issuer whose tokens assume it.</summary>
    public required string Issuer { get; init; }

    /// <summary>The audiences of which a token must have one; empty for those of the issuer.</summary>
    public required IReadOnlyList<string> Audiences { get; init; }

    /// <summary>What the claims of a token must be.</summary>
    public required JsonElement Conditions { get; init; }

    /// <summary>Its policies.</summary>
    public required IReadOnlyList<JsonElement> Policies { get; init; }

    /// <summary>The longest session, in seconds.</summary>
    public required int MaxSessionSeconds { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTime Created { get; init; }

    string IIdentified.Identity => RoleId;

    public static RoleView Of(IdentityRole role) => new()
    {
        Organization = role.Organization,
        Name = role.Name,
        RoleId = role.Id,
        Arn = role.Arn,
        Issuer = role.Issuer,
        Audiences = role.Audiences,
        Conditions = PolicyDocuments.Json(role.Conditions),
        Policies = [.. role.Policies.Select(PolicyDocuments.Json)],
        MaxSessionSeconds = role.MaxSessionSeconds,
        Created = role.Created.UtcDateTime,
    };
}

/// <param name="Roles">One page of them.</param>
/// <param name="NextCursor">Where to continue; absent on the last page.</param>
internal sealed record RoleList(IReadOnlyList<RoleView> Roles, string? NextCursor);
