using Tarn.Core.Identity;

namespace Tarn.Server.Control;

/// <summary>
/// What authenticated a request to the control API, as it was then: an access key, a token, or a session of the console. A session acts as the access key or token that it was begun with;
/// one of a role as itself.
/// </summary>
internal sealed record ControlCredential
{
    private ControlCredential(Principal principal) => Principal = principal;

    /// <summary>Who sent the request.</summary>
    public Principal Principal { get; }

    /// <summary>The access key that signed the request, or that the session was begun with; null for others.</summary>
    public Credential? Key { get; private init; }

    /// <summary>The session of the console that the request came with; null for a signature or a token.</summary>
    public ConsoleSession? Session { get; private init; }

    /// <summary>What a commit checks that makes another credential.</summary>
    public RequestCredential ForCommits => Key is not null ? RequestCredential.Of(Key).By(Session?.Id)
        : Principal.HoldsToken ? RequestCredential.OfToken(Principal.AccessKeyId).By(Session?.Id)
        : RequestCredential.OfSession(Session!.Id);

    /// <summary>An access key.</summary>
    public static ControlCredential OfKey(Credential key) => new(key.Principal) { Key = key };

    /// <summary>A token.</summary>
    public static ControlCredential OfToken(Principal holder) => new(holder);

    /// <summary>A session that acts as itself.</summary>
    public static ControlCredential OfRole(ConsoleSession session) => new(session.Credential.Principal) { Session = session };

    /// <summary>This access key or token, by a session that was begun with it.</summary>
    public ControlCredential By(ConsoleSession session) => this with { Session = session };
}

/// <summary>A session of the console.</summary>
/// <param name="Cookie">The cookie that authenticates it.</param>
/// <param name="Credential">Its temporary credentials, which sign its URLs.</param>
/// <param name="Key">Its row.</param>
internal sealed record ConsoleSession(ConsoleCookie Cookie, Credential Credential, TemporaryKey Key)
{
    /// <summary>The id of its temporary credentials. Anyone who sees one of its URLs knows it.</summary>
    public string Id => Credential.AccessKeyId;

    /// <summary>Whether a page began it.</summary>
    /// <param name="proofHash">The digest of the page's proof; null: it has none.</param>
    public bool WasBegunWith(byte[]? proofHash) => proofHash is not null && Key.WasBegunWith(proofHash);

    /// <summary>When it ends at the latest.</summary>
    public DateTimeOffset Expires => Credential.Expires ?? throw new InvalidOperationException("temporary credentials expire");
}
