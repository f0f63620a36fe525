namespace Tarn.Core.Model;

/// <summary>What a grant of an access control list allows. The numbers are persisted. Source: Amazon S3 User Guide, "Access control list (ACL) overview".</summary>
[Flags]
public enum AclPermission : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Of a bucket: list its objects. Of an object: read it.</summary>
    Read = 1,

    /// <summary>Of a bucket: write and delete objects. Objects have no such permission.</summary>
    Write = 2,

    /// <summary>Read the list itself.</summary>
    ReadAcp = 4,

    /// <summary>Write the list itself.</summary>
    WriteAcp = 8,

    /// <summary>All permissions.</summary>
    FullControl = Read | Write | ReadAcp | WriteAcp,
}
