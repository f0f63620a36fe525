using System.Text.Json;
using Tarn.Core.Identity;

namespace Tarn.Server.Control.Tarn;

/// <summary>A policy of an organization.</summary>
internal sealed record PolicyView
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The organization it belongs to.</summary>
    public required string Organization { get; init; }

    /// <summary>When it was first put.</summary>
    public required DateTime Created { get; init; }

    /// <summary>When it was last put.</summary>
    public required DateTime Updated { get; init; }

    /// <summary>The document as it was put.</summary>
    public required JsonElement Policy { get; init; }

    /// <summary>Probable mistakes in a policy that was just put; absent if there are none.</summary>
    public IReadOnlyList<string>? Warnings { get; init; }

    public static PolicyView Of(StoredPolicy policy) => new()
    {
        Name = policy.Name,
        Organization = policy.Organization,
        Created = policy.Created.UtcDateTime,
        Updated = policy.Updated.UtcDateTime,
        Policy = PolicyDocuments.Json(policy.Document),
    };
}

/// <param name="Policies">All of them.</param>
internal sealed record PolicyList(IReadOnlyList<PolicyView> Policies);
