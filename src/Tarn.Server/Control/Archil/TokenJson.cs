using Tarn.Core.Identity;

namespace Tarn.Server.Control.Archil;

/// <summary>What makes a token.</summary>
internal sealed record TokenBody
{
    public required string Name { get; init; }

    public string? Description { get; init; }

    /// <summary>Null: the requester's.</summary>
    public string? Organization { get; init; }

    /// <summary>Null: the organization's root user.</summary>
    public string? User { get; init; }
}

/// <summary>A token; its text when it has just been made.</summary>
internal sealed record TokenView
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public string? Description { get; init; }

    public required string TokenSuffix { get; init; }

    public required DateTime CreatedAt { get; init; }

    public required string Organization { get; init; }

    public string? User { get; init; }

    public string? Token { get; init; }

    public static TokenView Of(ApiToken token, string? text = null) => new()
    {
        Id = token.Id,
        Name = token.Name,
        Description = token.Description,
        TokenSuffix = token.Suffix,
        CreatedAt = token.Created.UtcDateTime,
        Organization = token.Organization,
        User = token.User,
        Token = text,
    };
}

internal sealed record TokenList(IReadOnlyList<TokenView> Tokens, string? NextCursor);

internal sealed record MessageView(string Message);
