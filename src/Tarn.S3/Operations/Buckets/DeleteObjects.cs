using Microsoft.Extensions.Logging;
using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Policy;
using Tarn.S3.Access;
using Tarn.S3.Documents;
using Tarn.S3.Requests;
using Tarn.S3.Routing;
using Tarn.S3.Telemetry;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Buckets;

/// <summary>POST /bucket?delete: up to 1,000 keys. Source: Amazon S3 API Reference, DeleteObjects.</summary>
internal sealed partial class DeleteObjects(ObjectDeleter deleter, AccessChecks checks, ILogger<DeleteObjects> logger) : IOperation
{
    private static readonly Permission Delete = new(S3Action.DeleteObject);
    private static readonly Permission DeleteVersion = new(S3Action.DeleteObjectVersion);

    /// <summary>Keys deleted in parallel: enough to share commits, few enough to leave capacity to other requests.</summary>
    private const int Concurrency = 32;

    public async Task ExecuteAsync(S3Context context)
    {
        DocumentElement document = await VerifiedBody.ReadXmlAsync(context, DocumentShapes.Delete, digestRequired: true);
        DocumentElement[] entries = [.. document.All("Object")];
        if (entries.Length == 0 || Array.Exists(entries, entry => string.IsNullOrEmpty(entry.TextOf("Key"))))
        {
            throw new S3Exception(S3Error.MalformedXml);
        }

        bool quiet = document.TextOf("Quiet")?.Trim().ToLowerInvariant() switch
        {
            null or "false" or "0" or "" => false,
            "true" or "1" => true,
            _ => throw new S3Exception(S3Error.MalformedXml),
        };
        var outcomes = new Result[entries.Length];
        await Parallel.ForAsync(
            0,
            entries.Length,
            new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = context.CancellationToken },
            async (i, cancellationToken) => outcomes[i] = await DeleteAsync(context, context.RequiredBucket, entries[i], cancellationToken));

        await ResponseXml.WriteAsync(context, (ref S3XmlWriter xml) =>
        {
            xml.StartRoot("DeleteResult"u8);
            for (int i = 0; i < outcomes.Length; i++)
            {
                Write(ref xml, entries[i], outcomes[i], quiet);
            }

            xml.End("DeleteResult"u8);
        });
    }

    /// <summary>Deletes one key; a failure becomes an entry of the answer and does not stop the others.</summary>
    private async ValueTask<Result> DeleteAsync(S3Context context, Bucket bucket, DocumentElement entry, CancellationToken cancellationToken)
    {
        try
        {
            if (!ObjectKey.TryCreate(entry.TextOf("Key")!, out ObjectKey key))
            {
                return new Result(default, new S3Exception(S3Error.KeyTooLong));
            }

            string? version = entry.TextOf("VersionId");
            if (version is not null && !VersionParameter.IsVersion(version))
            {
                return new Result(default, new S3Exception(S3Error.NoSuchVersion));
            }

            Permission permission = version is null ? Delete : DeleteVersion;
            AccessDecision decision = await checks.ThrowIfDeniedAsync(
                context.Caller, new AccessTarget(bucket, context.FoundAccess, key, version), permission);
            DeleteCondition condition = WriteConditions.Delete(
                entry.TextOf("ETag"), entry.TextOf("LastModifiedTime"), entry.TextOf("Size"))
                .Over(AccessDecider.OnlyOver(decision, permission.Action, context.Principal, bucket));
            return new Result(await deleter.DeleteAsync(bucket, key, version, UploadAccess.MarkerOwner(context), condition, cancellationToken), null);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            S3Exception refusal = Refusal.Of(e);
            if (refusal.Error == S3Error.InternalError)
            {
                LogFailure(logger, e, context.Request.Id);
            }

            return new Result(default, refusal);
        }
    }

    private static void Write(ref S3XmlWriter xml, DocumentElement entry, Result result, bool quiet)
    {
        S3Exception? refusal = result.Refusal;
        if (refusal is null && quiet)
        {
            return;
        }

        ReadOnlySpan<byte> element = refusal is null ? "Deleted"u8 : "Error"u8;
        xml.Start(element);
        xml.Element("Key"u8, entry.TextOf("Key")!);
        xml.Optional("VersionId"u8, entry.TextOf("VersionId"));
        if (result.Outcome.IsDeleteMarker)
        {
            xml.Element("DeleteMarker"u8, true);
            xml.Element("DeleteMarkerVersionId"u8, result.Outcome.VersionName ?? "");
        }

        if (refusal is not null)
        {
            xml.Element("Code"u8, refusal.Error.Code);
            xml.Element("Message"u8, refusal.Message);
        }

        xml.End(element);
    }

    [LoggerMessage(EventIds.DeleteOfKeyFailed, LogLevel.Error, "A key of DeleteObjects failed; request {RequestId}")]
    private static partial void LogFailure(ILogger logger, Exception exception, string requestId);

    private readonly record struct Result(DeleteOutcome Outcome, S3Exception? Refusal);
}
