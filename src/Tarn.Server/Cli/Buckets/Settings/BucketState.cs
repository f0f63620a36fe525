using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using Tarn.Core.Errors;

namespace Tarn.Server.Cli.Buckets.Settings;

/// <summary>The settings that a bucket has, by S3's requests.</summary>
/// <param name="Settings">Those that were read; null: not set.</param>
/// <param name="Owner">Canonical user id of the bucket's owner; empty if the acl was not read.</param>
internal sealed record BucketState(IReadOnlyDictionary<string, SettingValue?> Settings, string Owner)
{
    private static readonly byte[] NoBody = [];

    /// <summary>Reads settings; null if there is no such bucket.</summary>
    /// <param name="client">Sends the requests.</param>
    /// <param name="bucket">The bucket.</param>
    /// <param name="names">Those to read, since each needs a permission; null: all.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="CliException">The server cannot be reached, or refuses one of the requests.</exception>
    public static async Task<BucketState?> ReadAsync(S3Client client, string bucket, IReadOnlySet<string>? names, CancellationToken cancellationToken)
    {
        var settings = new Dictionary<string, SettingValue?>(StringComparer.Ordinal);
        string owner = "";
        if (names is { Count: 0 })
        {
            S3Reply head = await client.SendAsync(HttpMethod.Get, bucket, "location", NoBody, [], cancellationToken);
            if (head.ErrorCode is not null)
            {
                return head.ErrorCode == "NoSuchBucket" ? null : throw Refused($"cannot read {bucket}", head);
            }
        }

        foreach (SettingKind kind in SettingKinds.All.Where(kind => names?.Contains(kind.Name) ?? true))
        {
            S3Reply reply = await client.SendAsync(HttpMethod.Get, bucket, kind.Name, NoBody, [], cancellationToken);
            if (reply.ErrorCode == "NoSuchBucket")
            {
                return null;
            }

            if (reply.ErrorCode is not null)
            {
                settings[kind.Name] = reply.ErrorCode == kind.NotSet ? null : throw Refused($"cannot read {kind.Name} of {bucket}", reply);
                continue;
            }

            settings[kind.Name] = Read(kind, reply, bucket, ref owner);
        }

        return new BucketState(settings, owner);
    }

    /// <summary>Does one step.</summary>
    /// <returns>A warning of the server; null: none.</returns>
    /// <exception cref="CliException">The server cannot be reached, or refuses it.</exception>
    public static async Task<string?> ChangeAsync(S3Client client, string bucket, SettingStep step, CancellationToken cancellationToken)
    {
        SettingKind kind = step.Kind;
        (HttpMethod method, byte[] body, IReadOnlyList<KeyValuePair<string, string>> headers) = (step.Value, kind.Removal) switch
        {
            ({ } value, _) => (HttpMethod.Put, value.Body(kind), kind.Root is { } root ? SettingXml.Headers(root, value.Json!) : []),
            (null, SettingRemoval.EmptyDocument) => (HttpMethod.Put, SettingXml.Empty(kind.Root!), []),
            (null, SettingRemoval.PrivateAcl) => (HttpMethod.Put, NoBody, [KeyValuePair.Create("x-amz-acl", "private")]),
            (null, SettingRemoval.Delete) => (HttpMethod.Delete, NoBody, []),
            _ => throw new CliException($"{kind.Name} cannot be removed"),
        };
        S3Reply reply = await client.SendAsync(method, bucket, kind.Name, body, headers, cancellationToken);
        return reply.ErrorCode is null ? reply.Headers.GetValueOrDefault("x-tarn-warning") : throw Refused(kind.Name, reply);
    }

    /// <summary>Creates the bucket.</summary>
    /// <exception cref="CliException">The server cannot be reached, or refuses it.</exception>
    public static async Task CreateAsync(S3Client client, string bucket, CancellationToken cancellationToken)
    {
        S3Reply reply = await client.SendAsync(HttpMethod.Put, bucket, null, NoBody, [], cancellationToken);
        if (reply.ErrorCode is not null)
        {
            throw Refused($"cannot create {bucket}", reply);
        }
    }

    /// <summary>The setting that an answer has; null: not set.</summary>
    /// <param name="kind">The setting.</param>
    /// <param name="reply">The answer.</param>
    /// <param name="bucket">The bucket, for messages.</param>
    /// <param name="owner">Becomes the bucket's owner, if the answer says who it is.</param>
    /// <exception cref="CliException">The answer has what this build does not know, or lacks what it needs.</exception>
    public static SettingValue? Read(SettingKind kind, S3Reply reply, string bucket, ref string owner)
    {
        try
        {
            return Read(kind, reply, ref owner);
        }
        catch (Exception e) when (e is XmlException or JsonException or S3Exception or CliException or InvalidOperationException)
        {
            // The last: a text that is not Unicode.
            throw new CliException($"cannot read {kind.Name} of {bucket}: the answer has what this build does not know: {e.Message}", e);
        }
    }

    private static SettingValue? Read(SettingKind kind, S3Reply reply, ref string owner)
    {
        if (kind.Root is not { } root)
        {
            using JsonDocument policy = JsonDocument.Parse(reply.Body);
            if (policy.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new CliException("a policy is an object");
            }

            return SettingValue.OfPolicy(policy.RootElement);
        }

        JsonObject read = SettingXml.Read(root, S3Client.ReadXml(reply.Body), reply.Headers);
        if (kind.Essential is { } essential && read[essential] is null)
        {
            return null;
        }

        using JsonDocument document = JsonDocument.Parse(read.ToJsonString());
        read = SettingJson.Read(root, document.RootElement, kind.Name);
        if (kind.Name == SettingKinds.Acl)
        {
            owner = SettingAcl.Owner(read);
        }

        return SettingValue.Of(kind, read);
    }

    private static CliException Refused(string what, S3Reply reply) => new($"{what}: {reply.ErrorMessage} ({reply.ErrorCode}, {reply.Status})");
}
