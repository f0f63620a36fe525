using Tarn.Clients.Harness;
using Tarn.TestKit.Programs;

namespace Tarn.Clients;

/// <summary>Every <c>aws s3api get-…</c> and <c>list-…</c> of a setting, on a new bucket: how the command line handles the answer.</summary>
public sealed class AwsCliSettingsTests(ClientServers servers)
{
    [Theory]
    [InlineData("get-bucket-accelerate-configuration")]
    [InlineData("get-bucket-acl")]
    [InlineData("get-bucket-analytics-configuration", "NoSuchConfiguration", "--id", "x")]
    [InlineData("get-bucket-cors", "NoSuchCORSConfiguration")]
    [InlineData("get-bucket-encryption", "ServerSideEncryptionConfigurationNotFoundError")]
    [InlineData("get-bucket-intelligent-tiering-configuration", "NoSuchConfiguration", "--id", "x")]
    [InlineData("get-bucket-inventory-configuration", "NoSuchConfiguration", "--id", "x")]
    [InlineData("get-bucket-lifecycle-configuration", "NoSuchLifecycleConfiguration")]
    [InlineData("get-bucket-location")]
    [InlineData("get-bucket-logging")]
    [InlineData("get-bucket-metrics-configuration", "NoSuchConfiguration", "--id", "x")]
    [InlineData("get-bucket-notification-configuration")]
    [InlineData("get-bucket-ownership-controls")]
    [InlineData("get-bucket-policy", "NoSuchBucketPolicy")]
    [InlineData("get-bucket-policy-status", "NoSuchBucketPolicy")]
    [InlineData("get-bucket-replication", "ReplicationConfigurationNotFoundError")]
    [InlineData("get-bucket-request-payment")]
    [InlineData("get-bucket-tagging", "NoSuchTagSet")]
    [InlineData("get-bucket-versioning")]
    [InlineData("get-bucket-website", "NoSuchWebsiteConfiguration")]
    [InlineData("get-object-lock-configuration", "ObjectLockConfigurationNotFoundError")]
    [InlineData("get-public-access-block", "NoSuchPublicAccessBlockConfiguration")]
    [InlineData("list-bucket-analytics-configurations")]
    [InlineData("list-bucket-intelligent-tiering-configurations")]
    [InlineData("list-bucket-inventory-configurations")]
    [InlineData("list-bucket-metrics-configurations")]
    [InlineData("list-multipart-uploads")]
    [InlineData("list-object-versions")]
    [InlineData("delete-bucket-encryption")]
    [InlineData("delete-bucket-replication")]
    [InlineData("delete-bucket-website")]
    [InlineData("delete-bucket-inventory-configuration", null, "--id", "x")]
    [InlineData("put-bucket-logging", null, "--bucket-logging-status", "{}")]
    [InlineData("put-bucket-notification-configuration", null, "--notification-configuration", "{}")]
    [InlineData("put-bucket-request-payment", null, "--request-payment-configuration", "Payer=BucketOwner")]
    [InlineData("put-bucket-accelerate-configuration", null, "--accelerate-configuration", "Status=Suspended")]
    [InlineData("put-bucket-accelerate-configuration", "NotImplemented", "--accelerate-configuration", "Status=Enabled")]
    public async Task A_setting_of_a_new_bucket(string command, string? code = null, params string[] arguments)
    {
        foreach (string aws in InstalledPrograms.All("aws"))
        {
            await RunAsync(InstalledPrograms.Need(aws), command, code, arguments);
        }
    }

    private async Task RunAsync(string aws, string command, string? code, string[] arguments)
    {
        using ClientSession session = await ClientSession.OpenAsync(servers, "awscli");
        (await session.Raw.SendAsync(HttpMethod.Put, session.Bucket)).Expect();
        string[] all = ["--endpoint-url", session.Endpoint.Address, "--output", "json", "s3api", command, "--bucket", session.Bucket, .. arguments];
        if (code is null)
        {
            await session.RunAsync(aws, all);
            return;
        }

        ProgramResult result = await session.TryRunAsync(aws, all);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains($"({code})", result.StandardError, StringComparison.Ordinal);
    }
}
