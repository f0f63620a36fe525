using Tarn.S3.Telemetry;
using Tarn.Server.Auditing;
using Tarn.Server.Configuration;
using Tarn.Server.Logging;
using Tarn.Server.Requests;

namespace Tarn.Server.Hosting;

/// <summary>Registers what is told of each request once it has ended: those who watch, the logs of buckets, the access log and the audit log.</summary>
internal static class RequestLogs
{
    public static IServiceCollection AddTarnRequestLogs(this IServiceCollection services, ServerOptions options, AuditLog audit)
    {
        services
            .AddSingleton<RequestWatchers>()
            .AddSingleton<IFinishedRequestSink>(static provider => provider.GetRequiredService<RequestWatchers>())
            .AddSingleton<IFinishedRequestSink, BucketLogSink>()
            .AddSingleton(audit)
            .AddSingleton<IFinishedRequestSink>(audit);
        return options.AccessLog is not { } path ? services : services
            .AddSingleton(provider => AccessLog.Open(path, options.AccessLogFormat, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<LineLog>>()))
            .AddSingleton<IFinishedRequestSink>(static provider => provider.GetRequiredService<AccessLog>());
    }
}
