namespace Tarn.Core.KeyValue;

/// <summary>A store whose commits may be answered before they are on the device, where that was asked for.</summary>
public interface IFlushableStore
{
    /// <summary>Makes what was committed until now durable.</summary>
    /// <exception cref="IOException">It is not known to be on the device.</exception>
    ValueTask FlushAsync();
}
