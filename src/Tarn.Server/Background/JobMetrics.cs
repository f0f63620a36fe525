using System.Diagnostics.Metrics;
using Tarn.Core.Jobs;
using Tarn.Server.Jobs;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Background;

/// <summary>How many jobs there are, and what they did since the process started.</summary>
internal sealed class JobMetrics : IDisposable
{
    private readonly Meter _meter = ServerTelemetry.CreateMeter();

    public JobMetrics(JobScheduler scheduler)
    {
        _meter.CreateObservableGauge("tarn.jobs.running", () => scheduler.Active.Running, unit: "{job}", description: "Jobs under way.");
        _meter.CreateObservableGauge("tarn.jobs.queued", () => scheduler.Active.Queued, unit: "{job}", description: "Jobs that wait for their turn.");
        _meter.CreateObservableCounter("tarn.jobs.ended", () => EndedIn(scheduler.Tally), unit: "{job}", description: "Jobs that ended, by state.");
        _meter.CreateObservableCounter("tarn.jobs.keys_done", () => scheduler.Tally.KeysDone, unit: "{key}", description: "Keys that jobs have done.");
        _meter.CreateObservableCounter("tarn.jobs.keys_failed", () => scheduler.Tally.KeysFailed, unit: "{key}", description: "Keys that failed in jobs.");
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> EndedIn(JobTally tally) =>
        new[] { JobState.Succeeded, JobState.Failed, JobState.Cancelled }
            .Select(state => new Measurement<long>(tally.EndedIn(state), new KeyValuePair<string, object?>("state", JobNames.Of(state))));
}
