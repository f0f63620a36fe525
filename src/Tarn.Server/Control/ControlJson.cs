using System.Text.Json.Serialization;
using Tarn.Server.Control.Access;
using Tarn.Server.Control.Disks;
using Tarn.Server.Control.Identity;

namespace Tarn.Server.Control;

/// <summary>The JSON of the control API, read and written without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(DiskBody))]
[JsonSerializable(typeof(DiskView))]
[JsonSerializable(typeof(IReadOnlyList<DiskView>))]
[JsonSerializable(typeof(NewDiskView))]
[JsonSerializable(typeof(DiskUserBody))]
[JsonSerializable(typeof(DiskUserView))]
[JsonSerializable(typeof(DiskUserList))]
[JsonSerializable(typeof(AllowedIps))]
[JsonSerializable(typeof(DiskFileSystems))]
[JsonSerializable(typeof(DiskGrowingFiles))]
[JsonSerializable(typeof(ShareBody))]
[JsonSerializable(typeof(ObjectShareBody))]
[JsonSerializable(typeof(NewShareView))]
[JsonSerializable(typeof(ShareView))]
[JsonSerializable(typeof(ShareList))]
[JsonSerializable(typeof(OrganizationBody))]
[JsonSerializable(typeof(OrganizationView))]
[JsonSerializable(typeof(OrganizationList))]
[JsonSerializable(typeof(UserBody))]
[JsonSerializable(typeof(UserView))]
[JsonSerializable(typeof(UserList))]
[JsonSerializable(typeof(AccessKeyBody))]
[JsonSerializable(typeof(RotationBody))]
[JsonSerializable(typeof(AccessKeyView))]
[JsonSerializable(typeof(AccessKeyList))]
[JsonSerializable(typeof(TokenBody))]
[JsonSerializable(typeof(TokenView))]
[JsonSerializable(typeof(TokenList))]
[JsonSerializable(typeof(MessageView))]
[JsonSerializable(typeof(PolicyView))]
[JsonSerializable(typeof(PolicyList))]
[JsonSerializable(typeof(CwKeyBody))]
[JsonSerializable(typeof(CwNewKey))]
[JsonSerializable(typeof(CwKeyInfo))]
[JsonSerializable(typeof(CwKeyRevocation))]
[JsonSerializable(typeof(CwPrincipalRevocation))]
[JsonSerializable(typeof(CwPolicyList))]
[JsonSerializable(typeof(CwDone))]
[JsonSerializable(typeof(CwKeyList))]
[JsonSerializable(typeof(ExplainBody))]
[JsonSerializable(typeof(ExplanationView))]
[JsonSerializable(typeof(PrincipalsBody))]
[JsonSerializable(typeof(MissingView))]
internal sealed partial class ControlJson : JsonSerializerContext;
