using System.Text.Json;
using Tarn.Core.Identity;

namespace Tarn.Server.Control.Tarn;

/// <summary>An organization's policy: its document as it was put.</summary>
internal sealed record PolicyView
{
    public required string Name { get; init; }

    public required string Organization { get; init; }

    public required DateTime Created { get; init; }

    public required DateTime Updated { get; init; }

    public required JsonElement Policy { get; init; }

    /// <summary>What is probably a mistake in a policy that was put; null when nothing is.</summary>
    public IReadOnlyList<string>? Warnings { get; init; }

    public static PolicyView Of(StoredPolicy policy)
    {
        using JsonDocument document = JsonDocument.Parse(policy.Document);
        return new PolicyView
        {
            Name = policy.Name,
            Organization = policy.Organization,
            Created = policy.Created.UtcDateTime,
            Updated = policy.Updated.UtcDateTime,
            Policy = document.RootElement.Clone(),
        };
    }
}

internal sealed record PolicyList(IReadOnlyList<PolicyView> Policies);
