using System.Text;
using Tarn.Server.Cli;
using Tarn.Server.Cli.Buckets.Settings;

namespace Tarn.Tests.Cli.BucketSettings;

/// <summary>Answers of servers: what this build does not know is refused, since a file without it would lose it.</summary>
public sealed class SettingXmlTests
{
    private const string Rule = "<ID>a</ID><Status>Enabled</Status><Filter><Prefix>x</Prefix></Filter><Expiration><Days>1</Days></Expiration>";

    private const string Person = "<Owner><ID>x</ID></Owner>";

    [Theory]
    [InlineData("versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")]
    [InlineData("versioning", "<VersioningConfiguration/>")]
    [InlineData("lifecycle", "<LifecycleConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\n <Rule>" + Rule + "</Rule>\n</LifecycleConfiguration>")]
    [InlineData("acl", "<AccessControlPolicy>" + Person + "<AccessControlList/></AccessControlPolicy>")]
    [InlineData("policy", "{}")]
    public void What_is_known_is_read(string setting, string answer) => Read(setting, answer);

    [Theory]
    [InlineData("versioning", "<Tagging/>", "Tagging where VersioningConfiguration is expected")]
    [InlineData("versioning", "<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>", "MfaDelete in VersioningConfiguration")]
    [InlineData("versioning", "<VersioningConfiguration><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>", "MfaDelete in VersioningConfiguration")]
    [InlineData("versioning", "<VersioningConfiguration><Status>Enabled</Status><Status>Suspended</Status></VersioningConfiguration>", "Status twice in VersioningConfiguration")]
    [InlineData("versioning", "<VersioningConfiguration><Status new=\"1\">Enabled</Status></VersioningConfiguration>", "new of Status")]
    [InlineData("versioning", "<VersioningConfiguration>text<Status>Enabled</Status></VersioningConfiguration>", "text in VersioningConfiguration")]
    [InlineData("versioning", "<VersioningConfiguration><Status><A/></Status></VersioningConfiguration>", "A in Status")]
    [InlineData("versioning", "<VersioningConfiguration><Status>\u0085[31m</Status></VersioningConfiguration>", "is none of Enabled, Suspended")]
    [InlineData("versioning", "", "Root element is missing")]
    [InlineData("lifecycle", "<LifecycleConfiguration><Rule>" + Rule + "<Transition/></Rule></LifecycleConfiguration>", "Transition in Rule")]
    [InlineData("lifecycle", "<LifecycleConfiguration/>", "lifecycle.Rules is missing")]
    [InlineData("lifecycle", "<LifecycleConfiguration><Rule><ID>a</ID></Rule></LifecycleConfiguration>", "lifecycle.Rules[0].Status is missing")]
    [InlineData("lifecycle", "<LifecycleConfiguration><Rule><ID>a</ID><Status>Enabled</Status><Expiration><Days>x</Days></Expiration></Rule></LifecycleConfiguration>", "'x' as Days")]
    [InlineData("tagging", "<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>", "tagging.TagSet[0].Value is missing")]
    [InlineData("tagging", "<Tagging><TagSet><Other/></TagSet></Tagging>", "Other in TagSet")]
    [InlineData("tagging", "<Tagging><TagSet/><TagSet/></Tagging>", "TagSet twice in Tagging")]
    [InlineData("ownershipControls", "<OwnershipControls/>", "ownershipControls.Rules is missing")]
    [InlineData("acl", "<AccessControlPolicy><AccessControlList/></AccessControlPolicy>", "acl.Owner is missing")]
    [InlineData("acl", "<AccessControlPolicy>" + Person + "</AccessControlPolicy>", "acl.Grants is missing")]
    [InlineData("acl", "<AccessControlPolicy>" + Person + "<AccessControlList><Grant/></AccessControlList></AccessControlPolicy>", "acl.Grants[0].Grantee is missing")]
    [InlineData("acl", "<AccessControlPolicy>" + Person + "<AccessControlList><Grant><Grantee><ID>x</ID></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>", "Grantee.Type is missing")]
    [InlineData("logging", "<BucketLoggingStatus><LoggingEnabled><TargetBucket>a</TargetBucket></LoggingEnabled></BucketLoggingStatus>", "TargetPrefix is missing")]
    [InlineData("policy", "[]", "a policy is an object")]
    [InlineData("policy", "{", "Expected depth")]
    [InlineData("policy", "{\"Id\":\"\\ud800\"}", "")]
    public void What_is_not_known_or_not_whole_is_refused(string setting, string answer, string expected)
    {
        string error = Assert.Throws<CliException>(() => Read(setting, answer)).Message;
        Assert.StartsWith($"cannot read {setting} of photos: the answer has what this build does not know: ", error, StringComparison.Ordinal);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"LoggingEnabled":{"TargetBucket":" logs ","TargetPrefix":"l/","TargetGrants":[],"TargetObjectKeyFormat":{"SimplePrefix":{}}}}""", """{"LoggingEnabled":{"TargetBucket":"logs","TargetPrefix":"l/"}}""")]
    [InlineData("""{"LoggingEnabled":{"TargetBucket":"logs","TargetPrefix":"l/","TargetObjectKeyFormat":{"PartitionedPrefix":{}}}}""", """{"LoggingEnabled":{"TargetBucket":"logs","TargetPrefix":"l/","TargetObjectKeyFormat":{"PartitionedPrefix":{"PartitionDateSource":"EventTime"}}}}""")]
    public void What_says_the_same_is_the_same(string one, string other) => Assert.Equal(Value(one).Text, Value(other).Text);

    private static SettingValue Value(string json) =>
        SettingValue.Of(SettingKinds.Find("logging")!, System.Text.Json.Nodes.JsonNode.Parse(json)!.AsObject())!;

    private static void Read(string setting, string answer)
    {
        string owner = "";
        BucketState.Read(SettingKinds.Find(setting)!, new S3Reply(200, Encoding.UTF8.GetBytes(answer), new Dictionary<string, string>(), null, null, null), "photos", ref owner);
    }
}
