using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Acceleration;

/// <summary>Creates, finds, lists and revokes the tokens of accelerators. A token's text is <c>acc-</c> and 64 characters.</summary>
/// <param name="store">Where the rows are.</param>
/// <param name="clock">The time of creations.</param>
/// <param name="random">Generates the texts.</param>
public sealed class AcceleratorTokens(IKeyValueStore store, TimeProvider clock, IRandomSource random)
{
    /// <summary>What every token begins with.</summary>
    public const string Prefix = "acc-";

    private const int Length = 64;
    private const int MaxKnown = 1024;
    private const int MaxTokens = 10_000;

    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>Finds the token with a text, as the store has it now; null when there is none.</summary>
    public async ValueTask<AcceleratorToken?> AuthenticateAsync(string text, CancellationToken cancellationToken)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || text.Length > AcceleratorEnvelope.MaxTokenLength)
        {
            return null;
        }

        // Only what does not change is remembered: the key, and what exactly these bytes mean.
        Known? known = _known.GetValueOrDefault(text);
        byte[] key = known?.Key ?? Tables.AcceleratorTokenKey(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        if (await store.GetAsync(key, cancellationToken) is not { } row)
        {
            _known.TryRemove(text, out _);
            return null;
        }

        if (known is not null && row.AsSpan().SequenceEqual(known.Row))
        {
            return known.Token;
        }

        AcceleratorToken token = Decode(key, row);
        if (_known.Count >= MaxKnown)
        {
            _known.Clear();
        }

        _known[text] = new Known(key, row, token);
        return token;
    }

    /// <summary>Finds a token by its id; null when there is none.</summary>
    public async ValueTask<AcceleratorToken?> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (id.Length != 2 * SHA256.HashSizeInBytes || !id.All(char.IsAsciiHexDigitLower))
        {
            return null;
        }

        byte[] key = Tables.AcceleratorTokenKey(Convert.FromHexString(id));
        return await store.GetAsync(key, cancellationToken) is { } row ? Decode(key, row) : null;
    }

    /// <summary>Creates a token.</summary>
    /// <param name="name">A name for people, which need not be unique.</param>
    /// <param name="zone">The only zone that its accelerator may be in; null: the one of accelerators that name none.</param>
    /// <param name="networks">The networks of the clients for which it may speak.</param>
    /// <param name="organizations">The organizations for which it may speak; empty: all.</param>
    /// <param name="createdBy">ARN of the creator.</param>
    /// <param name="cancellationToken">Cancels the operation, unless its commit was already submitted.</param>
    /// <param name="domains">The domains under which its accelerator's clients may name buckets; empty, or null: any.</param>
    /// <exception cref="IdentityRefusalException">A rule is broken.</exception>
    public async ValueTask<NewAcceleratorToken> CreateAsync(
        string name, string? zone, AddressList networks, IReadOnlyList<string> organizations, string createdBy, CancellationToken cancellationToken,
        IReadOnlyList<string>? domains = null)
    {
        IdentityRules.ThrowIfBroken(name.Length == 0 ? "the name of a token must not be empty" : IdentityRules.Text("the name of a token", name));
        IdentityRules.ThrowIfBroken(zone is null || AcceleratorNames.IsName(zone) ? null : "the zone must be 1 to 63 letters, digits and . _ -");
        IdentityRules.ThrowIfBroken(organizations.Select(static each => IdentityRules.Name("the name of an organization", each)).FirstOrDefault(static problem => problem is not null));
        domains ??= [];
        IdentityRules.ThrowIfBroken(domains.Any(static each => !AcceleratorNames.IsDomain(each)) ? "a domain must be a DNS name in lower case, without a dot at its end" : null);
        IdentityRules.ThrowIfBroken(Math.Max(Math.Max(networks.Networks.Count, organizations.Count), domains.Count) > AcceleratorToken.MaxLimits
            ? $"a token has at most {AcceleratorToken.MaxLimits} networks, {AcceleratorToken.MaxLimits} organizations and {AcceleratorToken.MaxLimits} domains" : null);

        // What its accelerators have cached can be read by every accelerator of the zone.
        IdentityRules.ThrowIfBroken(organizations.Count > 0 && zone is null or AcceleratorNames.DefaultZone ? "a token for certain organizations needs a zone of its own: accelerators of a zone read what the others of it have cached" : null);
        string text = Prefix + RandomText.Pick(random, RandomText.Alphanumeric, Length);
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(text));
        var token = new AcceleratorToken
        {
            Id = Convert.ToHexStringLower(hash),
            Name = name,
            Zone = zone ?? AcceleratorNames.DefaultZone,
            Networks = networks,
            Organizations = [.. organizations.Distinct(StringComparer.Ordinal)],
            Domains = [.. domains.Distinct(StringComparer.Ordinal)],
            Suffix = text[^4..],
            Created = DateTimeOffset.FromUnixTimeSeconds(clock.GetUtcNow().ToUnixTimeSeconds()),
            CreatedBy = createdBy,
        };
        byte[] key = Tables.AcceleratorTokenKey(hash);
        return await store.CommitAsync(new KeyValueBatch().Check(key, null).Put(key, token.Encode()), cancellationToken)
            ? new NewAcceleratorToken(token, text)
            : throw new InvalidOperationException("A token of 380 random bits was generated twice.");
    }

    /// <summary>All tokens, the oldest first.</summary>
    public async ValueTask<IReadOnlyList<AcceleratorToken>> ListAsync(CancellationToken cancellationToken)
    {
        byte[] prefix = [Tables.AcceleratorToken];
        IReadOnlyList<KeyValueEntry> rows = await store.ScanAsync(prefix, KeyCodec.PrefixEnd(prefix), MaxTokens, reverse: false, cancellationToken);
        return [.. rows.Select(static row => Decode(row.Key, row.Value)).OrderBy(static token => token.Created).ThenBy(static token => token.Name, StringComparer.Ordinal)];
    }

    /// <summary>Revokes a token: its accelerators are refused from their next request on.</summary>
    public async ValueTask RevokeAsync(AcceleratorToken token, CancellationToken cancellationToken) =>
        await store.CommitAsync(new KeyValueBatch().Delete(Tables.AcceleratorTokenKey(Convert.FromHexString(token.Id))).AsRemoval(), cancellationToken);

    private static AcceleratorToken Decode(byte[] key, byte[] row) => Rows.Decode(key, row, bytes => AcceleratorToken.Decode(Convert.ToHexStringLower(key.AsSpan(1)), bytes));

    private sealed record Known(byte[] Key, byte[] Row, AcceleratorToken Token);
}
