using System.CommandLine;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.Core.Policy;

namespace Tarn.Server.Cli;

/// <summary><c>tarn policy lint</c>: reads a policy as the server would, without one.</summary>
internal static class PolicyLintCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> file = ControlCli.Argument("FILE", "The policy: JSON; - reads standard input.");
        Option<string?> bucket = ControlCli.Text("--bucket", "NAME", "The bucket that the policy is for.");
        Option<string?> org = ControlCli.Text("--org", "ORG", "The organization that the policy is for.");
        return cli.Offline(
            "lint",
            "Check a policy of a bucket or of an organization, without a server.",
            [file, bucket, org],
            async (parsed, output, cancellationToken) =>
            {
                string path = parsed.GetRequiredValue(file);
                Action<byte[]> check = (parsed.GetValue(bucket), parsed.GetValue(org)) switch
                {
                    ({ } name, null) => document => CheckBucket(document, name),
                    (null, { } organization) => document => OrganizationPolicy.Parse(document, organization),
                    _ => throw new CliException("either --bucket or --org is needed"),
                };
                byte[] policy = await PolicyFile.ReadAsync(path, cancellationToken);
                try
                {
                    check(policy);
                }
                catch (S3Exception e)
                {
                    throw new CliException($"{path}: {e.Message}", e);
                }

                output.Done("valid", path);
            });
    }

    private static void CheckBucket(byte[] document, string bucket)
    {
        if (!BucketName.TryParse(bucket, out BucketName name))
        {
            throw new CliException($"--bucket: '{bucket}' is not the name of a bucket");
        }

        if (document.Length > BucketPolicy.MaxBytes)
        {
            throw new CliException($"the policy has more than {BucketPolicy.MaxBytes} bytes");
        }

        BucketPolicy.Parse(document, name);
    }
}
