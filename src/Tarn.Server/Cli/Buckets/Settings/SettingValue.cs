using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.Core.Policy.Documents;
using Tarn.S3.Operations.Settings;

namespace Tarn.Server.Cli.Buckets.Settings;

/// <summary>A setting in the one form that it has: two are the same if their texts are.</summary>
internal sealed class SettingValue : IEquatable<SettingValue>
{
    private static readonly JsonWriterOptions Format = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private (BucketName Bucket, bool IsPublic)? _public;

    private SettingValue(JsonObject? json, string text)
    {
        Json = json;
        Text = text;
    }

    /// <summary>Its members; null for a policy.</summary>
    public JsonObject? Json { get; }

    /// <summary>JSON, a line for each member.</summary>
    public string Text { get; }

    /// <summary>The setting that these members are; null where they say that it is not set.</summary>
    /// <exception cref="S3Exception">A server would refuse it.</exception>
    public static SettingValue? Of(SettingKind kind, JsonObject json)
    {
        SettingMember root = kind.Root!;
        JsonObject read = (JsonObject)json.DeepClone();
        if (SettingDocuments.Normalize(kind.Name, SettingXml.Write(root, read)) is not { } document)
        {
            return null;
        }

        Dictionary<string, string> headers = SettingXml.Headers(root, read).ToDictionary();
        read = SettingXml.Read(root, S3Client.ReadXml(document), headers);
        read = AddDefaults(root, read);
        Simplify(kind, read);
        return (kind.Essential is { } essential && read[essential] is null) || (kind.Name == SettingKinds.Acl && SettingAcl.IsPrivate(read))
            ? null
            : new SettingValue(read, Write(writer => read.WriteTo(writer)));
    }

    /// <summary>A bucket policy.</summary>
    /// <param name="document">JSON.</param>
    public static SettingValue OfPolicy(JsonElement document) => new(null, Write(document.WriteTo));

    /// <summary>JSON in the form of <see cref="Text"/>.</summary>
    public static string Write(Action<Utf8JsonWriter> write) => Encoding.UTF8.GetString(Bytes(Format, write));

    /// <summary>What a server is sent.</summary>
    public byte[] Body(SettingKind kind) => kind.Root is { } root ? SettingXml.Write(root, Json!) : Compact();

    /// <summary>Whether this, a policy, is public as S3 means it.</summary>
    /// <param name="bucket">Its bucket.</param>
    /// <exception cref="S3Exception">A server would refuse it.</exception>
    public bool IsPublicPolicy(BucketName bucket)
    {
        if (_public is not var (known, isPublic) || known != bucket)
        {
            isPublic = BucketPolicy.Parse(Compact(), bucket).IsPublic;
            _public = (bucket, isPublic);
        }

        return isPublic;
    }

    public bool Equals(SettingValue? other) => other is not null && other.Text == Text;

    public override bool Equals(object? obj) => Equals(obj as SettingValue);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;

    // What S3 takes for a missing member is written, so that a file says all.
    private static JsonObject AddDefaults(SettingMember root, JsonObject read)
    {
        foreach (SettingMember member in root.Members)
        {
            if (member is { Kind: MemberKind.Header } && read[member.Json] is null)
            {
                read[member.Json] = member.Choices[0];
            }
            else if (member.Kind == MemberKind.Flag && read[member.Json] is null)
            {
                read[member.Json] = false;
            }
        }

        return SettingXml.InOrder(root, read);
    }

    // What a server answers in another way than it was put: what is said twice, or is what S3 does anyway.
    private static void Simplify(SettingKind kind, JsonObject read)
    {
        if (kind.Name == SettingKinds.Acl && read["Grants"] is JsonArray grants)
        {
            read["Grants"] = SettingAcl.Distinct(grants);
        }

        if (kind.Name == "logging" && read["LoggingEnabled"] is JsonObject logging)
        {
            logging["TargetBucket"] = ((string)logging["TargetBucket"]!).Trim();
            if (logging["TargetGrants"] is JsonArray { Count: > 0 } targets)
            {
                logging["TargetGrants"] = SettingAcl.Distinct(targets);
            }
            else
            {
                logging.Remove("TargetGrants");
            }

            if (logging["TargetObjectKeyFormat"] is JsonObject format && format["PartitionedPrefix"] is null)
            {
                logging.Remove("TargetObjectKeyFormat");
            }
            else if (logging["TargetObjectKeyFormat"]?["PartitionedPrefix"] is JsonObject partitioned)
            {
                partitioned["PartitionDateSource"] ??= "EventTime";
            }
        }
    }

    private byte[] Compact()
    {
        using JsonDocument document = JsonDocument.Parse(Text);
        return Bytes(Format with { Indented = false }, document.WriteTo);
    }

    private static byte[] Bytes(JsonWriterOptions format, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, format))
        {
            write(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }
}
