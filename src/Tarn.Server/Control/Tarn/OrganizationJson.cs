using Tarn.Core.Identity;

namespace Tarn.Server.Control.Tarn;

/// <summary>An organization to create.</summary>
internal sealed record OrganizationBody
{
    /// <summary>Its name, unique on the server.</summary>
    public required string Name { get; init; }

    /// <summary>Its canonical user id, 64 hexadecimal digits; null to generate one.</summary>
    public string? CanonicalId { get; init; }

    /// <summary>The name that listings show; null for its name.</summary>
    public string? DisplayName { get; init; }

    /// <summary>An e-mail address, unique on the server, by which access control lists may name it.</summary>
    public string? Email { get; init; }

    /// <summary>The access key id of its root user; null to generate one.</summary>
    public string? AccessKey { get; init; }

    /// <summary>The secret of that access key; null to generate one.</summary>
    public string? SecretKey { get; init; }
}

/// <summary>An organization.</summary>
internal sealed record OrganizationView : IIdentified
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its canonical user id.</summary>
    public required string CanonicalId { get; init; }

    /// <summary>The name that listings show.</summary>
    public required string DisplayName { get; init; }

    /// <summary>Its e-mail address.</summary>
    public string? Email { get; init; }

    /// <summary>ARN of its root user.</summary>
    public required string Arn { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTime Created { get; init; }

    /// <summary>The access key id of its root user, if it has just been created.</summary>
    public string? AccessKey { get; init; }

    /// <summary>The secret of that access key, if it has just been created.</summary>
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

    string IIdentified.Identity => Name;
}

/// <param name="Organizations">One page of them.</param>
/// <param name="NextCursor">Where to continue; absent on the last page.</param>
internal sealed record OrganizationList(IReadOnlyList<OrganizationView> Organizations, string? NextCursor);
