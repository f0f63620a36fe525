using System.Text;
using Microsoft.Extensions.Logging;
using Tarn.Core.Buckets;
using Tarn.Core.Identity;
using Tarn.S3.Requests;
using Tarn.S3.Telemetry;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Service;

/// <summary>
/// GET / — the requester's buckets; one whose row is damaged is left out, and in the log, so that clients reach all others. Source: Amazon S3 API Reference, ListBuckets.
/// </summary>
internal sealed partial class ListBuckets(BucketCatalog buckets, string region, ILogger<ListBuckets> logger) : IOperation
{
    private const int MaxBuckets = 10_000;

    private static readonly string[] Parameters = ["max-buckets", "continuation-token", "prefix", "bucket-region"];

    public async Task ExecuteAsync(S3Context context)
    {
        Principal principal = context.RequiredPrincipal;
        string prefix = context.Query["prefix"] ?? "";
        byte[]? after = ContinuationToken.Read(context.Query["continuation-token"]);
        string? wantedRegion = context.Query["bucket-region"];
        int limit = context.Query["max-buckets"] is { Length: > 0 } text ? Arguments.Limit(text, "max-buckets", int.MaxValue) : MaxBuckets;
        if (limit is < 1 or > MaxBuckets)
        {
            throw Arguments.Invalid("Argument max-buckets must be an integer between 1 and 10000", "max-buckets", context.Query["max-buckets"] ?? "");
        }

        // A request without parameters gets the answer that clients from before 2024 expect.
        bool withRegion = Array.Exists(Parameters, context.Query.Has);
        IReadOnlyList<ListedBucket> found = wantedRegion is null || wantedRegion == region
            ? await buckets.ListAsync(principal.OwnerId, prefix, after is null ? null : Encoding.UTF8.GetString(after), limit + 1, context.CancellationToken)
            : [];
        foreach (ListedBucket damaged in found.Take(limit).Where(static listed => listed.Damage is not null))
        {
            LogDamage(logger, damaged.Damage!, damaged.Name.Value, context.Request.Id);
        }

        await ResponseXml.WriteAsync(context, (ref S3XmlWriter xml) =>
        {
            xml.StartRoot("ListAllMyBucketsResult"u8);
            xml.Start("Owner"u8);
            xml.Element("ID"u8, principal.OwnerId);
            xml.Element("DisplayName"u8, principal.DisplayName);
            xml.End("Owner"u8);
            xml.Start("Buckets"u8);
            foreach (Bucket bucket in found.Take(limit).Select(static listed => listed.Bucket).OfType<Bucket>())
            {
                xml.Start("Bucket"u8);
                xml.Element("Name"u8, bucket.Name.Value);
                xml.Element("CreationDate"u8, bucket.Created);
                if (withRegion)
                {
                    xml.Element("BucketRegion"u8, region);
                }

                xml.End("Bucket"u8);
            }

            xml.End("Buckets"u8);
            if (prefix.Length > 0)
            {
                xml.Element("Prefix"u8, prefix);
            }

            if (found.Count > limit)
            {
                xml.Element("ContinuationToken"u8, ContinuationToken.Write(Encoding.UTF8.GetBytes(found[limit - 1].Name.Value)));
            }

            xml.End("ListAllMyBucketsResult"u8);
        });
    }

    [LoggerMessage(EventIds.BucketNotListed, LogLevel.Error, "ListBuckets left out {Bucket}, whose row is damaged; request {RequestId}")]
    private static partial void LogDamage(ILogger logger, Exception exception, string bucket, string requestId);
}
