using Tarn.Core.Disks;
using Tarn.Core.Identity;
using Tarn.Core.Sharing;
using Tarn.Core.Storage;
using Tarn.S3.Sharing;

namespace Tarn.Server.Control.Disks;

/// <summary>What the endpoints of disks and share links work with.</summary>
/// <param name="Region">The server's.</param>
/// <param name="BaseUrl">What share links begin with, known once the server listens.</param>
internal sealed record DiskServices(
    DiskStore Disks, DiskUsers Users, ShareLinks Links, ObjectStore Objects, IdentityStore Identity, string Region, Func<string> BaseUrl)
{
    /// <summary>The disk that the path names.</summary>
    /// <exception cref="ControlRefusalException">There is none that the requester may know of.</exception>
    public async ValueTask<Disk> FindAsync(ControlRequest request) =>
        DiskId.TryParse(request.Route("id"), out DiskId id)
        && await Disks.Catalog.FindAsync(id, request.CancellationToken) is { } disk
        && request.MayAdminister(disk.Organization)
            ? disk
            : throw ControlRefusalException.NotFound("there is no such disk");

    /// <summary>Makes a link, and says where it is.</summary>
    /// <param name="seconds">How long it is to last; null for a day.</param>
    /// <exception cref="ControlRefusalException">It would not last from a second to a week.</exception>
    public async ValueTask<NewShareView> ShareAsync(ControlRequest request, string organization, ShareTarget target, long? seconds)
    {
        long life = Life(seconds);
        Tarn.Core.Identity.Organization owner = await Identity.Organizations.GetAsync(organization, request.CancellationToken);
        NewShareLink made = await Links.CreateAsync(
            organization, owner.CanonicalId, target, TimeSpan.FromSeconds(life), request.Principal.Arn, request.CancellationToken);
        return new NewShareView(BaseUrl().TrimEnd('/') + ShareService.Path + made.Token, life, made.Link.Id, made.Link.Expires.UtcDateTime);
    }

    /// <summary>Refuses what would be refused by <see cref="ShareAsync"/>, before anything is looked up.</summary>
    /// <exception cref="ControlRefusalException">It would not last from a second to a week.</exception>
    public static long Life(long? seconds)
    {
        long life = seconds ?? (long)ShareLinks.DefaultLife.TotalSeconds;
        return life >= 1 && life <= ShareLinks.MaxLife.TotalSeconds
            ? life
            : throw ControlRefusalException.BadRequest($"expiresIn must be 1 to {ShareLinks.MaxLife.TotalSeconds} seconds");
    }
}
