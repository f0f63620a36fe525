using Tarn.Core.Model;

namespace Tarn.Core.Access;

/// <summary>What permissions of lists are called. Source: Amazon S3 API Reference, data type Grant.</summary>
public static class AclPermissionNames
{
    private const string FullControl = "FULL_CONTROL";

    private static readonly (string Name, AclPermission Permission)[] Single =
    [
        ("READ", AclPermission.Read), ("WRITE", AclPermission.Write), ("READ_ACP", AclPermission.ReadAcp), ("WRITE_ACP", AclPermission.WriteAcp),
    ];

    /// <summary>The permission of a name, which is compared as it is written; null when there is none.</summary>
    public static AclPermission? Parse(string? name) => name == FullControl
        ? AclPermission.FullControl
        : Array.Find(Single, known => known.Name == name) is { Name: not null } found ? found.Permission : null;

    /// <summary>The names that say the permission: one, unless it is several that are not full control.</summary>
    public static IEnumerable<string> Of(AclPermission permission) => permission == AclPermission.FullControl
        ? [FullControl]
        : Single.Where(known => permission.HasFlag(known.Permission)).Select(static known => known.Name);
}
