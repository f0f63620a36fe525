using System.Diagnostics;
using OpenTelemetry.Trace;

namespace Tarn.Server.Telemetry;

/// <summary>
/// Decides which requests get spans: those that the configured sampler selects, but no more than so many in a second, whatever clients ask for in
/// <c>traceparent</c>. Spans inside a request follow the request's.
/// </summary>
internal sealed class TraceSampler : Sampler
{
    private readonly Sampler _inner;
    private readonly TimeProvider _time;
    private readonly int _perSecond;
    private readonly Lock _gate = new();
    private double _left;
    private long _filled;

    /// <param name="inner">The configured sampler.</param>
    /// <param name="perSecond">The maximum number of traces that begin here, or are continued here, in a second.</param>
    /// <param name="time">The clock.</param>
    public TraceSampler(Sampler inner, int perSecond, TimeProvider time)
    {
        _inner = inner;
        _time = time;
        _perSecond = perSecond;
        _left = perSecond;
        _filled = time.GetTimestamp();
        Description = $"{inner.Description}, at most {perSecond} per second";
    }

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        ActivityContext parent = samplingParameters.ParentContext;
        if (parent.TraceId != default && !parent.IsRemote)
        {
            return new SamplingResult(parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? SamplingDecision.RecordAndSample : SamplingDecision.Drop);
        }

        SamplingResult result = _inner.ShouldSample(samplingParameters);
        return result.Decision == SamplingDecision.Drop || Take() ? result : new SamplingResult(SamplingDecision.Drop);
    }

    private bool Take()
    {
        lock (_gate)
        {
            long now = _time.GetTimestamp();
            _left = Math.Min(_perSecond, _left + (_time.GetElapsedTime(_filled, now).TotalSeconds * _perSecond));
            _filled = now;
            if (_left < 1)
            {
                return false;
            }

            _left--;
            return true;
        }
    }
}
