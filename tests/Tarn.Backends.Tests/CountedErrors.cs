using System.Diagnostics.Metrics;

namespace Tarn.Backends.Tests;

/// <summary>How far a counter that is read when it is asked for has risen since this was created.</summary>
internal sealed class CountedErrors : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly long _before;
    private long _count;

    public CountedErrors(string counter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == counter)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) => _count = value);
        _listener.Start();
        _before = Read();
    }

    public long Counted => Read() - _before;

    public void Dispose() => _listener.Dispose();

    private long Read()
    {
        _listener.RecordObservableInstruments();
        return _count;
    }
}
