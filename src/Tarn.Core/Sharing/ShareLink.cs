namespace Tarn.Core.Sharing;

/// <summary>A link that lets anyone who has it read one file of a disk, or one object, until it expires or is revoked.</summary>
public sealed record ShareLink
{
    /// <summary>32 lower-case hex digits. Not a secret: it opens nothing.</summary>
    public required string Id { get; init; }

    /// <summary>The organization that owns the file or object.</summary>
    public required string Organization { get; init; }

    /// <summary>Its canonical user id when the link was created.</summary>
    public required string OwnerId { get; init; }

    /// <summary>The file or object that it opens.</summary>
    public required ShareTarget Target { get; init; }

    /// <summary>To the second.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it expires, to the second.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>ARN of the creator.</summary>
    public required string CreatedBy { get; init; }

    internal ShareLinkRecord ToRecord() => new()
    {
        Organization = Organization,
        OwnerId = OwnerId,
        Container = Target.Container,
        BucketId = Target.BucketId,
        Key = Target.Key,
        Version = Target.Version,
        Created = Created.ToUnixTimeMilliseconds(),
        Expires = Expires.ToUnixTimeMilliseconds(),
        CreatedBy = CreatedBy,
    };

    internal static ShareLink From(string id, ShareLinkRecord record) => new()
    {
        Id = id,
        Organization = record.Organization,
        OwnerId = record.OwnerId,
        Target = new ShareTarget(record.Container, record.BucketId, record.Key, record.Version),
        Created = DateTimeOffset.FromUnixTimeMilliseconds(record.Created),
        Expires = DateTimeOffset.FromUnixTimeMilliseconds(record.Expires),
        CreatedBy = record.CreatedBy,
    };
}

/// <summary>A link when it is created, the only time that its token is shown.</summary>
public sealed record NewShareLink(ShareLink Link, string Token)
{
    /// <summary>The id alone, so that a log line cannot leak the token.</summary>
    public override string ToString() => Link.Id;
}

/// <summary>The state of a link that a token refers to.</summary>
public enum ShareState
{
    /// <summary>It opens its target.</summary>
    Valid,

    /// <summary>The token is not genuine.</summary>
    Forged,

    /// <summary>The link has expired.</summary>
    Expired,

    /// <summary>The link was revoked, or what it led to is gone.</summary>
    Revoked,
}
