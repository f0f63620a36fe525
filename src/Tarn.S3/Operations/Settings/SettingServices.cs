using Tarn.Core;
using Tarn.Core.Buckets;
using Tarn.Core.Identity;
using Tarn.S3.Access;

namespace Tarn.S3.Operations.Settings;

/// <summary>The services that the operations on settings use.</summary>
/// <param name="Buckets">Stores settings.</param>
/// <param name="Targets">Finds the object or file that a setting belongs to.</param>
/// <param name="Acls">Reads, checks and writes access control lists.</param>
/// <param name="Accounts">Finds the organizations that a policy names.</param>
/// <param name="Checks">Decides about permissions that depend on the document.</param>
/// <param name="Denials">Creates refusals and records the reasons.</param>
/// <param name="Random">Creates the ids that a document omits.</param>
internal sealed record SettingServices(
    BucketCatalog Buckets, SettingTargets Targets, AclServices Acls, IAccountDirectory Accounts, AccessChecks Checks, Denials Denials, IRandomSource Random);
