using Tarn.Core.Identity;

namespace Tarn.Server.Control.Tarn;

/// <summary>What makes an organization.</summary>
internal sealed record OrganizationBody
{
    public required string Name { get; init; }

    public string? CanonicalId { get; init; }

    public string? DisplayName { get; init; }

    public string? Email { get; init; }

    public string? AccessKey { get; init; }

    public string? SecretKey { get; init; }
}

/// <summary>An organization; the key of its root user when it has just been made.</summary>
internal sealed record OrganizationView
{
    public required string Name { get; init; }

    public required string CanonicalId { get; init; }

    public required string DisplayName { get; init; }

    public string? Email { get; init; }

    public required string Arn { get; init; }

    public required DateTime Created { get; init; }

    public string? AccessKey { get; init; }

    public string? SecretKey { get; init; }

    public static OrganizationView Of(Organization organization, NewAccessKey? key = null) => new()
    {
        Name = organization.Name,
        CanonicalId = organization.CanonicalId,
        DisplayName = organization.DisplayName,
        Email = organization.Email,
        Arn = organization.Arn,
        Created = organization.Created.UtcDateTime,
        AccessKey = key?.Key.Id,
        SecretKey = key?.SecretKey,
    };
}

internal sealed record OrganizationList(IReadOnlyList<OrganizationView> Organizations, string? NextCursor);
