using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>Creates, finds, lists, changes and deletes the users of organizations.</summary>
public sealed class Users
{
    private const int MaxGroups = 100;

    private readonly IdentityContext _context;
    private readonly AccessKeys _keys;

    internal Users(IdentityContext context, AccessKeys keys)
    {
        _context = context;
        _keys = keys;
    }

    /// <summary>Finds a user; null when there is none.</summary>
    public ValueTask<User?> FindAsync(string organization, string name, CancellationToken cancellationToken) =>
        Rows.FindAsync(_context.Store, Tables.UserKey(organization, name), User.Decode, cancellationToken);

    /// <summary>Finds a user.</summary>
    /// <exception cref="IdentityRefusalException">There is none.</exception>
    public async ValueTask<User> GetAsync(string organization, string name, CancellationToken cancellationToken) =>
        (await _context.UserAsync(organization, name, cancellationToken)).User;

    /// <summary>The users of an organization, in order of their names.</summary>
    public async ValueTask<IdentityPage<User>> ListAsync(string organization, string? after, int limit, CancellationToken cancellationToken)
    {
        (IReadOnlyList<KeyValueEntry> rows, string? next) =
            await _context.PageAsync(Tables.UserKey(organization, ""), after, limit, cancellationToken);
        return new IdentityPage<User>([.. rows.Select(row => Rows.Decode(row.Key, row.Value, User.Decode))], next);
    }

    /// <summary>Creates a user with a key.</summary>
    /// <exception cref="IdentityRefusalException">
    /// No such organization; a rule is broken; the name, user id, e-mail address or access key is taken.
    /// </exception>
    public async ValueTask<(User User, NewAccessKey Key)> CreateAsync(
        string organization, UserRequest request, CancellationToken cancellationToken)
    {
        (User User, NewAccessKey Key) made = Make(organization, request);
        return await _context.ChangeAsync(
            organization,
            user: null,
            async batch =>
            {
                await AddAsync(batch, made, request.Key, cancellationToken);
                return made;
            },
            cancellationToken);
    }

    /// <summary>Checks a request and creates the user and its key, without storing them.</summary>
    /// <exception cref="IdentityRefusalException">A rule is broken.</exception>
    internal (User User, NewAccessKey Key) Make(string organization, UserRequest request)
    {
        User made = MakeUser(organization, request);
        return (made, _keys.Make(organization, made.Name, request.Key));
    }

    /// <summary>Adds a user and its key to a batch that changes what belongs to its organization.</summary>
    /// <exception cref="IdentityRefusalException">The name, user id, e-mail address or access key is taken.</exception>
    internal async ValueTask AddAsync(KeyValueBatch batch, (User User, NewAccessKey Key) made, AccessKeyRequest key, CancellationToken cancellationToken)
    {
        await ThrowIfTakenAsync(made.User, cancellationToken);
        await _keys.ThrowIfTakenAsync(made.Key.Key.Id, cancellationToken);
        await _keys.CheckCreatorAsync(batch, key, cancellationToken);
        Add(batch, made.User);
        AccessKeys.Add(batch, made.Key.Key);
    }

    /// <summary>Adds a user to a group or removes it. Does nothing if the user is already in, or not in, the group.</summary>
    /// <exception cref="IdentityRefusalException">There is no such user; the group's name breaks a rule; too many groups.</exception>
    public async ValueTask<User> SetGroupAsync(
        string organization, string name, string group, bool member, CancellationToken cancellationToken)
    {
        IdentityRules.ThrowIfBroken(IdentityRules.Name("the name of a group", group));
        byte[] row = Tables.UserKey(organization, name);
        (User result, bool isChanged) = await _context.Transactions.RunAsync(
            row,
            async _ =>
            {
                (User user, byte[] bytes) = await _context.UserAsync(organization, name, cancellationToken);
                if (user.Groups.Contains(group) == member)
                {
                    return Decision.Done((user, false));
                }

                User changed = user with { Groups = InOrder(member ? user.Groups.Append(group) : user.Groups.Where(g => g != group)) };
                KeyValueBatch batch = new KeyValueBatch().Check(row, bytes).Put(row, changed.Encode());
                return Decision.Commit(member ? batch : batch.AsRemoval(), (changed, true));
            },
            cancellationToken);
        if (isChanged)
        {
            _context.Revoked();
        }

        return result;
    }

    /// <summary>Removes a user with its keys and tokens.</summary>
    /// <exception cref="IdentityRefusalException">There is no such user.</exception>
    public async ValueTask DeleteAsync(string organization, string name, CancellationToken cancellationToken)
    {
        await _context.ChangeAsync(organization, user: null, RemoveAsync, cancellationToken);
        _context.Revoked();

        async ValueTask<User> RemoveAsync(KeyValueBatch batch)
        {
            (User user, byte[] bytes) = await _context.UserAsync(organization, name, cancellationToken);
            batch.Check(Tables.UserKey(organization, name), bytes).AsRemoval();
            Remove(batch, user);
            byte[] keys = Tables.AccessKeyByUserKey(organization, name, "");
            await foreach (KeyValueEntry key in _context.AllAsync(keys, cancellationToken))
            {
                AccessKeys.Remove(batch, organization, name, IdentityContext.Tail(key, keys));
            }

            byte[] tokens = Tables.ApiTokenByUserKey(organization, name, []);
            await foreach (KeyValueEntry token in _context.AllAsync(tokens, cancellationToken))
            {
                batch.Delete(token.Key).Delete(Tables.ApiTokenKey(token.Key.AsSpan(tokens.Length)));
            }

            return user;
        }
    }

    internal static void Remove(KeyValueBatch batch, User user)
    {
        batch.Delete(Tables.UserKey(user.Organization, user.Name)).Delete(Tables.UserIdKey(user.Organization, user.UserId));
        if (user.Email is { } email)
        {
            batch.Delete(Tables.EmailKey(email));
        }
    }

    private User MakeUser(string organization, UserRequest request)
    {
        IdentityRules.ThrowIfBroken(IdentityRules.Name("the name of a user", request.Name));

        // Like AWS's: a prefix for the kind and 17 characters.
        string userId = request.UserId ?? "AIDA" + RandomText.Pick(_context.Random, RandomText.UpperAlphanumeric, 17);
        IdentityRules.ThrowIfBroken(IdentityRules.UserId(userId));
        string displayName = request.DisplayName is { Length: > 0 } given ? given : request.Name;
        IdentityRules.ThrowIfBroken(IdentityRules.Text("the display name", displayName));
        IdentityRules.ThrowIfBroken(request.Email is { } email ? IdentityRules.Email(email) : null);
        foreach (string group in request.Groups)
        {
            IdentityRules.ThrowIfBroken(IdentityRules.Name("the name of a group", group));
        }

        return new User
        {
            Organization = organization,
            Name = request.Name,
            UserId = userId,
            DisplayName = displayName,
            Email = request.Email,
            Groups = InOrder(request.Groups),
            Created = _context.Now,
        };
    }

    private static string[] InOrder(IEnumerable<string> groups)
    {
        string[] ordered = [.. groups.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return ordered.Length <= MaxGroups
            ? ordered
            : throw IdentityRefusalException.Invalid($"a user can be in at most {MaxGroups} groups");
    }

    private static void Add(KeyValueBatch batch, User user)
    {
        byte[] pointer = new IdentityPointer(user.Organization, user.Name).Encode();
        foreach (byte[] unique in Unique(user))
        {
            batch.Check(unique, null).Put(unique, pointer);
        }

        byte[] row = Tables.UserKey(user.Organization, user.Name);
        batch.Check(row, null).Put(row, user.Encode());
    }

    private static List<byte[]> Unique(User user)
    {
        List<byte[]> rows = [Tables.UserIdKey(user.Organization, user.UserId)];
        if (user.Email is { } email)
        {
            rows.Add(Tables.EmailKey(email));
        }

        return rows;
    }

    private async ValueTask ThrowIfTakenAsync(User user, CancellationToken cancellationToken)
    {
        byte[]?[] rows = await _context.Store.GetAsync(
            [Tables.UserKey(user.Organization, user.Name), .. Unique(user)], cancellationToken);
        string? taken = rows[0] is not null ? $"the user '{user.Name}' of organization '{user.Organization}'"
            : rows[1] is not null ? $"the user id '{user.UserId}'"
            : rows.Length > 2 && rows[2] is not null ? $"the e-mail address '{user.Email}'"
            : null;
        if (taken is not null)
        {
            throw IdentityRefusalException.Conflict($"{taken} is taken");
        }
    }
}
