using Tarn.Core.Identity;
using Tarn.Core.Sharing;
using Tarn.S3.Sharing;

namespace Tarn.Server.Control.Tarn;

/// <summary>Creates share links and returns their URLs.</summary>
internal sealed class ShareMaker(ShareLinks links, IdentityStore identity, ControlOptions options)
{
    /// <summary>Creates a link.</summary>
    /// <param name="request">The request to create it.</param>
    /// <param name="organization">The organization that owns the link.</param>
    /// <param name="target">The file or object to share.</param>
    /// <param name="seconds">How many seconds it lasts; null for a day.</param>
    /// <exception cref="ControlRefusalException">The duration is not between a second and a week.</exception>
    public async ValueTask<NewShareView> CreateAsync(ControlRequest request, string organization, ShareTarget target, long? seconds)
    {
        long life = Life(seconds);
        Organization owner = await identity.Organizations.GetAsync(organization, request.CancellationToken);
        NewShareLink made = await links.CreateAsync(
            organization, owner.CanonicalId, target, TimeSpan.FromSeconds(life), request.Principal.Arn, request.CancellationToken);
        return new NewShareView(options.ShareBase().TrimEnd('/') + ShareService.Path + made.Token, life, made.Link.Id, made.Link.Expires.UtcDateTime);
    }

    /// <summary>How long a link lasts, in seconds. Checked before anything is looked up.</summary>
    /// <exception cref="ControlRefusalException">The duration is not between a second and a week.</exception>
    public static long Life(long? seconds)
    {
        long life = seconds ?? (long)ShareLinks.DefaultLife.TotalSeconds;
        return life >= 1 && life <= ShareLinks.MaxLife.TotalSeconds
            ? life
            : throw ControlRefusalException.BadRequest($"expiresIn must be 1 to {ShareLinks.MaxLife.TotalSeconds} seconds");
    }
}
