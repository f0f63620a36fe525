using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>Creates, finds, lists and deletes tokens of the control API. A token's text is <c>key-</c> and 64 characters.</summary>
public sealed class ApiTokens : ITokenSource
{
    /// <summary>What every token begins with.</summary>
    public const string Prefix = "key-";

    private const int MaxLength = 256;

    /// <summary>The number of characters of a token that is created, after its prefix.</summary>
    private const int Length = 64;

    private static readonly SearchValues<char> Alphabet = SearchValues.Create(RandomText.Alphanumeric);

    private readonly IdentityContext _context;

    internal ApiTokens(IdentityContext context) => _context = context;

    /// <summary>Whether a text has the form of a token. A name may begin like one.</summary>
    public static bool HasForm(string text) =>
        text.Length == Prefix.Length + Length && text.StartsWith(Prefix, StringComparison.Ordinal) && text.AsSpan(Prefix.Length).IndexOfAnyExcept(Alphabet) < 0;

    /// <summary>Finds the principal that a token authenticates; null when there is no such token.</summary>
    public async ValueTask<Principal?> AuthenticateAsync(string token, CancellationToken cancellationToken)
    {
        if (!token.StartsWith(Prefix, StringComparison.Ordinal) || token.Length > MaxLength)
        {
            return null;
        }

        return await PrincipalAsync(Convert.ToHexStringLower(Hash(token)), cancellationToken);
    }

    /// <summary>Finds the principal that the token with an id authenticates; null when there is no such token.</summary>
    public async ValueTask<Principal?> PrincipalAsync(string id, CancellationToken cancellationToken) =>
        await FindAsync(id, cancellationToken) is { } found
            ? await _context.PrincipalAsync(found.Organization, found.User, found.Id, null, cancellationToken) is { } holder ? holder with { HoldsToken = true } : null
            : null;

    /// <summary>Finds a token by its id; null when there is none.</summary>
    public async ValueTask<ApiToken?> FindAsync(string id, CancellationToken cancellationToken) =>
        TryParse(id, out byte[] hash) && await _context.Store.GetAsync(Tables.ApiTokenKey(hash), cancellationToken) is { } row
            ? Decode(id, Tables.ApiTokenKey(hash), row)
            : null;

    /// <summary>Creates a token for a user or, with null, for the organization's root user.</summary>
    /// <param name="organization">The organization's name.</param>
    /// <param name="user">The user's name.</param>
    /// <param name="name">A name for people, which need not be unique.</param>
    /// <param name="description">A text for people; null for none.</param>
    /// <param name="cancellationToken">Cancels the operation, unless its commit was already submitted.</param>
    /// <param name="by">The credential with which somebody creates it; it is not created if that one ends meanwhile. Null: whoever creates it needs none.</param>
    /// <exception cref="IdentityRefusalException">No such organization or user; a rule is broken; <paramref name="by"/> has ended.</exception>
    public async ValueTask<NewApiToken> CreateAsync(
        string organization, string? user, string name, string? description, CancellationToken cancellationToken, RequestCredential? by = null)
    {
        IdentityRules.ThrowIfBroken(name.Length == 0 ? "the name of a token must not be empty" : IdentityRules.Text("the name of a token", name));
        IdentityRules.ThrowIfBroken(description is null ? null : IdentityRules.Text("the description of a token", description));
        string text = Prefix + RandomText.Pick(_context.Random, RandomText.Alphanumeric, Length);
        byte[] hash = Hash(text);
        var token = new ApiToken
        {
            Id = Convert.ToHexStringLower(hash),
            Organization = organization,
            User = user,
            Name = name,
            Description = description,
            Suffix = text[^4..],
            Created = _context.Now,
        };
        return await _context.ChangeAsync(
            organization,
            user,
            async batch =>
            {
                await _context.CheckAsync(batch, by, cancellationToken);
                batch.Put(Tables.ApiTokenKey(hash), token.Encode()).Put(Tables.ApiTokenByUserKey(organization, user, hash), []);
                return new NewApiToken(token, text);
            },
            cancellationToken);
    }

    /// <summary>Removes a token: requests with it are refused from now on.</summary>
    public async ValueTask DeleteAsync(ApiToken token, CancellationToken cancellationToken)
    {
        byte[] hash = Convert.FromHexString(token.Id);
        await _context.Store.CommitAsync(
            new KeyValueBatch()
                .Delete(Tables.ApiTokenKey(hash))
                .Delete(Tables.ApiTokenByUserKey(token.Organization, token.User, hash))
                .AsRemoval(),
            cancellationToken);

        // Temporary credentials that were issued for it end with it, and are cached.
        _context.KeyRevoked(token.Id);
    }

    /// <summary>The tokens of one user or, with null, of the whole organization, its users' among them.</summary>
    public async ValueTask<IdentityPage<ApiToken>> ListAsync(string organization, string? user, string? after, int limit, CancellationToken cancellationToken)
    {
        byte[] owned = Tables.OwnedBy(Tables.ApiTokenByUser, organization);
        byte[] prefix = user is null ? owned : Tables.ApiTokenByUserKey(organization, user, []);
        byte[] from = prefix;
        if (after is not null)
        {
            ApiToken last = await FindAsync(after, cancellationToken) is { } found && found.Organization == organization && (user is null || found.User == user)
                ? found
                : throw IdentityRefusalException.Invalid("the cursor is not from a previous answer, or its token no longer exists");
            from = [.. Tables.ApiTokenByUserKey(organization, last.User, Convert.FromHexString(after)), 0];
        }

        IReadOnlyList<KeyValueEntry> rows =
            await _context.Store.ScanAsync(from, KeyCodec.PrefixEnd(prefix), limit + 1, reverse: false, cancellationToken);
        byte[][] hashes = [.. rows.Take(limit).Select(row => Tables.SplitOwned(row.Key, owned).Id)];
        byte[]?[] values = await _context.Store.GetAsync([.. hashes.Select(hash => Tables.ApiTokenKey(hash))], cancellationToken);
        var tokens = new List<ApiToken>();
        for (int i = 0; i < hashes.Length; i++)
        {
            if (values[i] is { } row)
            {
                tokens.Add(Decode(Convert.ToHexStringLower(hashes[i]), Tables.ApiTokenKey(hashes[i]), row));
            }
        }

        return new IdentityPage<ApiToken>(tokens, rows.Count > limit ? Convert.ToHexStringLower(hashes[^1]) : null);
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private static bool TryParse(string id, out byte[] hash)
    {
        bool valid = id.Length == 2 * SHA256.HashSizeInBytes && id.All(char.IsAsciiHexDigitLower);
        hash = valid ? Convert.FromHexString(id) : [];
        return valid;
    }

    private static ApiToken Decode(string id, byte[] key, byte[] value) => Rows.Decode(key, value, bytes => ApiToken.Decode(id, bytes));
}
