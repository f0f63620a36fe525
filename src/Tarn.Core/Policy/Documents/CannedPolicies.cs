using System.Buffers;
using System.Text;
using System.Text.Json;
using Tarn.Core.Model;

namespace Tarn.Core.Policy.Documents;

/// <summary>
/// Ready-made policies by name, as documents. Each allows work with objects; none allows changing settings of buckets or deleting versions for good.
/// docs/reference/policies.md lists what they allow.
/// </summary>
public static class CannedPolicies
{
    /// <summary>Lists buckets and reads objects.</summary>
    public const string ReadOnly = "read-only";

    /// <summary>Lists, reads, writes and deletes objects.</summary>
    public const string ReadWrite = "read-write";

    /// <summary>Uploads objects, and can neither list nor read them.</summary>
    public const string WriteOnly = "write-only";

    private static readonly string[] ReadBucket =
        ["s3:GetBucketLocation", "s3:GetBucketVersioning", "s3:ListBucket", "s3:ListBucketVersions"];

    private static readonly string[] ReadObject =
    [
        "s3:GetObject", "s3:GetObjectAttributes", "s3:GetObjectTagging", "s3:GetObjectVersion", "s3:GetObjectVersionAttributes", "s3:GetObjectVersionTagging",
    ];

    private static readonly string[] WriteBucket = ["s3:GetBucketLocation"];

    private static readonly string[] WriteObject = ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject", "s3:PutObjectTagging"];

    private static readonly string[] ChangeBucket = ["s3:ListBucketMultipartUploads"];

    private static readonly string[] ChangeObject = ["s3:DeleteObject", "s3:DeleteObjectTagging"];

    /// <summary>The names.</summary>
    public static IReadOnlyList<string> Names { get; } = [ReadOnly, ReadWrite, WriteOnly];

    /// <summary>The policy of an access key; null when there is none of that name.</summary>
    /// <param name="name">Its name, which is the Id of the document.</param>
    /// <param name="buckets">The buckets that it is for; none: all.</param>
    public static string? ForKey(string name, IReadOnlyList<BucketName> buckets)
    {
        ArgumentNullException.ThrowIfNull(buckets);
        if (Actions(name) is not { } actions)
        {
            return null;
        }

        bool all = buckets.Count == 0;
        string[] ofBuckets = all && name != WriteOnly ? ["s3:ListAllMyBuckets", .. actions.Bucket] : actions.Bucket;
        return Document(
            name, null, ofBuckets, all ? ["*"] : [.. buckets.Select(static bucket => Arn(bucket))], actions.Object, all ? ["*"] : [.. buckets.Select(static bucket => Arn(bucket) + "/*")]);
    }

    /// <summary>The policy of a bucket that allows a principal to use it; null when there is none of that name.</summary>
    /// <param name="name">Its name, which is the Id of the document.</param>
    /// <param name="bucket">The bucket.</param>
    /// <param name="principal">The principal's ARN.</param>
    public static string? ForBucket(string name, BucketName bucket, string principal) =>
        Actions(name) is { } actions ? Document(name, principal, actions.Bucket, [Arn(bucket)], actions.Object, [Arn(bucket) + "/*"]) : null;

    private static (string[] Bucket, string[] Object)? Actions(string name) => name switch
    {
        ReadOnly => (ReadBucket, ReadObject),
        WriteOnly => (WriteBucket, WriteObject),
        ReadWrite => ([.. ReadBucket, .. ChangeBucket], [.. ReadObject, .. WriteObject, .. ChangeObject]),
        _ => null,
    };

    private static string Arn(BucketName bucket) => "arn:aws:s3:::" + bucket.Value;

    private static string Document(string id, string? principal, string[] ofBuckets, string[] buckets, string[] ofObjects, string[] objects)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteString("Version", PolicyVersions.Current);
            json.WriteString("Id", id);
            json.WriteStartArray("Statement");
            Statement(json, "Buckets", principal, ofBuckets, buckets);
            Statement(json, "Objects", principal, ofObjects, objects);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    private static void Statement(Utf8JsonWriter json, string sid, string? principal, string[] actions, string[] resources)
    {
        json.WriteStartObject();
        json.WriteString("Sid", sid);
        json.WriteString("Effect", "Allow");
        if (principal is not null)
        {
            json.WriteStartObject("Principal");
            json.WriteString("AWS", principal);
            json.WriteEndObject();
        }

        Texts(json, "Action", actions);
        Texts(json, "Resource", resources);
        json.WriteEndObject();
    }

    private static void Texts(Utf8JsonWriter json, string name, string[] texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }
}
