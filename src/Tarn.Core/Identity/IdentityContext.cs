using System.Text;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>Shared by the stores of identity: the rows, the transactions that change them, and the notification of revocations.</summary>
internal sealed class IdentityContext(IKeyValueStore store, ISecretProtector protector, TimeProvider clock, IRandomSource random)
{
    /// <summary>Rows per read, for lists and deletions.</summary>
    public const int Page = 1000;

    public IKeyValueStore Store => store;

    /// <summary>Transactions that change rows; those of one organization contend for its row.</summary>
    public OptimisticTransaction Transactions { get; } = new(store, clock, random);

    public ISecretProtector Protector => protector;

    public IRandomSource Random => random;

    public DateTimeOffset Now => clock.GetUtcNow().Seconds();

    /// <summary>The current time with the clock's full precision.</summary>
    public DateTimeOffset PreciseNow => clock.GetUtcNow();

    /// <summary>Called after a commit that revoked something: anything cached before it must not be used any more.</summary>
    public Action Revoked { get; set; } = static () => { };

    /// <summary>
    /// Called with the id of an access key, permanent or temporary, or of a token, after a commit that revoked it or gave it another secret: what was cached of it and of sessions that were issued
    /// for it must not be used any more. Whoever ends their own credentials must not empty what is cached of everybody.
    /// </summary>
    public Action<string> KeyRevoked { get; set; } = static _ => { };

    /// <summary>Makes a commit that makes credentials fail if those with which they are made end meanwhile.</summary>
    /// <param name="batch">The commit.</param>
    /// <param name="by">What authenticated the request; null when the server itself makes them.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <exception cref="IdentityRefusalException">They have ended.</exception>
    public ValueTask CheckAsync(KeyValueBatch batch, RequestCredential? by, CancellationToken cancellationToken) => by?.CheckAsync(batch, this, cancellationToken) ?? default;

    /// <summary>An organization with the bytes of its row.</summary>
    /// <exception cref="IdentityRefusalException">There is none of that name.</exception>
    public async ValueTask<(Organization Organization, byte[] Row)> OrganizationAsync(string name, CancellationToken cancellationToken)
    {
        byte[] key = Tables.OrganizationKey(name);
        byte[] row = await store.GetAsync(key, cancellationToken) ?? throw NoOrganization(name);
        return (Rows.Decode(key, row, Organization.Decode), row);
    }

    /// <summary>A user with the bytes of its row.</summary>
    /// <exception cref="IdentityRefusalException">There is none of that name.</exception>
    public async ValueTask<(User User, byte[] Row)> UserAsync(string organization, string name, CancellationToken cancellationToken)
    {
        byte[] key = Tables.UserKey(organization, name);
        byte[] row = await store.GetAsync(key, cancellationToken) ?? throw NoUser(organization, name);
        return (Rows.Decode(key, row, User.Decode), row);
    }

    /// <summary>
    /// Makes the commit fail if anything of the organization changed since it was read, and makes concurrent commits fail too: changes within an
    /// organization are serialized, so that its deletion finds everything.
    /// </summary>
    public static KeyValueBatch Guard(KeyValueBatch batch, Organization organization, byte[] row)
    {
        byte[] key = Tables.OrganizationKey(organization.Name);
        return batch.Check(key, row).Put(key, (organization with { Generation = organization.Generation + 1 }).Encode());
    }

    /// <summary>Changes what belongs to an organization, and to a user unless that is null.</summary>
    /// <param name="organization">The organization's name.</param>
    /// <param name="user">The user's name.</param>
    /// <param name="decide">Adds the change to a batch from <see cref="BeginAsync"/>, and returns what the change results in; it refuses by throwing.</param>
    /// <param name="cancellationToken">Cancels the operation, unless its commit was already submitted.</param>
    /// <exception cref="IdentityRefusalException">There is no such organization or user, or what <paramref name="decide"/> refuses.</exception>
    public ValueTask<T> ChangeAsync<T>(
        string organization, string? user, Func<KeyValueBatch, ValueTask<T>> decide, CancellationToken cancellationToken) =>
        Transactions.RunAsync(
            Tables.OrganizationKey(organization),
            async _ =>
            {
                KeyValueBatch batch = await BeginAsync(organization, user, cancellationToken);
                return Decision.Commit(batch, await decide(batch));
            },
            cancellationToken);

    /// <summary>Starts a commit that changes what belongs to an organization, and to a user unless that is null.</summary>
    /// <exception cref="IdentityRefusalException">There is no such organization or user.</exception>
    public async ValueTask<KeyValueBatch> BeginAsync(string organization, string? user, CancellationToken cancellationToken)
    {
        (Organization found, byte[] row) = await OrganizationAsync(organization, cancellationToken);
        if (user is not null)
        {
            // Its deletion changes the organization's row too, which is guarded.
            await UserAsync(organization, user, cancellationToken);
        }

        return Guard(new KeyValueBatch(), found, row);
    }

    /// <summary>The principal that a key or token authenticates; null when its user or organization is gone.</summary>
    public async ValueTask<Principal?> PrincipalAsync(
        string organization, string? user, string keyId, string? diskScope, CancellationToken cancellationToken)
    {
        List<byte[]> keys = [Tables.OrganizationKey(organization)];
        if (user is not null)
        {
            keys.Add(Tables.UserKey(organization, user));
        }

        byte[]?[] rows = await store.GetAsync(keys, cancellationToken);
        if (rows[0] is not { } organizationRow)
        {
            return null;
        }

        Organization found = Rows.Decode(keys[0], organizationRow, Organization.Decode);
        var root = new Principal(found.CanonicalId, found.DisplayName, keyId)
        {
            OrganizationId = found.Name,
            UserId = found.Name,
            DiskScope = diskScope,
        };
        if (user is null)
        {
            return root;
        }

        return rows[1] is { } userRow && Rows.Decode(keys[1], userRow, User.Decode) is var known
            ? root with { UserName = known.Name, UserId = known.UserId, Groups = known.Groups }
            : null;
    }

    /// <summary>Every row whose key begins with <paramref name="prefix"/>.</summary>
    public IAsyncEnumerable<KeyValueEntry> AllAsync(byte[] prefix, CancellationToken cancellationToken) =>
        store.AllAsync(prefix, KeyCodec.PrefixEnd(prefix), Page, cancellationToken);

    /// <summary>
    /// One page of the rows whose keys begin with <paramref name="prefix"/>, after the one that ends with <paramref name="after"/>.
    /// </summary>
    /// <returns>The rows, and where the next page continues; null after the last page.</returns>
    public async ValueTask<(IReadOnlyList<KeyValueEntry> Rows, string? Next)> PageAsync(
        byte[] prefix, string? after, int limit, CancellationToken cancellationToken)
    {
        byte[] from = after is null ? prefix : [.. prefix, .. Encoding.UTF8.GetBytes(after), 0];
        IReadOnlyList<KeyValueEntry> rows = await store.ScanAsync(from, KeyCodec.PrefixEnd(prefix), limit + 1, reverse: false, cancellationToken);
        return rows.Count <= limit ? (rows, null) : ([.. rows.Take(limit)], Tail(rows[limit - 1], prefix));
    }

    /// <summary>The part of a row's key after <paramref name="prefix"/>.</summary>
    public static string Tail(KeyValueEntry row, byte[] prefix) => Encoding.UTF8.GetString(row.Key.AsSpan(prefix.Length));

    public static IdentityRefusalException NoOrganization(string name) => IdentityRefusalException.NotFound($"there is no organization '{name}'");

    public static IdentityRefusalException NoUser(string organization, string name) =>
        IdentityRefusalException.NotFound($"there is no user '{name}' in organization '{organization}'");
}

/// <summary>One page of a list.</summary>
/// <param name="Items">In order of their names or ids.</param>
/// <param name="Next">The cursor of the next page; null when there is none.</param>
public sealed record IdentityPage<T>(IReadOnlyList<T> Items, string? Next);
