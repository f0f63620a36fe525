using Tarn.Core.Identity;
using Tarn.S3.Access;
using Tarn.Server.Configuration;
using Tarn.Server.Proxies;

namespace Tarn.Server.Control.Tarn;

/// <summary>Describes sessions of the console to its page.</summary>
internal sealed class SessionViews(ControlOptions control, ConsoleOrigins origins, BucketRights rights)
{
    private static readonly string[] OfAll = ["buckets", "jobs", "requests", "archives"];

    /// <summary>What those who have keys of their own may use: not a role, which has none.</summary>
    private static readonly string[] OfHolders = ["keys"];

    private static readonly string[] OfRoot = ["disks", "createDisk", "identity", "applications", "shares", "explain"];

    private static readonly string[] OfServerRoot = ["organizations", "rates", "status", "damaged", "scrub", "backups", "accelerators"];

    /// <summary>Describes the session that a request came with, or began.</summary>
    public async ValueTask<SessionView> OfAsync(ControlRequest request)
    {
        Principal me = request.Principal;
        ConsoleSession session = request.By.Session ?? throw new ArgumentException("It is of no session.", nameof(request));
        return new SessionView
        {
            Principal = me.Role is { } role ? $"{me.OrganizationId}/role/{role}" : me.UserName is { } user ? $"{me.OrganizationId}/{user}" : me.OrganizationId,
            Arn = me.Arn,
            Organization = me.OrganizationId,
            User = me.UserName,
            AccessKey = request.By.Key?.AccessKeyId,
            IsRoot = me.IsRoot,
            IsServerRoot = request.IsServerAdministrator,
            ExpiresAt = session.Expires.UtcDateTime,
            S3Url = origins.S3UrlFor(request.Http.Request),
            Region = control.Region,
            May = await MayAsync(request),
            Id = session.Id,
        };
    }

    /// <summary>The URL of the S3 endpoint as the browser of a request reaches it.</summary>
    /// <exception cref="ControlRefusalException">400: there is none that a page could use.</exception>
    public string S3UrlOf(ControlRequest request) =>
        origins.S3UrlFor(request.Http.Request) is { } url && Uri.TryCreate(url, UriKind.Absolute, out _) ? url
        : throw ControlRefusalException.BadRequest($"no page can use S3 from here: open the console by a name or an IPv4 address, or set {Settings.ExternalUrl.Flag} to a URL with one");

    /// <summary>By what the filters and handlers of the endpoints decide.</summary>
    private async ValueTask<IReadOnlyList<string>> MayAsync(ControlRequest request) =>
    [
        .. OfAll,
        .. await rights.MightCreateAsync(request.Principal, request.CancellationToken) ? ["createBucket"] : Array.Empty<string>(),
        .. request.Principal.Role is null ? OfHolders : [],
        .. request.MayAdminister(request.Principal.OrganizationId) ? OfRoot : [],
        .. request.IsServerAdministrator ? OfServerRoot : [],
    ];
}
