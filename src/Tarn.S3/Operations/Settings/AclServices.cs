using Tarn.S3.Access;

namespace Tarn.S3.Operations.Settings;

/// <summary>The services for access control lists.</summary>
/// <param name="Requests">Reads lists.</param>
/// <param name="Xml">Writes lists.</param>
/// <param name="Uploads">Refuses public lists where they are blocked.</param>
internal sealed record AclServices(AclRequest Requests, AclXml Xml, UploadAccess Uploads);
