using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>Creates, finds, lists and deletes organizations.</summary>
public sealed class Organizations
{
    /// <summary>The organization of the server itself: its root user administers all others.</summary>
    public const string Root = "root";

    private readonly IdentityContext _context;
    private readonly AccessKeys _keys;
    private readonly OrganizationRemoval _removal;

    internal Organizations(IdentityContext context, AccessKeys keys)
    {
        _context = context;
        _keys = keys;
        _removal = new OrganizationRemoval(context);
    }

    /// <summary>Finds an organization by its name; null when there is none.</summary>
    public ValueTask<Organization?> FindAsync(string name, CancellationToken cancellationToken) =>
        Rows.FindAsync(_context.Store, Tables.OrganizationKey(name), Organization.Decode, cancellationToken);

    /// <summary>Finds an organization by its name.</summary>
    /// <exception cref="IdentityRefusalException">There is none.</exception>
    public async ValueTask<Organization> GetAsync(string name, CancellationToken cancellationToken) =>
        (await _context.OrganizationAsync(name, cancellationToken)).Organization;

    /// <summary>Finds an organization by its canonical user id; null when there is none.</summary>
    public ValueTask<Organization?> FindByCanonicalIdAsync(string canonicalId, CancellationToken cancellationToken) =>
        FollowAsync(Tables.CanonicalIdKey(canonicalId), cancellationToken);

    /// <summary>Finds the organization that has an e-mail address, its own or one of its users'; null when there is none.</summary>
    public ValueTask<Organization?> FindByEmailAsync(string email, CancellationToken cancellationToken) =>
        FollowAsync(Tables.EmailKey(email), cancellationToken);

    /// <summary>All organizations, in order of their names.</summary>
    public async ValueTask<IdentityPage<Organization>> ListAsync(string? after, int limit, CancellationToken cancellationToken)
    {
        (IReadOnlyList<KeyValueEntry> rows, string? next) =
            await _context.PageAsync(Tables.OrganizationKey(""), after, limit, cancellationToken);
        return new IdentityPage<Organization>([.. rows.Select(row => Rows.Decode(row.Key, row.Value, Organization.Decode))], next);
    }

    /// <summary>Creates an organization with a root user and its key.</summary>
    /// <exception cref="IdentityRefusalException">A rule is broken; the name, canonical id, e-mail address or access key is taken.</exception>
    public async ValueTask<(Organization Organization, NewAccessKey Key)> CreateAsync(
        OrganizationRequest request, CancellationToken cancellationToken)
    {
        Organization made = Make(request);
        NewAccessKey key = _keys.Make(made.Name, null, request.Key);
        return await _context.Transactions.RunAsync(
            Tables.OrganizationKey(made.Name),
            async _ =>
            {
                await ThrowIfTakenAsync(made, cancellationToken);
                await _keys.ThrowIfTakenAsync(key.Key.Id, cancellationToken);
                var batch = new KeyValueBatch();
                await _keys.CheckCreatorAsync(batch, request.Key, cancellationToken);
                Add(batch, made);
                AccessKeys.Add(batch, key.Key);
                return Decision.Commit(batch, (made, key));
            },
            cancellationToken);
    }

    /// <summary>Creates the server's own organization if it does not exist, without an access key: the server has its own root key.</summary>
    /// <param name="canonicalId">The canonical user id under which it owns existing data; null: one is generated.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public ValueTask<Organization> EnsureRootAsync(string? canonicalId, CancellationToken cancellationToken) =>
        _context.Transactions.RunAsync(
            Tables.OrganizationKey(Root),
            async _ =>
            {
                if (await FindAsync(Root, cancellationToken) is { } found)
                {
                    return Decision.Done(found);
                }

                Organization made = Make(new OrganizationRequest { Name = Root, CanonicalId = canonicalId });
                var batch = new KeyValueBatch();
                Add(batch, made);
                return Decision.Commit(batch, made);
            },
            cancellationToken);

    /// <summary>Removes an organization with its users, keys, tokens and policies. One that owns buckets or disks stays.</summary>
    /// <exception cref="IdentityRefusalException">There is none; it owns buckets or disks; it is the server's own.</exception>
    public async ValueTask DeleteAsync(string name, CancellationToken cancellationToken)
    {
        if (name == Root)
        {
            throw IdentityRefusalException.Conflict("the server's own organization cannot be deleted");
        }

        await _context.Transactions.RunAsync(
            Tables.OrganizationKey(name),
            async _ =>
            {
                (Organization organization, byte[] row) = await _context.OrganizationAsync(name, cancellationToken);
                return Decision.Commit(await _removal.PrepareAsync(organization, row, cancellationToken), organization);
            },
            cancellationToken);
        _context.Revoked();
    }

    private Organization Make(OrganizationRequest request)
    {
        IdentityRules.ThrowIfBroken(IdentityRules.Name("the name of an organization", request.Name));

        // Policies name organizations by either: a name that looks like a canonical id would be ambiguous.
        IdentityRules.ThrowIfBroken(IdentityRules.CanonicalId(request.Name) is null ? "the name of an organization must not be a canonical id" : null);
        string canonicalId = request.CanonicalId ?? RandomText.CanonicalId(_context.Random);
        IdentityRules.ThrowIfBroken(IdentityRules.CanonicalId(canonicalId));
        string displayName = request.DisplayName is { Length: > 0 } given ? given : request.Name;
        IdentityRules.ThrowIfBroken(IdentityRules.Text("the display name", displayName));
        IdentityRules.ThrowIfBroken(request.Email is { } email ? IdentityRules.Email(email) : null);
        return new Organization
        {
            Name = request.Name,
            CanonicalId = canonicalId.ToLowerInvariant(),
            DisplayName = displayName,
            Email = request.Email,
            Created = _context.Now,
        };
    }

    private static void Add(KeyValueBatch batch, Organization organization)
    {
        byte[] pointer = new IdentityPointer(organization.Name).Encode();
        foreach (byte[] unique in Unique(organization))
        {
            batch.Check(unique, null).Put(unique, pointer);
        }

        byte[] row = Tables.OrganizationKey(organization.Name);
        batch.Check(row, null).Put(row, organization.Encode());
    }

    private static List<byte[]> Unique(Organization organization)
    {
        List<byte[]> rows = [Tables.CanonicalIdKey(organization.CanonicalId)];
        if (organization.Email is { } email)
        {
            rows.Add(Tables.EmailKey(email));
        }

        return rows;
    }

    private async ValueTask ThrowIfTakenAsync(Organization organization, CancellationToken cancellationToken)
    {
        byte[]?[] rows = await _context.Store.GetAsync(
            [Tables.OrganizationKey(organization.Name), .. Unique(organization)], cancellationToken);
        string? taken = rows[0] is not null ? $"the organization '{organization.Name}'"
            : rows[1] is not null ? $"the canonical id '{organization.CanonicalId}'"
            : rows.Length > 2 && rows[2] is not null ? $"the e-mail address '{organization.Email}'"
            : null;
        if (taken is not null)
        {
            throw IdentityRefusalException.Conflict($"{taken} is taken");
        }
    }

    private async ValueTask<Organization?> FollowAsync(byte[] pointer, CancellationToken cancellationToken) =>
        await Rows.FindAsync(_context.Store, pointer, IdentityPointer.Decode, cancellationToken) is { } found
            ? await FindAsync(found.Organization, cancellationToken)
            : null;
}
