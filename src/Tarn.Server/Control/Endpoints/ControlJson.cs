using System.Text.Json;
using System.Text.Json.Serialization;
using Tarn.Server.Control.Archil;
using Tarn.Server.Control.CoreWeave;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Control.Endpoints;

/// <summary>The JSON of the control API, read and written without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(DiskBody))]
[JsonSerializable(typeof(Envelope<DiskView>))]
[JsonSerializable(typeof(Envelope<IReadOnlyList<DiskView>>))]
[JsonSerializable(typeof(Envelope<NewDiskView>))]
[JsonSerializable(typeof(DiskUserBody))]
[JsonSerializable(typeof(Envelope<DiskUserView>))]
[JsonSerializable(typeof(Envelope<DiskUserList>))]
[JsonSerializable(typeof(Envelope<AllowedIps>))]
[JsonSerializable(typeof(AllowedIps))]
[JsonSerializable(typeof(Envelope<DiskFileSystems>))]
[JsonSerializable(typeof(Envelope<DiskGrowingFiles>))]
[JsonSerializable(typeof(DiskGrowingFiles))]
[JsonSerializable(typeof(ShareBody))]
[JsonSerializable(typeof(ObjectShareBody))]
[JsonSerializable(typeof(Envelope<NewShareView>))]
[JsonSerializable(typeof(Envelope<ShareList>))]
[JsonSerializable(typeof(OrganizationBody))]
[JsonSerializable(typeof(Envelope<OrganizationView>))]
[JsonSerializable(typeof(Envelope<OrganizationList>))]
[JsonSerializable(typeof(UserBody))]
[JsonSerializable(typeof(Envelope<UserView>))]
[JsonSerializable(typeof(Envelope<UserList>))]
[JsonSerializable(typeof(AccessKeyBody))]
[JsonSerializable(typeof(RotationBody))]
[JsonSerializable(typeof(Envelope<AccessKeyView>))]
[JsonSerializable(typeof(Envelope<AccessKeyList>))]
[JsonSerializable(typeof(TokenBody))]
[JsonSerializable(typeof(Envelope<TokenView>))]
[JsonSerializable(typeof(Envelope<TokenList>))]
[JsonSerializable(typeof(Envelope<MessageView>))]
[JsonSerializable(typeof(Envelope<PolicyView>))]
[JsonSerializable(typeof(Envelope<PolicyList>))]
[JsonSerializable(typeof(CwKeyBody))]
[JsonSerializable(typeof(CwNewKey))]
[JsonSerializable(typeof(CwKeyInfo))]
[JsonSerializable(typeof(CwKeyRevocation))]
[JsonSerializable(typeof(CwPrincipalRevocation))]
[JsonSerializable(typeof(CwPolicyList))]
[JsonSerializable(typeof(CwDone))]
[JsonSerializable(typeof(CwKeyList))]
[JsonSerializable(typeof(ExplainBody))]
[JsonSerializable(typeof(Envelope<ExplanationView>))]
[JsonSerializable(typeof(PrincipalsBody))]
[JsonSerializable(typeof(Envelope<MissingView>))]
[JsonSerializable(typeof(Envelope<ExplainedRequestView>))]
[JsonSerializable(typeof(Envelope<ScrubView>))]
[JsonSerializable(typeof(Envelope<ScrubReport>))]
[JsonSerializable(typeof(Envelope<BucketList>))]
[JsonSerializable(typeof(Envelope<BucketView>))]
[JsonSerializable(typeof(Envelope<SampleList>))]
[JsonSerializable(typeof(Envelope<RequestList>))]
[JsonSerializable(typeof(Envelope<RateList>))]
[JsonSerializable(typeof(Envelope<DamagedList>))]
[JsonSerializable(typeof(DropBody))]
[JsonSerializable(typeof(Envelope<OrphanList>))]
[JsonSerializable(typeof(Envelope<OrphanDropView>))]
[JsonSerializable(typeof(BackupBody))]
[JsonSerializable(typeof(BackupVerifyBody))]
[JsonSerializable(typeof(Envelope<BackupJobView>))]
[JsonSerializable(typeof(Envelope<BackupList>))]
[JsonSerializable(typeof(BackupReportView))]
[JsonSerializable(typeof(Envelope<MirrorView>))]
[JsonSerializable(typeof(Acknowledgement))]
[JsonSerializable(typeof(Failure))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(int))]
internal sealed partial class ControlJson : JsonSerializerContext;
