using System.Text.Json.Nodes;

namespace Tarn.Server.Cli.Buckets.Settings;

/// <summary>What is asked about access control lists and public access blocks of a file.</summary>
internal static class SettingAcl
{
    private const string Full = "FULL_CONTROL";

    /// <summary>The flags of a public access block.</summary>
    public static readonly string[] Flags = [SettingKinds.BlockAcls, SettingKinds.IgnoreAcls, SettingKinds.BlockPolicy, SettingKinds.RestrictBuckets];

    /// <summary>Ownership controls of a bucket whose access control lists have an effect.</summary>
    public static SettingValue TakesAcls => SettingValue.Of(
        SettingKinds.Find(SettingKinds.Ownership)!, new JsonObject { ["Rules"] = new JsonArray(new JsonObject { ["ObjectOwnership"] = "ObjectWriter" }) })!;

    /// <summary>Whether only the owner has access, with full control: the list of a bucket that has none.</summary>
    public static bool IsPrivate(JsonObject acl) =>
        acl["Grants"]!.AsArray() is [{ } only] && Permission(only) == Full && (string?)only["Grantee"]!["ID"] == Owner(acl);

    /// <summary>The canonical user id of the owner.</summary>
    public static string Owner(JsonObject acl) => (string)acl["Owner"]!["ID"]!;

    /// <summary>Whether anyone, or anyone who signs, is granted something.</summary>
    public static bool IsPublic(SettingValue? acl) => acl?.Json!["Grants"]!.AsArray().Any(static grant =>
        (string?)grant!["Grantee"]!["URI"] is { } uri && (uri.EndsWith("/AllUsers", StringComparison.Ordinal) || uri.EndsWith("/AuthenticatedUsers", StringComparison.Ordinal))) ?? false;

    /// <summary>The grants, each once.</summary>
    public static JsonArray Distinct(IEnumerable<JsonNode?> grants) =>
        [.. grants.DistinctBy(static grant => grant!.ToJsonString(), StringComparer.Ordinal).Select(static grant => grant!.DeepClone())];

    /// <summary>A list that grants what both do. Null stands for the owner's full control, in what is given and what is returned.</summary>
    public static SettingValue? Common(SettingValue? one, SettingValue? other, string owner)
    {
        JsonArray first = Grants(one, owner), second = Grants(other, owner);
        JsonArray common = Distinct(first.Where(grant => Covers(second, grant!)).Concat(second.Where(grant => Covers(first, grant!))));
        return SettingValue.Of(
            SettingKinds.Find(SettingKinds.Acl)!, new JsonObject { ["Owner"] = new JsonObject { ["ID"] = owner }, ["Grants"] = common });
    }

    /// <summary>Whether a flag of a public access block is on.</summary>
    public static bool Has(SettingValue? block, string flag) => block is not null && (bool)block.Json![flag]!;

    /// <summary>A public access block with these flags.</summary>
    public static SettingValue? Block(Func<string, bool> flag) => SettingValue.Of(
        SettingKinds.Find(SettingKinds.PublicAccessBlock)!,
        new JsonObject(Flags.Select(name => KeyValuePair.Create(name, (JsonNode?)flag(name)))));

    /// <summary>Whether access control lists have no effect.</summary>
    /// <param name="ownership">The ownership controls; null, where there are none, is as S3's default.</param>
    public static bool AreDisabled(SettingValue? ownership) =>
        ownership is null || (string?)ownership.Json!["Rules"]![0]!["ObjectOwnership"] == "BucketOwnerEnforced";

    private static bool Covers(JsonArray grants, JsonNode grant) => grants.Any(other =>
        JsonNode.DeepEquals(other!["Grantee"], grant["Grantee"]) && (Permission(other!) == Full || Permission(other!) == Permission(grant)));

    private static string? Permission(JsonNode grant) => (string?)grant["Permission"];

    private static JsonArray Grants(SettingValue? acl, string owner) => acl?.Json!["Grants"]!.AsArray()
        ?? [new JsonObject { ["Grantee"] = new JsonObject { ["Type"] = "CanonicalUser", ["ID"] = owner }, ["Permission"] = Full }];
}
