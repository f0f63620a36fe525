using System.Buffers;
using System.CommandLine;
using System.Text.Json;
using Tarn.Core.Access;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.Core.Policy;
using Tarn.Core.Policy.Documents;

namespace Tarn.Server.Cli.Policies;

/// <summary>
/// <c>tarn policy lint</c>: checks a policy as the server would, offline. If a server is named, it is asked whether the principals exist.
/// </summary>
internal static class PolicyLintCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> file = ControlCli.Argument("FILE", "The policy: JSON; - reads standard input.");
        Option<string?> bucket = ControlCli.Text("--bucket", "NAME", "The bucket that the policy is for.");
        Option<string?> org = ControlCli.Text("--org", "ORG", "The organization that the policy is for.");
        return cli.Offline(
            "lint",
            "Check a bucket policy or an organization policy offline; with --endpoint, also check that its principals exist.",
            [file, bucket, org],
            async (parsed, client, output, cancellationToken) =>
            {
                string path = parsed.GetRequiredValue(file);
                Func<byte[], IReadOnlyList<PolicyPrincipal>> check = (parsed.GetValue(bucket), parsed.GetValue(org)) switch
                {
                    ({ } name, null) => document => CheckBucket(document, name),
                    (null, { } organization) => document => OrganizationPolicy.Parse(document, organization).Named,
                    _ => throw new CliException("either --bucket or --org is needed"),
                };
                byte[] policy = await PolicyFile.ReadAsync(path, cancellationToken);
                IReadOnlyList<PolicyPrincipal> named;
                try
                {
                    named = check(policy);
                }
                catch (S3Exception e)
                {
                    throw new CliException($"{path}: {e.Message}", e);
                }

                output.Done("valid", path, client is null || named.Count == 0 ? [] : await FindMissingAsync(client, named, cancellationToken));
            });
    }

    private static IReadOnlyList<PolicyPrincipal> CheckBucket(byte[] document, string bucket)
    {
        if (!BucketName.TryParse(bucket, out BucketName name))
        {
            throw new CliException($"--bucket: '{bucket}' is not the name of a bucket");
        }

        if (document.Length > BucketPolicy.MaxBytes)
        {
            throw new CliException($"the policy has more than {BucketPolicy.MaxBytes} bytes");
        }

        return BucketPolicy.Parse(document, name).Named;
    }

    private static async Task<IReadOnlyList<string>> FindMissingAsync(
        ControlClient client, IReadOnlyList<PolicyPrincipal> named, CancellationToken cancellationToken)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("principals");
            foreach (PolicyPrincipal principal in named)
            {
                writer.WriteStringValue(principal.ToString());
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        JsonElement answer;
        try
        {
            answer = await client.SendAsync(
                HttpMethod.Post, ControlClient.Path("api", "access", "missing-principals"), body.WrittenSpan.ToArray(), cancellationToken);
        }
        catch (CliException e)
        {
            // The policy is valid either way.
            return [$"Whether the principals exist could not be checked: {e.Message}"];
        }

        string[] missing = [.. answer.GetProperty("missing").EnumerateArray().Select(static name => name.GetString() ?? "")];
        return missing.Length == 0 ? [] : [MissingPrincipals.Warning(missing)];
    }
}
