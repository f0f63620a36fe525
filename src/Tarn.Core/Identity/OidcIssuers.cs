using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>Creates, finds, lists and deletes the issuers that organizations trust.</summary>
public sealed class OidcIssuers
{
    /// <summary>The maximum number of issuers of an organization: all are read to find the one of a token.</summary>
    public const int MaxCount = 20;

    private const int MaxValues = 20;
    private const int MaxLength = 255;

    private readonly IdentityContext _context;
    private readonly Lock _gate = new();
    private Kept? _kept;
    private int _changes;

    internal OidcIssuers(IdentityContext context) => _context = context;

    /// <summary>Finds an issuer by its name; null when there is none.</summary>
    public ValueTask<OidcIssuer?> FindAsync(string organization, string name, CancellationToken cancellationToken) =>
        Rows.FindAsync(_context.Store, Tables.IssuerKey(organization, name), OidcIssuer.Decode, cancellationToken);

    /// <summary>Finds the issuer of an organization by the <c>iss</c> of a token; null when there is none.</summary>
    public async ValueTask<OidcIssuer?> FindByUrlAsync(string organization, string url, CancellationToken cancellationToken) =>
        (await AllAsync(organization, cancellationToken)).FirstOrDefault(issuer => issuer.Url == url);

    /// <summary>Finds an issuer by the <c>iss</c> of a token, whoever trusts it; null when nobody does.</summary>
    internal async ValueTask<OidcIssuer?> FindAnyByUrlAsync(string url, CancellationToken cancellationToken) => (await KeptAsync(cancellationToken)).ByUrl.GetValueOrDefault(url);

    /// <summary>All issuers, which are kept in memory until one changes: anyone may ask for them.</summary>
    private async ValueTask<Kept> KeptAsync(CancellationToken cancellationToken)
    {
        int changes;
        lock (_gate)
        {
            if (_kept is { } kept)
            {
                return kept;
            }

            changes = _changes;
        }

        var read = new Kept(new Dictionary<string, OidcIssuer>(StringComparer.Ordinal), []);
        await foreach (KeyValueEntry row in _context.AllAsync([Tables.Issuer], cancellationToken))
        {
            // One that is damaged concerns its organization alone.
            if (Rows.TryDecode(row.Key, row.Value, OidcIssuer.Decode) is { } issuer)
            {
                read.ByUrl.TryAdd(issuer.Url, issuer);
                if (issuer.Console is not null)
                {
                    read.OfConsole.Add(issuer);
                }
            }
        }

        lock (_gate)
        {
            _kept = changes == _changes ? read : _kept;
        }

        return read;
    }

    /// <summary>Forgets what is kept in memory, after a change.</summary>
    internal void Forget()
    {
        lock (_gate)
        {
            _changes++;
            _kept = null;
        }
    }

    /// <summary>All issuers of an organization, in order of their names: at most <see cref="MaxCount"/>.</summary>
    public async ValueTask<IReadOnlyList<OidcIssuer>> AllAsync(string organization, CancellationToken cancellationToken)
    {
        var issuers = new List<OidcIssuer>();
        await foreach (KeyValueEntry row in _context.AllAsync(Tables.IssuerKey(organization, ""), cancellationToken))
        {
            issuers.Add(Rows.Decode(row.Key, row.Value, OidcIssuer.Decode));
        }

        return issuers;
    }

    /// <summary>Creates an issuer.</summary>
    /// <param name="wanted">Its properties; the id and the time are set here.</param>
    /// <param name="plainLoopback">Whether URLs may be <c>http</c> where they name a loopback address.</param>
    /// <param name="cancellationToken">Cancels the operation, unless its commit was already submitted.</param>
    /// <param name="clientSecret">The secret of the console's client; null or empty: it has none.</param>
    /// <exception cref="IdentityRefusalException">No such organization; a rule is broken; the name or the URL is taken, or its subjects could be mistaken for those of another.</exception>
    public async ValueTask<OidcIssuer> CreateAsync(OidcIssuer wanted, bool plainLoopback, CancellationToken cancellationToken, string? clientSecret = null)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        ThrowIfBroken(wanted, plainLoopback);
        OidcIssuer made = wanted with { Id = RandomText.Pick(_context.Random, RandomText.UpperAlphanumeric, 21), Created = _context.Now };
        made = wanted.Console is null ? made : made with { Console = Protected(wanted.Console, made.Id, clientSecret) };
        byte[] row = Tables.IssuerKey(made.Organization, made.Name);
        await _context.ChangeAsync(
            made.Organization,
            user: null,
            async batch =>
            {
                IReadOnlyList<OidcIssuer> others = await AllAsync(made.Organization, cancellationToken);
                if (others.FirstOrDefault(other => other.Name == made.Name || other.Url == made.Url) is { } taken)
                {
                    throw IdentityRefusalException.Conflict($"the issuer '{(taken.Name == made.Name ? made.Name : made.Url)}' is taken");
                }

                if (others.FirstOrDefault(other => SpeakForEachOther(other.Url, made.Url)) is { } similar)
                {
                    throw IdentityRefusalException.Conflict(
                        $"policies name subjects ISSUER:SUBJECT and claims ISSUER:CLAIM, so those of '{made.Url}' could be mistaken for those of '{similar.Url}'");
                }

                if (others.Count >= MaxCount)
                {
                    throw IdentityRefusalException.Conflict($"an organization can have at most {MaxCount} issuers");
                }

                return batch.Check(row, null).Put(row, made.Encode());
            },
            cancellationToken);
        Forget();
        return made;
    }

    /// <summary>Sets how the console signs people in with an issuer. Sessions that have begun go on.</summary>
    /// <param name="organization">The organization that trusts the issuer.</param>
    /// <param name="name">Its name.</param>
    /// <param name="console">How; null: not at all any more.</param>
    /// <param name="clientSecret">The secret of the console's client; empty: it has none; null: the one that it has, if the client stays the same.</param>
    /// <param name="cancellationToken">Cancels the operation, unless its commit was already submitted.</param>
    /// <exception cref="IdentityRefusalException">There is no such issuer; a rule is broken.</exception>
    public async ValueTask<OidcIssuer> SetConsoleAsync(string organization, string name, OidcConsole? console, string? clientSecret, CancellationToken cancellationToken)
    {
        byte[] row = Tables.IssuerKey(organization, name);
        OidcIssuer changed = await _context.ChangeAsync(
            organization,
            user: null,
            async batch =>
            {
                byte[] old = await _context.Store.GetAsync(row, cancellationToken) ?? throw NoIssuer(organization, name);
                OidcIssuer issuer = Rows.Decode(row, old, OidcIssuer.Decode);
                byte[]? kept = clientSecret is null && console?.ClientId == issuer.Console?.ClientId ? issuer.Console?.ProtectedSecret : null;
                OidcConsole? set = console is null ? null : Protected(console, issuer.Id, clientSecret);
                issuer = issuer with { Console = kept is null || set is null ? set : set with { ProtectedSecret = kept } };
                batch.Check(row, old).Put(row, issuer.Encode());
                return issuer;
            },
            cancellationToken);
        Forget();
        return changed;
    }

    /// <summary>The secret of the client that the console is at an issuer; null when it has none.</summary>
    /// <exception cref="SecretUnreadableException">It does not decrypt.</exception>
    public string? ClientSecretOf(OidcIssuer issuer)
    {
        ArgumentNullException.ThrowIfNull(issuer);
        return issuer.Console?.ProtectedSecret is { } secret ? _context.Protector.Unprotect(OidcConsole.Subject(issuer.Id), secret) : null;
    }

    /// <summary>The issuers of all organizations with which the console signs people in, in order of organizations and names.</summary>
    public async ValueTask<IReadOnlyList<OidcIssuer>> OfConsoleAsync(CancellationToken cancellationToken) =>
        (await KeptAsync(cancellationToken)).OfConsole;

    /// <summary>Removes an issuer: credentials that were issued for its tokens, also by its roles, are refused from now on.</summary>
    /// <exception cref="IdentityRefusalException">There is none.</exception>
    public async ValueTask DeleteAsync(string organization, string name, CancellationToken cancellationToken)
    {
        byte[] row = Tables.IssuerKey(organization, name);
        await _context.ChangeAsync(
            organization,
            user: null,
            async batch =>
            {
                byte[] old = await _context.Store.GetAsync(row, cancellationToken) ?? throw NoIssuer(organization, name);
                return batch.Check(row, old).Delete(row).AsRemoval();
            },
            cancellationToken);
        _context.Revoked();
    }

    private OidcConsole Protected(OidcConsole console, string issuerId, string? clientSecret)
    {
        string? secret = clientSecret is "" ? null : clientSecret;
        OidcConsole.ThrowIfBroken(console, secret);
        return console with { ProtectedSecret = secret is null ? null : _context.Protector.Protect(OidcConsole.Subject(issuerId), secret) };
    }

    private static IdentityRefusalException NoIssuer(string organization, string name) =>
        IdentityRefusalException.NotFound($"there is no issuer '{name}' in organization '{organization}'");

    /// <summary>
    /// Whether a policy that means one issuer's subject or claim could mean one of the other: claims are named after the URL without scheme and slashes at its end.
    /// </summary>
    private static bool SpeakForEachOther(string one, string other)
    {
        string first = SessionGrant.ConditionPrefix(one), second = SessionGrant.ConditionPrefix(other);
        return first == second
            || MayBeMistaken(one, other) || MayBeMistaken(other, one)
            || MayBeMistaken(first, second) || MayBeMistaken(second, first);
    }

    /// <summary>A port, or whatever else follows a colon, of the longer URL could be taken for the beginning of a subject of the shorter.</summary>
    private static bool MayBeMistaken(string shorter, string longer) => longer.StartsWith(shorter + ":", StringComparison.Ordinal);

    private static void ThrowIfBroken(OidcIssuer issuer, bool plainLoopback)
    {
        IdentityRules.ThrowIfBroken(IdentityRules.Name("the name of an issuer", issuer.Name));
        Uri url = ParseUrl("the URL of an issuer", issuer.Url, plainLoopback);
        if (issuer.JwksUrl is { } jwks)
        {
            ParseUrl("the URL of an issuer's keys", jwks, plainLoopback);
        }

        if (url.Query.Length > 0 || url.Fragment.Length > 0)
        {
            throw IdentityRefusalException.Invalid("the URL of an issuer must have neither a query nor a fragment");
        }

        // Policies name claims ISSUER:CLAIM, the issuer without its scheme, which must not look like the name of another condition key.
        IdentityRules.ThrowIfBroken(url.Host.Contains('.', StringComparison.Ordinal) || !url.IsDefaultPort || url.AbsolutePath.Length > 1
            ? null
            : "the URL of an issuer must have a host with a dot, a port or a path");
        foreach (string host in issuer.Hosts)
        {
            IdentityRules.ThrowIfBroken(
                Uri.TryCreate($"https://{host}/", UriKind.Absolute, out Uri? parsed) && parsed.PathAndQuery == "/" && parsed.UserInfo.Length == 0
                    && host.Length is > 0 and <= MaxLength && string.Equals(parsed.IsDefaultPort ? parsed.Host : parsed.Authority, host, StringComparison.Ordinal)
                    ? null
                    : $"'{host}' is not a host name in lower case, optionally with a port");
        }

        IdentityRules.ThrowIfBroken(issuer is { AnySubject: true, Conditions: not null } ? "conditions say which subjects' tokens are exchanged: without them, it is those of all subjects" : null);
        ThrowIfBroken("audience", issuer.Audiences);
        IdentityRules.ThrowIfBroken(issuer.Audiences.Count == 0 ? "an issuer must have an audience: its tokens are also for others" : null);
        IdentityRules.ThrowIfBroken(issuer.Hosts.Count > MaxValues ? $"an issuer can have at most {MaxValues} hosts" : null);
    }

    /// <summary>Checks a list of audiences.</summary>
    /// <exception cref="IdentityRefusalException">A rule is broken.</exception>
    internal static void ThrowIfBroken(string what, IReadOnlyList<string> values)
    {
        IdentityRules.ThrowIfBroken(values.Count > MaxValues ? $"there can be at most {MaxValues} values of {what}" : null);
        foreach (string value in values)
        {
            IdentityRules.ThrowIfBroken(value.Length == 0 ? $"an {what} must not be empty" : IdentityRules.Text($"an {what}", value));
        }
    }

    private static Uri ParseUrl(string what, string text, bool plainLoopback)
    {
        IdentityRules.ThrowIfBroken(text.Length <= MaxLength && text.All(c => c is > ' ' and < (char)0x7F and not ('*' or '?' or '"' or '\\'))
            ? null
            : $"{what} must have at most {MaxLength} printable ASCII characters, without wildcards and quotes");
        return Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.UserInfo.Length == 0 && url.Host.Length > 0
            && (url.Scheme == Uri.UriSchemeHttps || (plainLoopback && url.Scheme == Uri.UriSchemeHttp && url.IsLoopback))
            ? url
            : throw IdentityRefusalException.Invalid($"{what} must be an https URL");
    }

    /// <param name="ByUrl">One of each URL.</param>
    /// <param name="OfConsole">Those with which the console signs people in.</param>
    private sealed record Kept(Dictionary<string, OidcIssuer> ByUrl, List<OidcIssuer> OfConsole);
}
