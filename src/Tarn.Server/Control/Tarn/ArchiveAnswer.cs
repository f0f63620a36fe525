using System.Reflection;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Metadata;
using Tarn.S3.Archives;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Control.Tarn;

/// <summary>The answer that is an archive. Until its first object is open it may still be a refusal; then whatever goes wrong cuts the connection.</summary>
/// <param name="archive">The archive, which was taken.</param>
/// <param name="stream">Sends it.</param>
/// <param name="find">Finds the place and its reader as they are now; null when the credentials have ended.</param>
/// <param name="pending">Gets it back.</param>
/// <param name="logger">The log.</param>
internal sealed partial class ArchiveAnswer(
    PendingArchive archive, ArchiveStream stream, Func<CancellationToken, ValueTask<ArchivePlace?>> find, PendingArchives pending, ILogger logger) : IResult, IEndpointMetadataProvider
{
    public const string MediaType = "application/zip";

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(string), [MediaType]));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        LongAnswer.LeaveOutOfMetrics(httpContext);
        bool begun = false;
        try
        {
            await stream.WriteAsync(
                httpContext,
                archive.Keys,
                archive.Folder,
                find,
                () =>
                {
                    begun = true;
                    Begin(httpContext.Response);
                },
                httpContext.RequestAborted);
        }
        catch (Exception e) when (begun)
        {
            if (!httpContext.RequestAborted.IsCancellationRequested)
            {
                LogCut(logger, e, archive.Bucket, archive.Owner.Arn);
            }

            httpContext.Abort();
            throw new ConnectionResetException("The archive was cut.", e);
        }
        finally
        {
            pending.Release(archive);
        }
    }

    private void Begin(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = MediaType;
        response.Headers.ContentDisposition = $"attachment; filename=\"{archive.Bucket}.zip\"";
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = "sandbox";
    }

    [LoggerMessage(EventIds.ArchiveCut, LogLevel.Warning, "An archive of {Bucket} for {Who} was cut off")]
    private static partial void LogCut(ILogger logger, Exception exception, string bucket, string who);
}
