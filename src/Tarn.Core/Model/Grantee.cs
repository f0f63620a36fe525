namespace Tarn.Core.Model;

/// <summary>What kind of grantee a grant names. The numbers are persisted.</summary>
public enum GranteeKind : byte
{
    /// <summary>One organization, by its canonical user id.</summary>
    CanonicalUser = 1,

    /// <summary>Everyone, anonymous requests included.</summary>
    AllUsers = 2,

    /// <summary>Everyone who signs requests.</summary>
    AuthenticatedUsers = 3,

    /// <summary>Amazon's log delivery, which nobody is here: kept so that lists that name it can be read back.</summary>
    LogDelivery = 4,
}

/// <summary>Whom a grant names.</summary>
/// <param name="Kind">A single organization or a group.</param>
/// <param name="Id">The canonical user id; empty for groups.</param>
public readonly record struct Grantee(GranteeKind Kind, string Id)
{
    private const string GroupPrefix = "http://acs.amazonaws.com/groups/";

    public static readonly Grantee AllUsers = new(GranteeKind.AllUsers, "");
    public static readonly Grantee AuthenticatedUsers = new(GranteeKind.AuthenticatedUsers, "");
    public static readonly Grantee LogDelivery = new(GranteeKind.LogDelivery, "");

    /// <summary>The URI that requests and answers name a group by; null for a single organization.</summary>
    public string? Uri => Kind switch
    {
        GranteeKind.AllUsers => GroupPrefix + "global/AllUsers",
        GranteeKind.AuthenticatedUsers => GroupPrefix + "global/AuthenticatedUsers",
        GranteeKind.LogDelivery => GroupPrefix + "s3/LogDelivery",
        _ => null,
    };

    /// <summary>Whether the grantee is the world: what public access blocks speak of.</summary>
    public bool IsPublic => Kind is GranteeKind.AllUsers or GranteeKind.AuthenticatedUsers;

    public static Grantee Canonical(string id) => new(GranteeKind.CanonicalUser, id);

    /// <summary>The group with this URI; null when there is none.</summary>
    public static Grantee? FromUri(string uri) => uri switch
    {
        GroupPrefix + "global/AllUsers" => AllUsers,
        GroupPrefix + "global/AuthenticatedUsers" => AuthenticatedUsers,
        GroupPrefix + "s3/LogDelivery" => LogDelivery,
        _ => null,
    };
}

/// <summary>One line of an access control list.</summary>
/// <param name="Permission">One permission, or all of them.</param>
public readonly record struct Grant(Grantee Grantee, AclPermission Permission);
