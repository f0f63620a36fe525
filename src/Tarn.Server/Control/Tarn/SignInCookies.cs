using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tarn.Core;
using Tarn.Core.Identity;
using Tarn.Server.Federation;

namespace Tarn.Server.Control.Tarn;

/// <summary>A sign-in that has begun at an issuer.</summary>
/// <param name="Secrets">What the server alone knows of it.</param>
/// <param name="Organization">The organization that trusts the issuer.</param>
/// <param name="Issuer">The issuer's name.</param>
/// <param name="IssuerId">The issuer's id, which a later one of that name does not have.</param>
/// <param name="To">Where the browser goes then: a path of the console, without control characters.</param>
/// <param name="ProofHash">The digest of the proof of the page that began it: see <see cref="PageProof"/>.</param>
/// <param name="Former">The id of the session that ends then; null for none. Its cookie does not come with the answer, which another site sends.</param>
internal sealed record PendingSignIn(SignInSecrets Secrets, string Organization, string Issuer, string IssuerId, string To, byte[] ProofHash, string? Former);

/// <summary>
/// What the server has to know of a sign-in when its answer comes, kept in a cookie of the browser that began it, encrypted: so nobody fills the server with sign-ins that never end, and no other browser ends one.
/// Each has a cookie of its own, so that two tabs do not disturb each other. What is remembered here is which were used. Thread-safe.
/// </summary>
/// <param name="protector">Encrypts cookies.</param>
/// <param name="random">Makes the secrets.</param>
/// <param name="time">The clock.</param>
internal sealed class SignInCookies(ISecretProtector protector, IRandomSource random, TimeProvider time)
{
    /// <summary>How long a sign-in may take.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    /// <summary>How many a browser keeps; the oldest are given up.</summary>
    public const int MaxPending = 5;

    /// <summary>How many that were used are remembered until their cookies expire: the oldest are forgotten, of which the issuer still takes no code twice.</summary>
    public const int MaxUsed = 100_000;

    private const string Subject = "console-sign-in";
    private const string Plain = "tarn-oidc-";
    private const string Secure = "__Host-" + Plain;
    private const int NameLength = 8;

    private readonly Lock _gate = new();
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private readonly Queue<(string State, DateTimeOffset Until)> _order = [];

    /// <summary>How many that were used are remembered.</summary>
    internal int Remembered
    {
        get
        {
            lock (_gate)
            {
                return _used.Count;
            }
        }
    }

    /// <summary>Makes the secrets of a sign-in.</summary>
    public SignInSecrets NewSecrets() => new(Secret(), Secret(), Secret());

    /// <summary>Gives the browser the cookie of a sign-in that begins.</summary>
    /// <param name="http">The request, before its answer begins.</param>
    /// <param name="pending">The sign-in.</param>
    /// <param name="isSecure">Whether the browser reaches the console by TLS.</param>
    public void Keep(HttpContext http, PendingSignIn pending, bool isSecure)
    {
        string until = (time.GetUtcNow() + Life).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        (string state, string nonce, string verifier) = pending.Secrets;
        string content = string.Join('\n', until, state, nonce, verifier, pending.Organization, pending.Issuer, pending.IssuerId, pending.To, Convert.ToHexString(pending.ProofHash), pending.Former ?? "");
        string prefix = isSecure ? Secure : Plain;
        string[] others = [.. http.Request.Cookies.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal))];
        foreach (string old in others.SkipLast(MaxPending - 1))
        {
            http.Response.Cookies.Delete(old, Options(isSecure));
        }

        http.Response.Cookies.Append(NameOf(state, isSecure), Base64Url.EncodeToString(protector.Protect(Subject, content)), Options(isSecure, Life));
    }

    /// <summary>Ends a sign-in: its cookie is taken from the browser, and no other request gets it.</summary>
    /// <param name="http">The request, before its answer begins.</param>
    /// <param name="state">What came back from the issuer; null for nothing.</param>
    /// <param name="isSecure">Whether the browser reaches the console by TLS.</param>
    /// <returns>The sign-in; null if this browser began none of that state, or too long ago, or it was taken before.</returns>
    public PendingSignIn? Take(HttpContext http, string? state, bool isSecure)
    {
        if (state is not { Length: SignInSecrets.Length } || !state.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            || http.Request.Cookies[NameOf(state, isSecure)] is not { } cookie
            || Open(cookie) is not [var until, var own, var nonce, var verifier, var organization, var issuer, var id, var to, var proof, var former]
            || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(own), Encoding.UTF8.GetBytes(state)))
        {
            return null;
        }

        http.Response.Cookies.Delete(NameOf(state, isSecure), Options(isSecure));
        return DateTimeOffset.FromUnixTimeSeconds(long.Parse(until, CultureInfo.InvariantCulture)) is var end && end > time.GetUtcNow() && TryUse(own, end)
            ? new PendingSignIn(new SignInSecrets(own, nonce, verifier), organization, issuer, id, to, Convert.FromHexString(proof), former.Length == 0 ? null : former)
            : null;
    }

    /// <summary>Cookies of one name would be one sign-in: each has the beginning of its state, which is random.</summary>
    private static string NameOf(string state, bool isSecure) => (isSecure ? Secure : Plain) + state[..NameLength];

    /// <summary>The browser sends it with the issuer's answer, which is a navigation from another site: so not Strict.</summary>
    private static CookieOptions Options(bool isSecure, TimeSpan? life = null) =>
        new() { HttpOnly = true, Secure = isSecure, SameSite = SameSiteMode.Lax, Path = "/", MaxAge = life };

    private string Secret()
    {
        Span<byte> bytes = stackalloc byte[32];
        random.Fill(bytes);
        return Base64Url.EncodeToString(bytes);
    }

    private string[]? Open(string cookie)
    {
        try
        {
            return protector.Unprotect(Subject, Base64Url.DecodeFromChars(cookie)).Split('\n');
        }
        catch (Exception e) when (e is FormatException or SecretUnreadableException)
        {
            // Anyone may send anything.
            return null;
        }
    }

    private bool TryUse(string state, DateTimeOffset until)
    {
        lock (_gate)
        {
            while (_order.TryPeek(out (string State, DateTimeOffset Until) oldest) && (oldest.Until <= time.GetUtcNow() || _order.Count >= MaxUsed))
            {
                _used.Remove(_order.Dequeue().State);
            }

            if (!_used.Add(state))
            {
                return false;
            }

            _order.Enqueue((state, until));
            return true;
        }
    }
}
