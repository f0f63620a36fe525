namespace Tarn.Core.Model;

/// <summary>The kinds of grantees. The numbers are persisted.</summary>
public enum GranteeKind : byte
{
    /// <summary>One organization, by its canonical user id.</summary>
    CanonicalUser = 1,

    /// <summary>Everyone, anonymous requests included.</summary>
    AllUsers = 2,

    /// <summary>All authenticated requesters.</summary>
    AuthenticatedUsers = 3,

    /// <summary>Amazon's log delivery group. No requester belongs to it here; it is kept so that lists that name it can be read back.</summary>
    LogDelivery = 4,
}

/// <summary>The grantee of a grant: one organization or a group.</summary>
/// <param name="Kind">A single organization or a group.</param>
/// <param name="Id">The canonical user id; empty for groups.</param>
public readonly record struct Grantee(GranteeKind Kind, string Id)
{
    private const string GroupPrefix = "http://acs.amazonaws.com/groups/";

    /// <summary>Everyone, anonymous requests included.</summary>
    public static readonly Grantee AllUsers = new(GranteeKind.AllUsers, "");

    /// <summary>All authenticated requesters.</summary>
    public static readonly Grantee AuthenticatedUsers = new(GranteeKind.AuthenticatedUsers, "");

    /// <summary>Amazon's log delivery group.</summary>
    public static readonly Grantee LogDelivery = new(GranteeKind.LogDelivery, "");

    /// <summary>The URI of a group in requests and responses; null for a single organization.</summary>
    public string? Uri => Kind switch
    {
        GranteeKind.AllUsers => GroupPrefix + "global/AllUsers",
        GranteeKind.AuthenticatedUsers => GroupPrefix + "global/AuthenticatedUsers",
        GranteeKind.LogDelivery => GroupPrefix + "s3/LogDelivery",
        _ => null,
    };

    /// <summary>Whether the grantee is public in the sense of public access blocks.</summary>
    public bool IsPublic => Kind is GranteeKind.AllUsers or GranteeKind.AuthenticatedUsers;

    /// <summary>Creates the grantee for a canonical user id.</summary>
    public static Grantee Canonical(string id) => new(GranteeKind.CanonicalUser, id);

    /// <summary>Finds the group with a URI; null when there is none.</summary>
    public static Grantee? FromUri(string uri) => uri switch
    {
        GroupPrefix + "global/AllUsers" => AllUsers,
        GroupPrefix + "global/AuthenticatedUsers" => AuthenticatedUsers,
        GroupPrefix + "s3/LogDelivery" => LogDelivery,
        _ => null,
    };
}

/// <summary>One grant of an access control list.</summary>
/// <param name="Grantee">Who is granted the permission.</param>
/// <param name="Permission">One permission, or all of them.</param>
public readonly record struct Grant(Grantee Grantee, AclPermission Permission);
