using System.Security.Cryptography;
using System.Text;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>
/// What authenticated a request, as it was then: an access key or a token, or a session of the console that stands for one of them or for a role. A commit that makes another credential
/// checks it, so that who has stolen one gets nothing by it that is made after it was revoked.
/// </summary>
public sealed record RequestCredential
{
    private RequestCredential()
    {
    }

    /// <summary>The access key that signed the request, or that the session stands for; null for others.</summary>
    public Credential? Key { get; private init; }

    /// <summary>The id of the token; null for others.</summary>
    public string? TokenId { get; private init; }

    /// <summary>The id of the console's session that the request came with; null when it came with the key or token itself.</summary>
    public string? SessionId { get; private init; }

    /// <summary>An access key.</summary>
    public static RequestCredential Of(Credential key) => new() { Key = key };

    /// <summary>A token by its id.</summary>
    public static RequestCredential OfToken(string id) => new() { TokenId = id };

    /// <summary>A session of the console that stands for nothing but itself, by its id.</summary>
    public static RequestCredential OfSession(string id) => new() { SessionId = id };

    /// <summary>This key or token, with the session of the console that stands for it; null: it came itself.</summary>
    public RequestCredential By(string? sessionId) => this with { SessionId = sessionId };

    /// <summary>Makes the commit fail if the credential ends meanwhile. The server's root key has no row and does not end while the server runs.</summary>
    /// <exception cref="IdentityRefusalException">It has ended, has another secret, or another one has its id.</exception>
    internal async ValueTask CheckAsync(KeyValueBatch batch, IdentityContext context, CancellationToken cancellationToken)
    {
        if (SessionId is not null)
        {
            await CheckAsync(batch, context, Tables.TemporaryKeyKey(SessionId), static _ => true, "the session has ended", cancellationToken);
        }

        if (TokenId is not null)
        {
            await CheckAsync(
                batch, context, Tables.ApiTokenKey(Convert.FromHexString(TokenId)), static _ => true, "the token that came with the request has been deleted", cancellationToken);
        }
        else if (Key is not null && Key.Created != default)
        {
            byte[] row = Tables.AccessKeyKey(Key.AccessKeyId);
            await CheckAsync(
                batch, context, row, bytes => Is(Key, Rows.Decode(row, bytes, AccessKey.Decode), context), "the access key that signed the request has been revoked or rotated", cancellationToken);
        }
    }

    /// <summary>Whether a stored access key still is the one that authenticated a request.</summary>
    internal static bool Is(Credential key, AccessKey stored, IdentityContext context) =>
        stored.Created == key.Created && stored.Organization == key.Principal.OrganizationId && stored.User == key.Principal.UserName
        && CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(context.Protector.Unprotect(AccessKeys.Subject(stored.Id), stored.ProtectedSecret)), Encoding.UTF8.GetBytes(key.SecretKey));

    private static async ValueTask CheckAsync(
        KeyValueBatch batch, IdentityContext context, byte[] row, Func<byte[], bool> isSame, string ended, CancellationToken cancellationToken)
    {
        byte[]? bytes = await context.Store.GetAsync(row, cancellationToken);
        batch.Check(row, bytes is not null && isSame(bytes) ? bytes : throw IdentityRefusalException.Conflict(ended));
    }
}
