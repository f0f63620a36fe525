using Tarn.Core.Buckets;
using Tarn.Core.Counts;
using Tarn.S3.Telemetry;
using Tarn.Server.Configuration;

namespace Tarn.Server.Requests;

/// <summary>Registers what keeps and counts the requests that have ended.</summary>
internal static class RequestServices
{
    public static IServiceCollection AddTarnRequests(this IServiceCollection services) => services
        .AddSingleton<RequestRates>()
        .AddSingleton<IFinishedRequestSink>(static provider => provider.GetRequiredService<RequestRates>())
        .AddSingleton<IFinishedRequestSink, BucketRequests>()
        .AddSingleton<IFinishedRequestSink, AccessKeySightings>()
        .AddSingleton(static provider => new RecentRequests(provider.GetRequiredService<ServerOptions>().RecentRequests))
        .AddSingleton<IFinishedRequestSink>(static provider => provider.GetRequiredService<RecentRequests>())
        .AddSingleton(static provider => new BucketCensus(
            provider.GetRequiredService<BucketCatalog>(),
            provider.GetRequiredService<BucketCountReader>(),
            provider.GetRequiredService<ServerOptions>().BucketMetrics,
            provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<BucketSeries>();
}
