using System.Reflection;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Tarn.S3.Telemetry;
using Tarn.Server.Logging;
using Tarn.Server.Requests;

namespace Tarn.Server.Control.Tarn;

/// <summary>The answer to who watches requests: lines of JSON, as long as they want and may.</summary>
internal sealed class TraceStream(RequestWatcher watcher, ControlCredential credential, LastingRights rights, TimeProvider time, CancellationToken stopping) : IResult, IEndpointMetadataProvider
{
    public const string MediaType = "application/x-ndjson";

    /// <summary>After this time without a request, an empty line shows the client and what is between that the connection is alive.</summary>
    internal static readonly TimeSpan Quiet = TimeSpan.FromSeconds(15);

    /// <summary>The size of a piece that is sent at once, in characters; more by a line at most.</summary>
    private const int Piece = 32 << 10;

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(JsonElement), [MediaType]));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using RequestWatcher watching = watcher;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, stopping);
        LongAnswer.LeaveOutOfMetrics(httpContext);
        HttpResponse response = httpContext.Response;
        response.ContentType = MediaType;
        response.Headers.CacheControl = "no-store";
        try
        {
            await response.Body.FlushAsync(end.Token);
            await SendAsync(response, async () => await rights.FindAsync(credential, end.Token) is not null, end.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The server stops: the answer ends here, whole.
        }
    }

    private async Task SendAsync(HttpResponse response, Func<ValueTask<bool>> mayWatch, CancellationToken end)
    {
        var lines = new StringBuilder();
        while (true)
        {
            bool hasMore = await HasMoreAsync(end);
            if (!await mayWatch())
            {
                return;
            }

            lines.Append(hasMore ? "" : "\n");
            while (lines.Length < Piece && watcher.Requests.TryRead(out FinishedRequest? request))
            {
                lines.Append(RequestLine.For(request, watcher.Filter.OwnerId)).Append('\n');
            }

            if (watcher.TakeLost() is > 0 and long lost)
            {
                lines.Append(JsonLines.Of(lost, static (json, count) => json.WriteNumber("lost", count))).Append('\n');
            }

            await response.WriteAsync(lines.ToString(), end);
            await response.Body.FlushAsync(end);
            lines.Clear();
        }
    }

    /// <summary>Waits for a request; false if there is none for a while.</summary>
    private async Task<bool> HasMoreAsync(CancellationToken end)
    {
        using var quiet = new CancellationTokenSource(Quiet, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(end, quiet.Token);
        try
        {
            return await watcher.Requests.WaitToReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!end.IsCancellationRequested)
        {
            return false;
        }
    }
}
