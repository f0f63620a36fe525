using System.Collections.Concurrent;
using System.Diagnostics;

namespace Tarn.Tests.Telemetry;

/// <summary>Keeps the spans of one activity source that belong to this object's trace: other tests record spans meanwhile.</summary>
internal sealed class KeptSpans : IDisposable
{
    private readonly ConcurrentQueue<Activity> _spans = [];
    private readonly Activity _parent = new("test");
    private readonly ActivityListener _listener;

    public KeptSpans(string source)
    {
        _parent.ActivityTraceFlags = ActivityTraceFlags.Recorded;
        _parent.SetIdFormat(ActivityIdFormat.W3C).Start();
        _listener = new ActivityListener
        {
            ShouldListenTo = it => it.Name == source,
            Sample = (ref ActivityCreationOptions<ActivityContext> span) =>
                span.TraceId == _parent.TraceId ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = span =>
            {
                // Another listener may have had it recorded.
                if (span.TraceId == _parent.TraceId)
                {
                    _spans.Enqueue(span);
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>The spans that have ended.</summary>
    public IReadOnlyCollection<Activity> Ended => _spans;

    /// <summary>The tags of the only span of a name.</summary>
    public Dictionary<string, object?> Single(string name) => Assert.Single(_spans, span => span.OperationName == name).TagObjects.ToDictionary();

    public void Dispose()
    {
        _listener.Dispose();
        _parent.Stop();
    }
}
