using System.Text;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>The properties of a new access key.</summary>
public sealed record AccessKeyRequest
{
    /// <summary>The id; null: one is generated. Given with <see cref="SecretKey"/> or not at all.</summary>
    public string? Id { get; init; }

    /// <summary>The secret; null: one is generated. Given with <see cref="Id"/> or not at all.</summary>
    public string? SecretKey { get; init; }

    /// <summary>When it expires; null: never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>The only disk that it gives access to; null for a key of object buckets.</summary>
    public string? DiskScope { get; init; }
}

/// <summary>Creates, lists, rotates and revokes access keys.</summary>
public sealed class AccessKeys
{
    private readonly IdentityContext _context;
    private readonly string? _reserved;

    /// <param name="context">The rows.</param>
    /// <param name="reserved">The id of the server's root key, which has no row and which no other key can have.</param>
    internal AccessKeys(IdentityContext context, string? reserved)
    {
        _context = context;
        _reserved = reserved;
    }

    /// <summary>Finds a key; null when there is none.</summary>
    public ValueTask<AccessKey?> FindAsync(string id, CancellationToken cancellationToken) =>
        Rows.FindAsync(_context.Store, Tables.AccessKeyKey(id), AccessKey.Decode, cancellationToken);

    /// <summary>Finds a key.</summary>
    /// <exception cref="IdentityRefusalException">There is none.</exception>
    public async ValueTask<AccessKey> GetAsync(string id, CancellationToken cancellationToken) =>
        await FindAsync(id, cancellationToken) ?? throw NoKey(id);

    /// <summary>Creates a key for a user or, with null, for the organization's root user.</summary>
    /// <exception cref="IdentityRefusalException">No such organization or user; a rule is broken; the id is taken.</exception>
    public async ValueTask<NewAccessKey> CreateAsync(
        string organization, string? user, AccessKeyRequest request, CancellationToken cancellationToken)
    {
        NewAccessKey made = Make(organization, user, request);
        return await _context.ChangeAsync(
            organization,
            user,
            async batch =>
            {
                await ThrowIfTakenAsync(made.Key.Id, cancellationToken);
                Add(batch, made.Key);
                return made;
            },
            cancellationToken);
    }

    /// <summary>Gives a key a new secret, generated or given; the old secret stops working at once.</summary>
    /// <exception cref="IdentityRefusalException">There is no such key; the secret breaks a rule.</exception>
    public async ValueTask<NewAccessKey> RotateAsync(string id, string? secret, CancellationToken cancellationToken)
    {
        string now = secret ?? RandomText.Secret(_context.Random);
        ThrowIfNotSecret(now);
        byte[] row = Tables.AccessKeyKey(id);
        AccessKey rotated = await _context.Transactions.RunAsync(
            row,
            async _ =>
            {
                byte[] bytes = await _context.Store.GetAsync(row, cancellationToken) ?? throw NoKey(id);
                AccessKey key = Rows.Decode(row, bytes, AccessKey.Decode) with { ProtectedSecret = Protect(id, now) };
                return Decision.Commit(new KeyValueBatch().Check(row, bytes).Put(row, key.Encode()), key);
            },
            cancellationToken);
        _context.Revoked();
        return new NewAccessKey(rotated, now);
    }

    /// <summary>Removes a key. Requests that it signs are refused from now on; requests that were already authenticated continue.</summary>
    /// <exception cref="IdentityRefusalException">There is no such key.</exception>
    public async ValueTask RevokeAsync(string id, CancellationToken cancellationToken)
    {
        byte[] row = Tables.AccessKeyKey(id);
        await _context.Transactions.RunAsync(
            row,
            async _ =>
            {
                byte[] bytes = await _context.Store.GetAsync(row, cancellationToken) ?? throw NoKey(id);
                AccessKey key = Rows.Decode(row, bytes, AccessKey.Decode);
                KeyValueBatch batch = new KeyValueBatch().Check(row, bytes).AsRemoval();
                Remove(batch, key.Organization, key.User, id);
                return Decision.Commit(batch, key);
            },
            cancellationToken);
        _context.Revoked();
    }

    /// <summary>The keys of one user or, with null, of the whole organization: its root user's first, then user by user. Ordered by id.</summary>
    public async ValueTask<IdentityPage<AccessKey>> ListAsync(
        string organization, string? user, string? after, int limit, CancellationToken cancellationToken)
    {
        // A place among the keys of several users is a name and an id; neither can hold the slash that is between them outside.
        byte[] prefix = user is null ? Tables.OwnedBy(Tables.AccessKeyByUser, organization) : Tables.AccessKeyByUserKey(organization, user, "");
        (IReadOnlyList<KeyValueEntry> rows, string? next) = await _context.PageAsync(prefix, after?.Replace('/', '\0'), limit, cancellationToken);
        byte[][] ids =
        [
            .. rows.Select(row => IdentityContext.Tail(row, prefix)).Select(tail => Tables.AccessKeyKey(tail[(tail.IndexOf('\0', StringComparison.Ordinal) + 1)..])),
        ];
        byte[]?[] keys = await _context.Store.GetAsync(ids, cancellationToken);
        return new IdentityPage<AccessKey>([.. ids.Zip(keys).Where(row => row.Second is not null).Select(row => Rows.Decode(row.First, row.Second, AccessKey.Decode))], next?.Replace('\0', '/'));
    }

    /// <summary>All keys of an organization, its users' among them, user by user.</summary>
    public async ValueTask<IReadOnlyList<AccessKey>> AllAsync(string organization, CancellationToken cancellationToken)
    {
        byte[] prefix = Tables.OwnedBy(Tables.AccessKeyByUser, organization);
        var keys = new List<AccessKey>();
        await foreach (KeyValueEntry row in _context.AllAsync(prefix, cancellationToken))
        {
            if (await FindAsync(Encoding.UTF8.GetString(Tables.SplitOwned(row.Key, prefix).Id), cancellationToken) is { } key)
            {
                keys.Add(key);
            }
        }

        return keys;
    }

    /// <summary>Checks a request and creates the key, without storing it.</summary>
    /// <exception cref="IdentityRefusalException">A rule is broken.</exception>
    internal NewAccessKey Make(string organization, string? user, AccessKeyRequest request)
    {
        if (request.Id is null != request.SecretKey is null)
        {
            throw IdentityRefusalException.Invalid("an access key and its secret are given together or not at all");
        }

        string id = request.Id ?? RandomText.AccessKeyId(_context.Random);
        string secret = request.SecretKey ?? RandomText.Secret(_context.Random);
        IdentityRules.ThrowIfBroken(IdentityRules.AccessKeyId(id) is { } problem ? $"the access key {problem}" : null);
        ThrowIfNotSecret(secret);
        if (request.Expires <= _context.PreciseNow)
        {
            throw IdentityRefusalException.Invalid("the access key would have expired already");
        }

        if (id == _reserved)
        {
            throw Taken(id);
        }

        return new NewAccessKey(
            new AccessKey
            {
                Id = id,
                Organization = organization,
                User = user,
                ProtectedSecret = Protect(id, secret),
                Created = _context.Now,
                Expires = request.Expires is { } end ? end.AddTicks(TimeSpan.TicksPerSecond - 1).Seconds() : null,
                DiskScope = request.DiskScope,
            },
            secret);
    }

    internal static void Add(KeyValueBatch batch, AccessKey key) => batch
        .Check(Tables.AccessKeyKey(key.Id), null)
        .Put(Tables.AccessKeyKey(key.Id), key.Encode())
        .Put(Tables.AccessKeyByUserKey(key.Organization, key.User, key.Id), []);

    internal static void Remove(KeyValueBatch batch, string organization, string? user, string id) => batch
        .Delete(Tables.AccessKeyKey(id))
        .Delete(Tables.AccessKeyByUserKey(organization, user, id));

    /// <exception cref="IdentityRefusalException">The id is taken.</exception>
    internal async ValueTask ThrowIfTakenAsync(string id, CancellationToken cancellationToken)
    {
        if (await _context.Store.GetAsync(Tables.AccessKeyKey(id), cancellationToken) is not null)
        {
            throw Taken(id);
        }
    }

    internal static string Subject(string id) => "access-key/" + id;

    private byte[] Protect(string id, string secret) => _context.Protector.Protect(Subject(id), secret);

    private static void ThrowIfNotSecret(string secret) =>
        IdentityRules.ThrowIfBroken(IdentityRules.Secret(secret) is { } problem ? $"the secret key {problem}" : null);

    private static IdentityRefusalException NoKey(string id) => IdentityRefusalException.NotFound($"there is no access key '{id}'");

    private static IdentityRefusalException Taken(string id) => IdentityRefusalException.Conflict($"the access key '{id}' is taken");
}
