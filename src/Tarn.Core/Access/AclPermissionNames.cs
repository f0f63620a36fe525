using Tarn.Core.Model;

namespace Tarn.Core.Access;

/// <summary>The names of permissions in access control lists. Source: Amazon S3 API Reference, data type Grant.</summary>
public static class AclPermissionNames
{
    private const string FullControl = "FULL_CONTROL";

    private static readonly (string Name, AclPermission Permission)[] Single =
    [
        ("READ", AclPermission.Read), ("WRITE", AclPermission.Write), ("READ_ACP", AclPermission.ReadAcp), ("WRITE_ACP", AclPermission.WriteAcp),
    ];

    /// <summary>Parses a name, case-sensitively; null when it is unknown.</summary>
    public static AclPermission? Parse(string? name) => name == FullControl
        ? AclPermission.FullControl
        : Array.Find(Single, known => known.Name == name) is { Name: not null } found ? found.Permission : null;

    /// <summary>The names of a permission: one, unless it combines several that are not full control.</summary>
    public static IEnumerable<string> Of(AclPermission permission) => permission == AclPermission.FullControl
        ? [FullControl]
        : Single.Where(known => permission.HasFlag(known.Permission)).Select(static known => known.Name);
}
