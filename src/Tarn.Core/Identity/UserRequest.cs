namespace Tarn.Core.Identity;

/// <summary>The properties of a new user.</summary>
public sealed record UserRequest
{
    /// <summary>Unique in the organization: <see cref="IdentityRules.Name"/>.</summary>
    public required string Name { get; init; }

    /// <summary>Null: one is generated.</summary>
    public string? UserId { get; init; }

    /// <summary>Null: the name.</summary>
    public string? DisplayName { get; init; }

    /// <summary>Null: none.</summary>
    public string? Email { get; init; }

    /// <summary>The groups that the user is in.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>The user's first access key.</summary>
    public AccessKeyRequest Key { get; init; } = new();
}
