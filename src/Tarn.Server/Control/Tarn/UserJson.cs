using Tarn.Core.Identity;

namespace Tarn.Server.Control.Tarn;

/// <summary>A user to create.</summary>
internal sealed record UserBody
{
    /// <summary>Its name, unique in the organization.</summary>
    public required string Name { get; init; }

    /// <summary>Its unique id; null to generate one. Only the server's root user may choose it.</summary>
    public string? UserId { get; init; }

    /// <summary>The name that people see; null for its name.</summary>
    public string? DisplayName { get; init; }

    /// <summary>Its e-mail address.</summary>
    public string? Email { get; init; }

    /// <summary>The groups that it belongs to.</summary>
    public IReadOnlyList<string>? Groups { get; init; }

    /// <summary>Its access key id; null to generate one.</summary>
    public string? AccessKey { get; init; }

    /// <summary>The secret of that access key; null to generate one.</summary>
    public string? SecretKey { get; init; }
}

/// <summary>A user.</summary>
internal sealed record UserView : IIdentified
{
    /// <summary>The organization it belongs to.</summary>
    public required string Organization { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its unique id.</summary>
    public required string UserId { get; init; }

    /// <summary>The name that people see.</summary>
    public required string DisplayName { get; init; }

    /// <summary>Its e-mail address.</summary>
    public string? Email { get; init; }

    /// <summary>The groups that it belongs to.</summary>
    public required IReadOnlyList<string> Groups { get; init; }

    /// <summary>Its ARN.</summary>
    public required string Arn { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTime Created { get; init; }

    /// <summary>Its access key id, if it has just been created.</summary>
    public string? AccessKey { get; init; }

    /// <summary>The secret of that access key, if it has just been created.</summary>
    public string? SecretKey { get; init; }

    public static UserView Of(User user, NewAccessKey? key = null) => new()
    {
        Organization = user.Organization,
        Name = user.Name,
        UserId = user.UserId,
        DisplayName = user.DisplayName,
        Email = user.Email,
        Groups = user.Groups,
        Arn = user.Arn,
        Created = user.Created.UtcDateTime,
        AccessKey = key?.Key.Id,
        SecretKey = key?.SecretKey,
    };

    string IIdentified.Identity => UserId;
}

/// <param name="Users">One page of them.</param>
/// <param name="NextCursor">Where to continue; absent on the last page.</param>
internal sealed record UserList(IReadOnlyList<UserView> Users, string? NextCursor);
