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

    private readonly IdentityContext _context;

    internal ApiTokens(IdentityContext context) => _context = context;

    /// <summary>Finds the principal that a token authenticates; null when there is no such token.</summary>
    public async ValueTask<Principal?> AuthenticateAsync(string token, CancellationToken cancellationToken)
    {
        if (!token.StartsWith(Prefix, StringComparison.Ordinal) || token.Length > MaxLength)
        {
            return null;
        }

        ApiToken? found = await FindAsync(Convert.ToHexStringLower(Hash(token)), cancellationToken);
        return found is null ? null : await _context.PrincipalAsync(found.Organization, found.User, found.Id, null, cancellationToken);
    }

    /// <summary>Finds a token by its id; null when there is none.</summary>
    public async ValueTask<ApiToken?> FindAsync(string id, CancellationToken cancellationToken) =>
        TryParse(id, out byte[] hash) && await _context.Store.GetAsync(Tables.ApiTokenKey(hash), cancellationToken) is { } row
            ? Decode(id, Tables.ApiTokenKey(hash), row)
            : null;

    /// <summary>Creates a token for a user or, with null, for the organization's root user.</summary>
    /// <exception cref="IdentityRefusalException">No such organization or user; a rule is broken.</exception>
    public async ValueTask<NewApiToken> CreateAsync(
        string organization, string? user, string name, string? description, CancellationToken cancellationToken)
    {
        IdentityRules.ThrowIfBroken(name.Length == 0 ? "the name of a token must not be empty" : IdentityRules.Text("the name of a token", name));
        IdentityRules.ThrowIfBroken(description is null ? null : IdentityRules.Text("the description of a token", description));
        string text = Prefix + RandomText.Pick(_context.Random, RandomText.Alphanumeric, 64);
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
            batch =>
            {
                batch.Put(Tables.ApiTokenKey(hash), token.Encode()).Put(Tables.ApiTokenByUserKey(organization, user, hash), []);
                return ValueTask.FromResult(new NewApiToken(token, text));
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
    }

    /// <summary>The tokens of an organization, its users' among them.</summary>
    public async ValueTask<IdentityPage<ApiToken>> ListAsync(string organization, string? after, int limit, CancellationToken cancellationToken)
    {
        byte[] prefix = Tables.OwnedBy(Tables.ApiTokenByUser, organization);
        byte[] from = prefix;
        if (after is not null)
        {
            ApiToken last = await FindAsync(after, cancellationToken) is { } found && found.Organization == organization
                ? found
                : throw IdentityRefusalException.Invalid("the cursor is not from a previous answer, or its token no longer exists");
            from = [.. Tables.ApiTokenByUserKey(organization, last.User, Convert.FromHexString(after)), 0];
        }

        IReadOnlyList<KeyValueEntry> rows =
            await _context.Store.ScanAsync(from, KeyCodec.PrefixEnd(prefix), limit + 1, reverse: false, cancellationToken);
        byte[][] hashes = [.. rows.Take(limit).Select(row => Tables.SplitOwned(row.Key, prefix).Id)];
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
