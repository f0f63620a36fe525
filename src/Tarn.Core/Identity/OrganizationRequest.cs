namespace Tarn.Core.Identity;

/// <summary>The properties of a new organization.</summary>
public sealed record OrganizationRequest
{
    /// <summary>Unique on the server: <see cref="IdentityRules.Name"/>.</summary>
    public required string Name { get; init; }

    /// <summary>Null: one is generated.</summary>
    public string? CanonicalId { get; init; }

    /// <summary>Null: the name.</summary>
    public string? DisplayName { get; init; }

    /// <summary>Null: none.</summary>
    public string? Email { get; init; }

    /// <summary>The root user's key.</summary>
    public AccessKeyRequest Key { get; init; } = new();
}
