using Tarn.Core.Identity;

namespace Tarn.Server.Control.Identity;

/// <summary><c>POST /api/keys</c>: makes an access key for a user, or for the organization's root user.</summary>
internal static class CreateAccessKey
{
    /// <summary>A hundred years: what is longer is a mistake.</summary>
    private const long MaxSeconds = 100L * 366 * 86_400;

    public static void AddTo(ControlApi api, IdentityStore identity, TimeProvider time) =>
        api.Add("POST", "/api/keys", async request =>
        {
            AccessKeyBody body = request.Read(ControlJson.Default.AccessKeyBody);
            NewAccessKey made = await identity.Keys.CreateAsync(
                request.OrganizationOrOwn(body.Organization),
                body.User,
                new AccessKeyRequest { Id = body.AccessKey, SecretKey = body.SecretKey, Expires = Expiry(body.DurationSeconds, MaxSeconds, time) },
                request.CancellationToken);
            return ControlAnswer.Created(AccessKeyView.Of(made.Key, made.SecretKey), ControlJson.Default.AccessKeyView);
        });

    /// <summary>When a key that lasts so long expires; null for 0 or nothing: never.</summary>
    /// <exception cref="ControlRefusalException">The duration is negative or too long.</exception>
    public static DateTimeOffset? Expiry(long? seconds, long max, TimeProvider time) => seconds switch
    {
        null or 0 => null,
        > 0 when seconds <= max => time.GetUtcNow().AddSeconds(seconds.Value),
        _ => throw ControlRefusalException.BadRequest($"durationSeconds must be 0 (no end) or 1 to {max}"),
    };
}
