using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Logging;
using Tarn.Core.Model;
using Tarn.Core.Policy;
using Tarn.S3.Access;
using Tarn.S3.Documents;
using Tarn.S3.Requests;
using Tarn.S3.Routing;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Settings;

/// <summary>The document BucketLoggingStatus. Source: Amazon S3 API Reference, PutBucketLogging and data type LoggingEnabled.</summary>
internal sealed class LoggingFormat : SettingFormat<BucketLogging>
{
    /// <exception cref="S3Exception">MalformedXML, InvalidTargetBucketForLogging, InvalidArgument, AccessControlListNotSupported, AccessDenied for a requester who may not write there, and for a public grant that the target blocks.</exception>
    public override async ValueTask<SettingChange<BucketLogging>> ReadAsync(S3Context context, SettingServices services)
    {
        DocumentElement document = await VerifiedBody.ReadXmlAsync(context, DocumentShapes.Logging, digestRequired: false);
        if (document.Find("LoggingEnabled") is not { } enabled)
        {
            return default;
        }

        // White space in a prefix is part of it.
        if (enabled.TextOf("TargetBucket")?.Trim() is not { } target || enabled.TextOf("TargetPrefix") is not { } prefix)
        {
            throw new S3Exception(S3Error.MalformedXml);
        }

        LogKeyFormat format = ReadKeyFormat(enabled.Find("TargetObjectKeyFormat"));
        AccessTarget found = await FindTargetAsync(context, services, target);
        var logging = new BucketLogging(target, prefix) { Format = format };
        AccessTarget place = found with { Key = await ExampleAsync(context, services, logging) };

        // Who may not write there must not have the server write there.
        await services.Checks.ThrowIfDeniedAsync(context.Caller, place, new Permission(S3Action.PutObject), creates: true);
        return new(logging with { Grants = await ReadGrantsAsync(enabled.Find("TargetGrants"), context, services, place) });
    }

    public override async Task WriteAsync(S3Context context, BucketLogging value, SettingServices services)
    {
        IReadOnlyList<Grant> grants = value.Grants?.Grants ?? [];
        Dictionary<string, string?> names = await services.Acls.Xml.NamesAsync(context, grants.Select(static grant => grant.Grantee.Id));
        await ResponseXml.WriteAsync(context, (ref S3XmlWriter xml) =>
        {
            xml.StartRoot("BucketLoggingStatus"u8);
            xml.Start("LoggingEnabled"u8);
            xml.Element("TargetBucket"u8, value.TargetBucket);
            if (grants.Count > 0)
            {
                xml.Start("TargetGrants"u8);
                AclXml.WriteGrants(ref xml, grants, names);
                xml.End("TargetGrants"u8);
            }

            xml.Element("TargetPrefix"u8, value.TargetPrefix);
            WriteKeyFormat(ref xml, value.Format);
            xml.End("LoggingEnabled"u8);
            xml.End("BucketLoggingStatus"u8);
        });
    }

    /// <summary>The target must exist and have the same owner. Every bucket is in the same region.</summary>
    private static async ValueTask<AccessTarget> FindTargetAsync(S3Context context, SettingServices services, string name)
    {
        Bucket? target = BucketName.TryParse(name, out BucketName parsed) ? await services.Buckets.FindAsync(parsed, context.CancellationToken) : null;
        if (target is null)
        {
            throw Invalid(name, "The target bucket for logging does not exist");
        }

        // Whether another owner's bucket exists is no secret in S3: HeadBucket answers 403. Whose it is, is: so only the owner's organization gets here.
        return target.OwnerId == context.RequiredBucket.OwnerId
            ? new AccessTarget(target, await BucketAccess.LoadAsync(services.Buckets, target, context.CancellationToken))
            : throw Invalid(name, "The owner for the bucket to be logged and the target bucket must be the same.");
    }

    private static LogKeyFormat ReadKeyFormat(DocumentElement? format)
    {
        if (format is null)
        {
            return LogKeyFormat.Default;
        }

        return (format.Find("SimplePrefix"), format.Find("PartitionedPrefix")) switch
        {
            (not null, null) => LogKeyFormat.Simple,
            (null, { } partitioned) => partitioned.TextOf("PartitionDateSource")?.Trim() switch
            {
                null or "EventTime" => LogKeyFormat.ByEventTime,
                "DeliveryTime" => LogKeyFormat.ByDeliveryTime,
                _ => throw new S3Exception(S3Error.MalformedXml),
            },
            _ => throw new S3Exception(S3Error.MalformedXml),
        };
    }

    private static async ValueTask<AccessControlList?> ReadGrantsAsync(DocumentElement? element, S3Context context, SettingServices services, AccessTarget target)
    {
        if (element is null or { Children.Count: 0 })
        {
            return null;
        }

        string ownerId = context.RequiredBucket.OwnerId;
        var grants = AccessControlList.Create(await services.Acls.Xml.ReadGrantsAsync(element.Children, [ownerId], S3Error.MalformedXml, context.CancellationToken));
        if (grants.Grants.Any(static grant => grant.Permission is AclPermission.ReadAcp or AclPermission.WriteAcp))
        {
            // Source: Amazon S3 API Reference, data type TargetGrant: FULL_CONTROL, READ or WRITE.
            throw new S3Exception(S3Error.MalformedXml);
        }

        if (!target.Access.TakesAcls)
        {
            throw new S3Exception(S3Error.AccessControlListNotSupported, "Target grants not allowed for bucket owner enforced buckets");
        }

        await services.Checks.ThrowIfDeniedAsync(context.Caller, target, new Permission(S3Action.PutObjectAcl), creates: true);
        services.Acls.Uploads.ThrowIfAclBlocked(context, target.Access, grants);
        return grants;
    }

    /// <summary>A key as those of the logs; refuses a prefix that leaves no room for the rest of it: nothing could ever be delivered.</summary>
    private static async ValueTask<ObjectKey> ExampleAsync(S3Context context, SettingServices services, BucketLogging logging)
    {
        Bucket source = context.RequiredBucket;
        string account = context.Principal is { } principal && principal.OwnerId == source.OwnerId
            ? principal.OrganizationId
            : (await services.Accounts.FindByCanonicalIdAsync(source.OwnerId, context.CancellationToken))?.OrganizationId ?? source.OwnerId;
        return LogObjectKey.TryCreateExample(new LogDestination(source.Id, source.Name.Value, source.OwnerId, account, "", logging), out ObjectKey key)
            ? key
            : throw Arguments.Invalid("The target prefix is too long: the keys of the logs would have more than 1,024 bytes.", "TargetPrefix", logging.TargetPrefix);
    }

    private static void WriteKeyFormat(ref S3XmlWriter xml, LogKeyFormat format)
    {
        if (format == LogKeyFormat.Default)
        {
            return;
        }

        xml.Start("TargetObjectKeyFormat"u8);
        if (format == LogKeyFormat.Simple)
        {
            xml.Start("SimplePrefix"u8);
            xml.End("SimplePrefix"u8);
        }
        else
        {
            xml.Start("PartitionedPrefix"u8);
            xml.Element("PartitionDateSource"u8, format == LogKeyFormat.ByEventTime ? "EventTime" : "DeliveryTime");
            xml.End("PartitionedPrefix"u8);
        }

        xml.End("TargetObjectKeyFormat"u8);
    }

    private static S3Exception Invalid(string target, string message) => new(S3Error.InvalidTargetBucketForLogging, message) { Details = [new("TargetBucket", target)] };
}
