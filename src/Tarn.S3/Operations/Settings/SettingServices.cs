using Tarn.Core;
using Tarn.Core.Buckets;
using Tarn.Core.Identity;
using Tarn.Core.Objects.Reading;
using Tarn.S3.Access;
using Tarn.S3.Operations.Disks;

namespace Tarn.S3.Operations.Settings;

/// <summary>The services that the operations on settings use.</summary>
/// <param name="Buckets">Stores settings.</param>
/// <param name="Objects">Finds the object that a setting belongs to.</param>
/// <param name="Files">Finds the file of a disk that a setting belongs to.</param>
/// <param name="Acls">Reads access control lists.</param>
/// <param name="AclXml">Writes access control lists.</param>
/// <param name="Uploads">Refuses public lists where they are blocked.</param>
/// <param name="Accounts">Finds the organizations that a policy names.</param>
/// <param name="Denials">Creates refusals and records the reasons.</param>
/// <param name="Random">Creates the ids that a document omits.</param>
internal sealed record SettingServices(
    BucketCatalog Buckets, ObjectReader Objects, DiskObject Files, AclRequest Acls, AclXml AclXml, UploadAccess Uploads,
    IAccountDirectory Accounts, Denials Denials, IRandomSource Random);
