using Tarn.Core;
using Tarn.Core.Buckets;
using Tarn.Core.Identity;
using Tarn.Core.Objects.Reading;
using Tarn.S3.Access;
using Tarn.S3.Operations.Disks;

namespace Tarn.S3.Operations.Settings;

/// <summary>What the operations on settings act on.</summary>
/// <param name="Buckets">Stores settings.</param>
/// <param name="Objects">Finds the object that a setting is of.</param>
/// <param name="Files">Finds the file of a disk that a setting is of.</param>
/// <param name="Acls">Reads access control lists.</param>
/// <param name="AclXml">Writes access control lists.</param>
/// <param name="Uploads">Refuses lists that are blocked.</param>
/// <param name="Accounts">Organizations that a policy names.</param>
/// <param name="Denials">Refuses, and keeps why.</param>
/// <param name="Random">Makes ids that a document leaves out.</param>
internal sealed record SettingServices(
    BucketCatalog Buckets, ObjectReader Objects, DiskObject Files, AclRequest Acls, AclXml AclXml, UploadAccess Uploads,
    IAccountDirectory Accounts, Denials Denials, IRandomSource Random);
