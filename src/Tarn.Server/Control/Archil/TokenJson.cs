using Tarn.Core.Identity;

namespace Tarn.Server.Control.Archil;

/// <summary>A token to create.</summary>
internal sealed record TokenBody
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for.</summary>
    public string? Description { get; init; }

    /// <summary>The organization it belongs to; null for the requester's.</summary>
    public string? Organization { get; init; }

    /// <summary>The user it belongs to; null for the organization's root user.</summary>
    public string? User { get; init; }
}

/// <summary>A token for the control API.</summary>
internal sealed record TokenView : IIdentified
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for.</summary>
    public string? Description { get; init; }

    /// <summary>What its text ends with.</summary>
    public required string TokenSuffix { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>The organization it belongs to.</summary>
    public required string Organization { get; init; }

    /// <summary>The user it belongs to; absent for the organization's root user.</summary>
    public string? User { get; init; }

    /// <summary>Its text, if it has just been created.</summary>
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

    string IIdentified.Identity => Id;
}

/// <param name="Tokens">One page of them.</param>
/// <param name="NextCursor">Where to continue; absent on the last page.</param>
internal sealed record TokenList(IReadOnlyList<TokenView> Tokens, string? NextCursor);

/// <param name="Message">What was done, for people to read.</param>
internal sealed record MessageView(string Message);
