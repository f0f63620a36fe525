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

    /// <summary>The document of its policy, which the caller has validated; null for none.</summary>
    public string? Policy { get; init; }

    /// <summary>The credential with which somebody creates this key; it is not created if that one ends meanwhile. Null: whoever creates it needs none.</summary>
    public RequestCredential? By { get; init; }
}

/// <summary>Creates, lists, rotates and revokes access keys.</summary>
public sealed class AccessKeys
{
    /// <summary>
    /// The maximum number of keys that a user, or the root user, can have when another one with a policy is created: users create those themselves.
    /// </summary>
    public const int MaxOfUser = 1000;

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
    /// <exception cref="IdentityRefusalException">No such organization or user; a rule is broken; the id is taken; too many keys.</exception>
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
                await CheckCreatorAsync(batch, request, cancellationToken);
                if (request.Policy is not null)
                {
                    await ThrowIfTooManyAsync(organization, user, cancellationToken);
                }

                Add(batch, made.Key);
                return made;
            },
            cancellationToken);
    }

    /// <summary>Gives a key a new secret, generated or given; the old secret stops working at once.</summary>
    /// <param name="id">The key.</param>
    /// <param name="secret">The new secret; null: one is generated.</param>
    /// <param name="cancellationToken">Cancels the operation, unless its commit was already submitted.</param>
    /// <param name="judged">The key as the caller decided on it, which must still be the same; null: any key of that id.</param>
    /// <param name="by">The credential with which somebody rotates it: the secret stays if that one ends meanwhile. Null: whoever rotates it needs none.</param>
    /// <exception cref="IdentityRefusalException">There is no such key; the secret breaks a rule; <paramref name="by"/> has ended.</exception>
    public async ValueTask<NewAccessKey> RotateAsync(string id, string? secret, CancellationToken cancellationToken, AccessKey? judged = null, RequestCredential? by = null)
    {
        string now = secret ?? RandomText.Secret(_context.Random);
        ThrowIfNotSecret(now);
        byte[] row = Tables.AccessKeyKey(id);
        AccessKey rotated = await _context.Transactions.RunAsync(
            row,
            async _ =>
            {
                byte[] bytes = await _context.Store.GetAsync(row, cancellationToken) ?? throw NoKey(id);
                AccessKey key = Rows.Decode(row, bytes, AccessKey.Decode);
                ThrowIfAnother(judged, key);
                key = key with { ProtectedSecret = Protect(id, now), Rotated = _context.Now };
                var batch = new KeyValueBatch();
                await _context.CheckAsync(batch, by, cancellationToken);
                return Decision.Commit(batch.Check(row, bytes).Put(row, key.Encode()), key);
            },
            cancellationToken);
        _context.KeyRevoked(id);
        return new NewAccessKey(rotated, now);
    }

    /// <summary>Removes a key. Requests that it signs are refused from now on; requests that were already authenticated continue.</summary>
    /// <param name="id">The key.</param>
    /// <param name="cancellationToken">Cancels the operation, unless its commit was already submitted.</param>
    /// <param name="judged">See <see cref="RotateAsync"/>.</param>
    /// <exception cref="IdentityRefusalException">There is no such key.</exception>
    public async ValueTask RevokeAsync(string id, CancellationToken cancellationToken, AccessKey? judged = null)
    {
        byte[] row = Tables.AccessKeyKey(id);
        await _context.Transactions.RunAsync(
            row,
            async _ =>
            {
                byte[] bytes = await _context.Store.GetAsync(row, cancellationToken) ?? throw NoKey(id);
                AccessKey key = Rows.Decode(row, bytes, AccessKey.Decode);
                ThrowIfAnother(judged, key);
                KeyValueBatch batch = new KeyValueBatch().Check(row, bytes).AsRemoval();
                Remove(batch, key.Organization, key.User, id);
                return Decision.Commit(batch, key);
            },
            cancellationToken);
        _context.KeyRevoked(id);
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
                Policy = request.Policy,
            },
            secret);
    }

    internal static void Add(KeyValueBatch batch, AccessKey key) => batch
        .Check(Tables.AccessKeyKey(key.Id), null)
        .Check(Tables.TemporaryKeyKey(key.Id), null)
        .Put(Tables.AccessKeyKey(key.Id), key.Encode())
        .Put(Tables.AccessKeyByUserKey(key.Organization, key.User, key.Id), []);

    /// <summary>Makes the commit fail if the credential with which a key is created ends meanwhile.</summary>
    /// <exception cref="IdentityRefusalException">It has ended.</exception>
    internal ValueTask CheckCreatorAsync(KeyValueBatch batch, AccessKeyRequest request, CancellationToken cancellationToken) =>
        _context.CheckAsync(batch, request.By, cancellationToken);

    internal static void Remove(KeyValueBatch batch, string organization, string? user, string id) => batch
        .Delete(Tables.AccessKeyKey(id))
        .Delete(Tables.AccessKeyUseKey(id))
        .Delete(Tables.AccessKeyByUserKey(organization, user, id));

    /// <exception cref="IdentityRefusalException">The id is taken, by another key or by a temporary one.</exception>
    internal async ValueTask ThrowIfTakenAsync(string id, CancellationToken cancellationToken)
    {
        if ((await _context.Store.GetAsync([Tables.AccessKeyKey(id), Tables.TemporaryKeyKey(id)], cancellationToken)).Any(static row => row is not null))
        {
            throw Taken(id);
        }
    }

    private async ValueTask ThrowIfTooManyAsync(string organization, string? user, CancellationToken cancellationToken)
    {
        // A disk's keys are those of its users, who have a limit of their own: they are listed as the root user's.
        byte[] prefix = Tables.AccessKeyByUserKey(organization, user, "");
        int count = 0;
        string? after = null;
        do
        {
            (IReadOnlyList<KeyValueEntry> rows, after) = await _context.PageAsync(prefix, after, IdentityContext.Page, cancellationToken);
            byte[][] ids = [.. rows.Select(row => Tables.AccessKeyKey(IdentityContext.Tail(row, prefix)))];
            byte[]?[] keys = await _context.Store.GetAsync(ids, cancellationToken);
            count += ids.Zip(keys).Count(static row => row.Second is not null && Rows.Decode(row.First, row.Second, AccessKey.Decode).DiskScope is null);
        }
        while (count < MaxOfUser && after is not null);
        if (count >= MaxOfUser)
        {
            throw IdentityRefusalException.Conflict($"a user can have at most {MaxOfUser} access keys: revoke those that are not used");
        }
    }

    private static void ThrowIfAnother(AccessKey? judged, AccessKey key)
    {
        if (judged is not null && (judged.Organization != key.Organization || judged.User != key.User || judged.Policy != key.Policy || judged.Created != key.Created))
        {
            throw NoKey(key.Id);
        }
    }

    /// <summary>Whether it is the id of the server's root key.</summary>
    internal bool IsReserved(string id) => id == _reserved;

    internal static string Subject(string id) => "access-key/" + id;

    private byte[] Protect(string id, string secret) => _context.Protector.Protect(Subject(id), secret);

    private static void ThrowIfNotSecret(string secret) =>
        IdentityRules.ThrowIfBroken(IdentityRules.Secret(secret) is { } problem ? $"the secret key {problem}" : null);

    private static IdentityRefusalException NoKey(string id) => IdentityRefusalException.NotFound($"there is no access key '{id}'");

    private static IdentityRefusalException Taken(string id) => IdentityRefusalException.Conflict($"the access key '{id}' is taken");
}
