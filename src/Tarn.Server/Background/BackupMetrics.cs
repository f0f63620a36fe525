using System.Diagnostics.Metrics;
using Tarn.Core.Backups;
using Tarn.Server.Backups;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Background;

/// <summary>Metrics of backups: whether one runs, when one last succeeded, and what was written.</summary>
internal sealed class BackupMetrics : IDisposable
{
    private readonly Meter _meter = ServerTelemetry.CreateMeter();
    private readonly BackupJobs _jobs;
    private readonly Counter<long> _copied;

    public BackupMetrics(BackupJobs jobs)
    {
        _jobs = jobs;
        _copied = _meter.CreateCounter<long>("tarn.backup.copied", unit: "By", description: "Bytes that backups have written.");
        _meter.CreateObservableGauge(
            "tarn.backup.last_success_timestamp", Last, unit: "s", description: "When the last backup without damage was begun, in Unix seconds; nothing before the first since the start.");
        _meter.CreateObservableGauge(
            "tarn.backup.running", () => Running(static _ => 1), unit: "{job}", description: "Jobs on backups that are under way: 0 or 1.");
        _meter.CreateObservableGauge(
            "tarn.backup.done", () => Running(static progress => progress.DoneBytes), unit: "By", description: "Bytes that the running job has dealt with.");
        _meter.CreateObservableGauge(
            "tarn.backup.total", () => Running(static progress => progress.TotalBytes), unit: "By", description: "Bytes that the running job has to deal with, as far as known.");
    }

    /// <summary>Counts a job that has ended well.</summary>
    public void Done(BackupJob job)
    {
        if (job.Request.Work != BackupWork.Create)
        {
            return;
        }

        _copied.Add(job.Progress.CopiedBytes);
        if (job.State == BackupState.Succeeded)
        {
            _jobs.Succeeded(job);
        }
    }

    public void Dispose() => _meter.Dispose();

    /// <summary>A figure of the running job; 0 while none runs.</summary>
    private long Running(Func<BackupProgress, long> figure) => _jobs.Last is { State: BackupState.Running } job ? figure(job.Progress) : 0;

    private List<Measurement<long>> Last()
    {
        var measured = new List<Measurement<long>>(2);
        Add("full", _jobs.LastFull);
        Add("metadata", _jobs.LastMetadata);
        return measured;

        void Add(string kind, long at)
        {
            if (at > 0)
            {
                measured.Add(new Measurement<long>(at, new KeyValuePair<string, object?>("kind", kind)));
            }
        }
    }
}
