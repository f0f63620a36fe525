namespace Tarn.Core.Cache;

/// <summary>Is told what an operator wants to know of a cache. Its methods return at once and do not throw.</summary>
public interface ICacheObserver
{
    /// <summary>A frame came damaged from its source. Told once for each frame, until the frame came right.</summary>
    void FrameDamaged(FrameDamagedException damage);

    /// <summary>The device gave damaged bytes of a frame, which was dropped.</summary>
    void StoredFrameDamaged(FrameKey key);

    /// <summary>A fetch failed, whether or not a reader waited for it.</summary>
    void FetchFailed(FrameKey key, Exception failure);

    /// <summary>The device failed a call.</summary>
    /// <param name="failure">Why.</param>
    /// <param name="pause">How long the device is left alone; null when it is not, after a single failed read.</param>
    void DeviceFailed(Exception failure, TimeSpan? pause);

    /// <summary>A call succeeded after the device had been left alone.</summary>
    void DeviceRecovered();
}
