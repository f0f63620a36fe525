using System.Text.Json;
using Tarn.Core.Applications;
using Tarn.Core.Policy.Documents;

namespace Tarn.Server.Control.Tarn;

/// <summary>An application to create.</summary>
internal sealed record ApplicationBody
{
    /// <summary>Its name, which its user gets.</summary>
    public required string Name { get; init; }

    /// <summary>The organization it belongs to; null for the requester's.</summary>
    public string? Organization { get; init; }

    /// <summary>The name of its bucket, which is created; null for its own name.</summary>
    public string? Bucket { get; init; }

    /// <summary>What it may do with the bucket: <c>read-write</c>, <c>read-only</c> or <c>write-only</c>; null for read-write.</summary>
    public string? Access { get; init; }

    /// <summary>The URL by which it reaches S3, for the snippets; null for the one that the server is configured with.</summary>
    public string? EndpointUrl { get; init; }
}

/// <summary>An application that was just created.</summary>
internal sealed record ApplicationView : IIdentified
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The organization it belongs to.</summary>
    public required string Organization { get; init; }

    /// <summary>The ARN of its user.</summary>
    public required string User { get; init; }

    /// <summary>Its bucket.</summary>
    public required string Bucket { get; init; }

    /// <summary>The policy of the bucket, which lets the user use it.</summary>
    public required JsonElement Policy { get; init; }

    /// <summary>The access key id of its user.</summary>
    public required string AccessKey { get; init; }

    /// <summary>The secret of that key, shown this once.</summary>
    public required string SecretKey { get; init; }

    /// <summary>The URL by which it reaches S3.</summary>
    public required string EndpointUrl { get; init; }

    /// <summary>The server's region.</summary>
    public required string Region { get; init; }

    /// <summary>What to paste into programs. Contains the secret.</summary>
    public required SnippetsView Snippets { get; init; }

    public static ApplicationView Of(NewApplication made, string access, string endpoint, string region) => new()
    {
        Name = made.User.Name,
        Organization = made.User.Organization,
        User = made.User.Arn,
        Bucket = made.Bucket.Name.Value,
        Policy = PolicyDocuments.Json(made.Policy),
        AccessKey = made.Key.Key.Id,
        SecretKey = made.Key.SecretKey,
        EndpointUrl = endpoint,
        Region = region,
        Snippets = SnippetsView.Of(access, endpoint, region, made.Bucket.Name.Value, made.Key.Key.Id, made.Key.SecretKey),
    };

    string IIdentified.Identity => AccessKey;
}

/// <summary>What to paste into programs to use a bucket.</summary>
internal sealed record SnippetsView
{
    /// <summary>Shell commands for the AWS CLI.</summary>
    public required string Aws { get; init; }

    /// <summary>Python for boto3.</summary>
    public required string Boto3 { get; init; }

    /// <summary>A section of rclone's configuration file; absent for an application that only writes, since rclone lists and reads what it writes.</summary>
    public string? Rclone { get; init; }

    /// <summary>Shell commands for restic; absent for an application that only writes.</summary>
    public string? Restic { get; init; }

    /// <summary>JavaScript for the AWS SDK, version 3.</summary>
    public required string JavaScript { get; init; }

    /// <summary>Creates them, with examples of what the application may do. No value may need more than single quotes in a shell, or any escape in a program's text.</summary>
    public static SnippetsView Of(string access, string endpoint, string region, string bucket, string accessKey, string secretKey)
    {
        bool reads = access != CannedPolicies.WriteOnly, writes = access != CannedPolicies.ReadOnly;
        return new SnippetsView
        {
            Aws = $"""
                export AWS_ACCESS_KEY_ID={accessKey}
                export AWS_SECRET_ACCESS_KEY={secretKey}
                export AWS_DEFAULT_REGION={region}
                aws --endpoint-url '{endpoint}' s3 cp {(writes ? $"FILE s3://{bucket}/" : $"s3://{bucket}/FILE .")}

                """,
            Boto3 = $$"""
                import boto3
                from botocore.config import Config

                s3 = boto3.client(
                    "s3",
                    endpoint_url="{{endpoint}}",
                    region_name="{{region}}",
                    aws_access_key_id="{{accessKey}}",
                    aws_secret_access_key="{{secretKey}}",
                    config=Config(s3={"addressing_style": "path"}),
                )
                {{(writes ? $"""s3.upload_file("FILE", "{bucket}", "FILE")""" : $"""s3.download_file("{bucket}", "FILE", "FILE")""")}}

                """,
            Rclone = !reads ? null : $"""
                [{bucket}]
                type = s3
                provider = Other
                access_key_id = {accessKey}
                secret_access_key = {secretKey}
                region = {region}
                endpoint = {endpoint}
                force_path_style = true
                no_check_bucket = true

                """,
            Restic = !reads ? null : $"""
                export AWS_ACCESS_KEY_ID={accessKey}
                export AWS_SECRET_ACCESS_KEY={secretKey}
                export AWS_DEFAULT_REGION={region}
                export RESTIC_REPOSITORY='s3:{endpoint}/{bucket}'
                restic {(writes ? "init" : "--no-lock snapshots")}

                """,
            JavaScript = $$"""
                import { S3Client, {{(writes ? "PutObjectCommand" : "GetObjectCommand")}} } from "@aws-sdk/client-s3";

                const s3 = new S3Client({
                  endpoint: "{{endpoint}}",
                  region: "{{region}}",
                  forcePathStyle: true,
                  credentials: { accessKeyId: "{{accessKey}}", secretAccessKey: "{{secretKey}}" },
                });
                {{(writes
                    ? $$"""await s3.send(new PutObjectCommand({ Bucket: "{{bucket}}", Key: "hello.txt", Body: "hello" }));"""
                    : $$"""const { Body } = await s3.send(new GetObjectCommand({ Bucket: "{{bucket}}", Key: "hello.txt" }));""")}}

                """,
        };
    }

    /// <summary>The snippets of an answer with their titles, for people.</summary>
    public static IEnumerable<(string Title, string Text)> Titled(JsonElement snippets) =>
        from one in ((string Title, string Member)[])[("AWS CLI", "aws"), ("Python (boto3)", "boto3"), ("rclone", "rclone"), ("restic", "restic"), ("JavaScript", "javaScript")]
        where snippets.TryGetProperty(one.Member, out _)
        select (one.Title, snippets.GetProperty(one.Member).GetString()!);
}
