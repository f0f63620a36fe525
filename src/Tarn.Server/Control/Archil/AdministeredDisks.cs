using Tarn.Core.Disks;
using Tarn.Core.Disks.Catalog;

namespace Tarn.Server.Control.Archil;

/// <summary>Finds disks for those who administer their organization; for others they do not exist.</summary>
internal sealed class AdministeredDisks(DiskStore disks)
{
    /// <summary>The disk with this id.</summary>
    /// <exception cref="ControlRefusalException">There is none that the requester may see.</exception>
    public async ValueTask<Disk> GetAsync(ControlRequest request, string id) =>
        DiskId.TryParse(id, out DiskId parsed)
        && await disks.Catalog.FindAsync(parsed, request.CancellationToken) is { } disk
        && request.MayAdminister(disk.Organization)
            ? disk
            : throw Gone();

    /// <summary>The refusal for a disk that does not exist, or no longer does.</summary>
    public static ControlRefusalException Gone() => ControlRefusalException.NotFound("there is no such disk");
}
