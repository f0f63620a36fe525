using Tarn.Core.Identity;

namespace Tarn.Server.Control.Tarn;

/// <summary>What makes a user.</summary>
internal sealed record UserBody
{
    public required string Name { get; init; }

    public string? UserId { get; init; }

    public string? DisplayName { get; init; }

    public string? Email { get; init; }

    public IReadOnlyList<string>? Groups { get; init; }

    public string? AccessKey { get; init; }

    public string? SecretKey { get; init; }
}

/// <summary>A user; its key when it has just been made.</summary>
internal sealed record UserView
{
    public required string Organization { get; init; }

    public required string Name { get; init; }

    public required string UserId { get; init; }

    public required string DisplayName { get; init; }

    public string? Email { get; init; }

    public required IReadOnlyList<string> Groups { get; init; }

    public required string Arn { get; init; }

    public required DateTime Created { get; init; }

    public string? AccessKey { get; init; }

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
}

internal sealed record UserList(IReadOnlyList<UserView> Users, string? NextCursor);
