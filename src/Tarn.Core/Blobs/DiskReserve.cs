namespace Tarn.Core.Blobs;

/// <summary>
/// Keeps room free on a device, so that growth is refused while what shrinks can still be written: a device that is
/// full to the last byte cannot even record a delete.
/// </summary>
/// <param name="path">Any directory on the device.</param>
/// <param name="bytes">What is kept free; 0 keeps nothing.</param>
public sealed class DiskReserve(string path, long bytes)
{
    private readonly DriveInfo _device = new(path);

    /// <summary>Whether <paramref name="more"/> bytes can be written and the reserve is still there.</summary>
    public bool Allows(long more) => bytes == 0 || _device.AvailableFreeSpace - more >= bytes;

    /// <summary>Throws unless <see cref="Allows"/>.</summary>
    /// <exception cref="StorageFullException">The write would use the reserve.</exception>
    public void Require(long more)
    {
        if (!Allows(more))
        {
            throw new StorageFullException($"The disk that holds {path} has less than {bytes >> 20} MiB left, which are kept for deletes.");
        }
    }
}
