using System.Security.Cryptography;
using System.Text;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;
using Tarn.Core.Telemetry;

namespace Tarn.Core.Identity;

/// <summary>
/// Issues and revokes temporary credentials and removes those that have expired. They are rows, so that they survive a restart, and are valid as long as
/// what they were issued for exists: <see cref="StoredCredentials"/> looks it up.
/// </summary>
public sealed class TemporaryKeys
{
    /// <summary>The longest life of temporary credentials.</summary>
    public static readonly TimeSpan MaxLife = TimeSpan.FromHours(12);

    /// <summary>How long the row of an expired key stays, so that a late request learns that its token has expired.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromHours(1);

    /// <summary>The length of the ids of temporary keys: that of all access keys that are generated.</summary>
    public const int IdLength = 20;

    /// <summary>The longest row, in bytes: credentials that are in use are kept in memory.</summary>
    private const int MaxRow = 64 * 1024;

    private const string Prefix = "ASIA";
    private const int MaxAttributes = 20;
    private const int Page = 1000;
    private const int TokenLength = 128;
    private const int CookieSecretLength = 32;
    private const int MaxAttempts = 8;
    private const string RootUser = "root";

    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(5);

    /// <summary>How long after a count that failed none is begun.</summary>
    private static readonly TimeSpan CountAgainAfter = TimeSpan.FromSeconds(5);

    private readonly IdentityContext _context;
    private readonly TemporaryKeyLimits _limits;
    private readonly Lock _gate = new();
    private readonly TemporaryKeyParents _parents;
    private Action<Exception> _damaged = static _ => { };
    private Task<TemporaryKeyCounts>? _counts;
    private DateTimeOffset _counted;

    internal TemporaryKeys(IdentityContext context, TemporaryKeyLimits? limits = null)
    {
        _context = context;
        _limits = limits ?? new TemporaryKeyLimits();
        _parents = new TemporaryKeyParents(context);
    }

    /// <summary>Whether a text begins as the ids of temporary keys do, which those of no other key that is generated do.</summary>
    public static bool IsIdOfOne(ReadOnlySpan<char> text) => text.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Calls <paramref name="action"/> for every row that does not decode: it is left out, since whoever has its key can do nothing with it.</summary>
    public void OnDamaged(Action<Exception> action) => _damaged = action;

    /// <summary>Finds a key, expired or not; null when there is none.</summary>
    public ValueTask<TemporaryKey?> FindAsync(string id, CancellationToken cancellationToken) =>
        Rows.FindAsync(_context.Store, Tables.TemporaryKeyKey(id), TemporaryKey.Decode, cancellationToken);

    /// <summary>Finds the session of the console that a cookie names, expired or not; null when there is none, or the cookie's secret is another.</summary>
    public async ValueTask<TemporaryKey?> FindConsoleAsync(string id, ReadOnlyMemory<byte> cookieSecret, CancellationToken cancellationToken) =>
        await FindAsync(id, cancellationToken) is { IsConsole: true } key && CryptographicOperations.FixedTimeEquals(SHA256.HashData(cookieSecret.Span), key.CookieHash) ? key : null;

    /// <summary>Whether a session still is of the access key that it was issued for: of that one, with that secret.</summary>
    /// <param name="session">The session.</param>
    /// <param name="own">Its own credential.</param>
    /// <param name="parent">The access key as it is now.</param>
    public static bool IsOf(TemporaryKey session, Credential own, Credential parent)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(parent);
        return CryptographicOperations.FixedTimeEquals(MarkOf(parent, own.SecretKey), session.ParentMark);
    }

    /// <summary>Issues temporary credentials to a principal that the caller has authenticated.</summary>
    /// <exception cref="IdentityRefusalException">
    /// There are too many; what authenticated the request has ended; an attribute breaks a rule; they would take too much room; or what they are for has ended, which is <see cref="IdentityRefusalKind.NotFound"/>.
    /// </exception>
    public async ValueTask<NewTemporaryKey> IssueAsync(TemporaryKeyRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Life, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.Life, MaxLife);
        ArgumentOutOfRangeException.ThrowIfNotEqual(request.ProofHash.Length, request.ForConsole ? SHA256.HashSizeInBytes : 0, nameof(request));
        ThrowIfBroken(request.Attributes);
        string holder = HolderOf(request);
        TemporaryKeyCounts counts = await CountsAsync().WaitAsync(cancellationToken);
        string id = Prefix + RandomText.Pick(_context.Random, RandomText.UpperAlphanumeric, IdLength - Prefix.Length);
        string secret = RandomText.Secret(_context.Random);
        string? token = request.WithToken ? RandomText.Pick(_context.Random, RandomText.Alphanumeric, TokenLength) : null;
        byte[] cookie = new byte[request.ForConsole ? CookieSecretLength : 0];
        _context.Random.Fill(cookie);
        DateTimeOffset now = _context.Now;
        var key = new TemporaryKey
        {
            Id = id,
            Organization = request.Organization,
            Source = request.Source,
            Parent = request.Parent,
            Holder = holder,
            Created = now,
            Expires = now + request.Life,
            Issuer = request.Issuer?.Name,
            Subject = request.Subject,
            SessionName = request.SessionName,
            Policy = request.Policy,
            Claims = request.Claims,
            Attributes = [.. request.Attributes],
            ParentMark = request.ParentKey is { } parent ? MarkOf(parent, secret) : Encoding.UTF8.GetBytes(request.ParentId ?? ""),
            IssuerMark = Encoding.UTF8.GetBytes(request.Issuer?.Id ?? ""),
            TokenHash = token is null ? [] : HashOf(token),
            CookieHash = request.ForConsole ? SHA256.HashData(cookie) : [],
            ProofHash = request.ProofHash.ToArray(),
            ProtectedSecret = _context.Protector.Protect(Subject(id), secret),
        };
        byte[] encoded = key.Encode();
        IdentityRules.ThrowIfBroken(encoded.Length > MaxRow ? $"the credentials with their claims and attributes would take more than {MaxRow} bytes" : null);
        if (counts.TryAdd(key, _context.PreciseNow, request.Renews) is { } refusal)
        {
            throw IdentityRefusalException.Conflict(refusal);
        }

        // A commit that throws may have been made: its key stays counted until it expires.
        bool mayBeMade = false;
        try
        {
            for (int attempt = 0; attempt < MaxAttempts; attempt++)
            {
                KeyValueBatch batch = Add(await _parents.BeginAsync(request, cancellationToken), key, encoded);
                mayBeMade = true;
                if (await _context.Store.CommitAsync(batch, cancellationToken))
                {
                    return new NewTemporaryKey(key, secret, token) { CookieSecret = cookie };
                }

                mayBeMade = false;
            }
        }
        finally
        {
            if (!mayBeMade)
            {
                counts.Remove(key);
            }
        }

        throw IdentityRefusalException.Conflict("what the credentials are for is changing; try again");
    }

    /// <summary>Removes a key: requests that it signs are refused from now on. Does nothing when there is none.</summary>
    public async ValueTask RevokeAsync(TemporaryKey key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        byte[] row = Tables.TemporaryKeyKey(key.Id);
        if (await _context.Store.GetAsync(row, cancellationToken) is { } bytes
            && await _context.Store.CommitAsync(Remove(new KeyValueBatch().Check(row, bytes).AsRemoval(), key), cancellationToken))
        {
            (await CountsAsync().WaitAsync(cancellationToken)).Remove(key);
        }

        _context.KeyRevoked(key.Id);
    }

    /// <summary>The unexpired keys of an organization, principal by principal, those that expire first before others.</summary>
    /// <param name="organization">The organization.</param>
    /// <param name="holder">One principal as <see cref="TemporaryKey.Holder"/> names it; null for all.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<IReadOnlyList<TemporaryKey>> AllAsync(string organization, string? holder, CancellationToken cancellationToken)
    {
        byte[] prefix = holder is null ? Tables.OwnedBy(Tables.TemporaryKeyByHolder, organization) : HolderPrefix(organization, holder);
        var keys = new List<TemporaryKey>();
        await foreach (KeyValueEntry row in _context.AllAsync(prefix, cancellationToken))
        {
            (_, byte[] rest) = Tables.SplitOwned(row.Key, Tables.OwnedBy(Tables.TemporaryKeyByHolder, organization));
            if (rest.Length > sizeof(long)
                && await TryFindAsync(Encoding.UTF8.GetString(rest.AsSpan(sizeof(long))), cancellationToken) is { } key && key.Expires > _context.PreciseNow)
            {
                keys.Add(key);
            }
        }

        return keys;
    }

    /// <summary>Removes the rows of keys that expired more than <see cref="KeptFor"/> ago; returns their number.</summary>
    public async ValueTask<int> SweepAsync(CancellationToken cancellationToken)
    {
        byte[] begin = [Tables.TemporaryKeyByExpiry];
        byte[] end = Tables.TemporaryKeyByExpiryKey((_context.PreciseNow - KeptFor).ToUnixTimeMilliseconds() + 1, "");
        int removed = 0;
        if ((await _context.Store.ScanAsync(begin, end, 1, reverse: false, cancellationToken)).Count > 0)
        {
            await BackgroundSpan.RunAsync("SweepTemporaryKeys", async span =>
            {
                removed = await RemoveAsync(begin, end, cancellationToken);
                span?.SetTag("tarn.temporary_keys.removed", removed);
            });
        }

        (await CountsAsync().WaitAsync(cancellationToken)).Trim(_context.PreciseNow);
        return removed;
    }

    /// <summary>Sweeps now and every five minutes, until cancelled.</summary>
    /// <param name="failed">Called for a sweep that failed; the next one tries again.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellationToken">Ends the sweeps.</param>
    public async Task RunAsync(Action<Exception> failed, TimeProvider clock, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(failed);
        using var tick = new PeriodicTimer(SweepEvery, clock);
        do
        {
            try
            {
                await SweepAsync(cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                failed(e);
            }
        }
        while (await tick.WaitForNextTickAsync(cancellationToken));
    }

    /// <summary>
    /// A user or, with null, the root user as <see cref="TemporaryKey.Holder"/>: the name that CoreWeave's API has for it. A user whose name is that of the root user has another, which
    /// no user can have.
    /// </summary>
    public static string HolderOf(string organization, string? user) => user == RootUser ? $"{organization}/user/{RootUser}" : $"{organization}/{user ?? RootUser}";

    internal static string Subject(string id) => "temporary-key/" + id;

    internal static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>
    /// Tells an access key with its secret from every other, without revealing anything about the secret: whoever cannot decrypt the temporary key's cannot
    /// try secrets.
    /// </summary>
    internal static byte[] MarkOf(Credential parent, string secret) => HMACSHA256.HashData(
        Encoding.UTF8.GetBytes(secret),
        Encoding.UTF8.GetBytes(FormattableString.Invariant($"{parent.AccessKeyId}\0{parent.Principal.UserId}\0{parent.Created.ToUnixTimeSeconds()}\0{parent.SecretKey}")));

    private static string HolderOf(TemporaryKeyRequest request) => request.Source switch
    {
        // By whom they act as, so that all of a principal are found and end together.
        TemporaryKeySource.AccessKey or TemporaryKeySource.ApiToken => HolderOf(request.Organization, request.User),
        TemporaryKeySource.Issuer => $"role/{request.Issuer!.Url}:{request.Subject}",
        _ => $"role/{request.Parent}/{request.Subject}",
    };

    private static byte[] HolderPrefix(string organization, string holder)
    {
        byte[] key = Tables.TemporaryKeyByHolderKey(organization, holder, 0, "");
        return key[..^sizeof(long)];
    }

    private static void ThrowIfBroken(IReadOnlyDictionary<string, string> attributes)
    {
        IdentityRules.ThrowIfBroken(attributes.Count > MaxAttributes ? $"there can be at most {MaxAttributes} attributes" : null);
        foreach ((string name, string value) in attributes)
        {
            IdentityRules.ThrowIfBroken(IdentityRules.Text("the name of an attribute", name) ?? IdentityRules.Text("an attribute", value));
        }
    }

    private static KeyValueBatch Add(KeyValueBatch batch, TemporaryKey key, byte[] encoded)
    {
        byte[] row = Tables.TemporaryKeyKey(key.Id);
        long expires = key.Expires.ToUnixTimeMilliseconds();
        return batch
            .Check(row, null)
            .Check(Tables.AccessKeyKey(key.Id), null)
            .Put(row, encoded)
            .Put(Tables.TemporaryKeyByExpiryKey(expires, key.Id), [])
            .Put(Tables.TemporaryKeyByHolderKey(key.Organization, key.Holder, expires, key.Id), []);
    }

    /// <summary>Finds a key; null for one that does not decode, too.</summary>
    private async ValueTask<TemporaryKey?> TryFindAsync(string id, CancellationToken cancellationToken)
    {
        byte[] row = Tables.TemporaryKeyKey(id);
        return await _context.Store.GetAsync(row, cancellationToken) is { } bytes ? TryDecode(row, bytes) : null;
    }

    private TemporaryKey? TryDecode(byte[] row, byte[] bytes)
    {
        try
        {
            return Rows.Decode(row, bytes, TemporaryKey.Decode);
        }
        catch (RecordFormatException e)
        {
            _damaged(e);
            return null;
        }
    }

    /// <summary>Counts the keys that there are, once.</summary>
    private Task<TemporaryKeyCounts> CountsAsync()
    {
        lock (_gate)
        {
            // For everyone who waits: none of them cancels it for the others. One that failed is tried again, but not by each request: it reads all rows.
            if (_counts is null || (_counts.IsFaulted && _context.PreciseNow - _counted >= CountAgainAfter))
            {
                _counted = _context.PreciseNow;
                _counts = CountAsync();
            }

            return _counts;
        }
    }

    private async Task<TemporaryKeyCounts> CountAsync()
    {
        var counts = new TemporaryKeyCounts(_limits);
        await foreach (KeyValueEntry row in _context.AllAsync([Tables.TemporaryKey], CancellationToken.None))
        {
            if (TryDecode(row.Key, row.Value) is { } key && key.Expires > _context.PreciseNow)
            {
                counts.Add(key);
            }
        }

        return counts;
    }

    private async ValueTask<int> RemoveAsync(byte[] begin, byte[] end, CancellationToken cancellationToken)
    {
        int removed = 0;
        while (true)
        {
            IReadOnlyList<KeyValueEntry> rows = await _context.Store.ScanAsync(begin, end, Page, reverse: false, cancellationToken);
            KeyValueBatch batch = new KeyValueBatch().AsRemoval();
            foreach (KeyValueEntry row in rows)
            {
                // Also one that does not decode: its time was up. The list of its principal's keys passes over what is left of it.
                string id = Encoding.UTF8.GetString(row.Key.AsSpan(1 + sizeof(ulong)));
                batch.Delete(row.Key).Delete(Tables.TemporaryKeyKey(id));
                if (await TryFindAsync(id, cancellationToken) is { } key)
                {
                    Remove(batch, key);
                }
            }

            if (rows.Count > 0)
            {
                await _context.Store.CommitAsync(batch, cancellationToken);
                removed += rows.Count;
            }

            if (rows.Count < Page)
            {
                return removed;
            }
        }
    }

    private static KeyValueBatch Remove(KeyValueBatch batch, TemporaryKey key)
    {
        long expires = key.Expires.ToUnixTimeMilliseconds();
        return batch
            .Delete(Tables.TemporaryKeyKey(key.Id))
            .Delete(Tables.TemporaryKeyByExpiryKey(expires, key.Id))
            .Delete(Tables.TemporaryKeyByHolderKey(key.Organization, key.Holder, expires, key.Id));
    }
}
