using Tarn.Core.Identity;

namespace Tarn.Server.Control;

/// <summary>
/// Finds out whether who sent a request still is who they were: once its body is there, which they may send long after its head, and for answers that go on for long.
/// </summary>
internal sealed class LastingRights(IdentityStore identity, ICredentialSource credentials, ConsoleSessions sessions, TimeProvider time)
{
    /// <summary>Looks what authenticated a request up again.</summary>
    /// <param name="credential">What authenticated it.</param>
    /// <param name="cancellationToken">Cancels the look-up.</param>
    /// <returns>The same as it is now; null if it has ended, has another secret, or is somebody else's.</returns>
    public async ValueTask<ControlCredential?> FindAsync(ControlCredential credential, CancellationToken cancellationToken)
    {
        ControlCredential? now = credential.Session is { } session ? await sessions.FindAsync(session.Cookie, cancellationToken)
            : credential.Key is { } key ? await FindKeyAsync(key, cancellationToken)
            : await identity.Tokens.PrincipalAsync(credential.Principal.AccessKeyId, cancellationToken) is { } holder ? ControlCredential.OfToken(holder)
            : null;
        return now is not null && IsSame(credential.Principal, now.Principal) ? now : null;
    }

    /// <summary>What a request that is received for long asks before what was received takes effect: throws unless its credentials are still valid.</summary>
    /// <exception cref="ControlRefusalException">By what is returned: 401.</exception>
    public Func<CancellationToken, ValueTask> Guard(ControlRequest request) => async cancellationToken =>
    {
        if (await FindAsync(request.By, cancellationToken) is null)
        {
            throw ControlRefusalException.Unauthorized("the credentials are not valid any more");
        }
    };

    private async ValueTask<ControlCredential?> FindKeyAsync(Credential key, CancellationToken cancellationToken) =>
        await credentials.FindAsync(key.AccessKeyId, cancellationToken) is { } found
        && !(found.Expires <= time.GetUtcNow()) && found.Created == key.Created && found.SecretKey == key.SecretKey
            ? ControlCredential.OfKey(found)
            : null;

    private static bool IsSame(Principal one, Principal other) =>
        one.OwnerId == other.OwnerId && one.UserId == other.UserId && one.Arn == other.Arn && one.IsRoot == other.IsRoot && one.KeyPolicy?.Document == other.KeyPolicy?.Document;
}
