using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Tarn.S3;
using Tarn.S3.Telemetry;
using Tarn.Server.Accelerator.Forwarding;
using Tarn.Server.Configuration;
using Tarn.Server.Logging;

namespace Tarn.Server.Accelerator;

/// <summary>Is told of every request that has ended: counts it, and writes its line to the access log, with the id that the upstream's log has too.</summary>
internal sealed class AcceleratorRequests(AcceleratorMetrics metrics, LineLog? log, TimeProvider time) : IDisposable
{
    private const int MaxText = 1024;

    /// <summary>The access log that the options name; null for none.</summary>
    /// <exception cref="StartupException">Its file cannot be opened.</exception>
    public static LineLog? OpenLog(AcceleratorOptions options, TimeProvider time, ILogger<LineLog> logger) => options.AccessLog is not { } path
        ? null
        : new LineLog("access log", path == "-" ? StandardStreams.WriteOutput : LogFiles.Open(Settings.AccessLog, path, isDurable: false), time, logger);

    public void Finished(HttpContext http, RequestOutcome outcome, TimeSpan duration)
    {
        if (outcome.Status == 0)
        {
            outcome.Status = FinishedRequest.ClientClosedRequest;
        }

        metrics.Add(outcome, duration);
        log?.Add(JsonLines.Of((http, outcome, duration, time), static (json, of) => Write(json, of.http, of.outcome, of.duration, of.time)));
    }

    public void Dispose() => log?.Dispose();

    private static void Write(Utf8JsonWriter json, HttpContext http, RequestOutcome outcome, TimeSpan duration, TimeProvider time)
    {
        string target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        int query = target.IndexOf('?', StringComparison.Ordinal);
        string path = LoggedQuery.PathOf(query < 0 ? target : target[..query]);
        json.WriteString("time", time.GetUtcNow().Subtract(duration).UtcDateTime);
        json.Member("requestId", outcome.RequestId);
        json.WriteString("method", Cut(http.Request.Method));
        json.WriteString("target", query < 0 || path.Length < query ? path : path + LoggedQuery.Of(target[query..]));
        json.WriteString("protocol", http.Request.Protocol);
        json.Member("host", Cut(http.Request.Headers.Host.ToString()));
        json.WriteNumber("status", outcome.Status);
        json.Member("failure", outcome.Failure);
        json.Member("remote", http.Connection.RemoteIpAddress?.ToString());
        json.Member("userAgent", Cut(http.Request.Headers.UserAgent.ToString()));
        json.WriteString("cache", outcome.Cache.Text());
        json.WriteNumber("bytesIn", outcome.BytesIn);
        json.WriteNumber("bytesOut", outcome.BytesOut);
        json.WriteNumber("bytesFromCache", outcome.FromCache);
        json.WriteNumber("bytesFromPeers", outcome.FromPeers);
        json.WriteNumber("bytesFromUpstream", outcome.FromUpstream);
        json.Milliseconds("milliseconds", duration);
    }

    private static string? Cut(string? text) => string.IsNullOrEmpty(text) ? null : text.Length <= MaxText ? text : text[..MaxText];
}
