using System.Text;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Disks.Catalog;

/// <summary>Adds, lists and removes the users of disks: access keys that give access to one disk alone.</summary>
public sealed class DiskUsers(IKeyValueStore store, IdentityStore identity, DiskCatalog disks)
{
    /// <summary>The maximum number of users of a disk.</summary>
    public const int MaxUsers = 1000;

    /// <summary>Adds a user; null when the disk is gone. The secret of its key is shown only now.</summary>
    /// <param name="id">The disk.</param>
    /// <param name="nickname">A name for people; null for none.</param>
    /// <param name="cancellationToken">Cancels the operation, unless its commit was already submitted.</param>
    /// <param name="by">See <see cref="AccessKeyRequest.By"/>.</param>
    /// <exception cref="IdentityRefusalException">The nickname breaks a rule, or there are too many users; <paramref name="by"/> has ended.</exception>
    public async ValueTask<(DiskUser User, NewAccessKey Key)?> AddAsync(DiskId id, string? nickname, CancellationToken cancellationToken, RequestCredential? by = null)
    {
        IdentityRules.ThrowIfBroken(nickname is null ? null : IdentityRules.Text("the nickname", nickname));
        return await disks.FindAsync(id, cancellationToken) is { } found
            ? await identity.Context.Transactions.RunAsync(Tables.OrganizationKey(found.Organization), AddAsync, cancellationToken)
            : null;

        async ValueTask<Decision<(DiskUser User, NewAccessKey Key)?>> AddAsync(Attempt attempt)
        {
            if (await disks.FindAsync(id, cancellationToken) is not { } disk)
            {
                return Decision.Done<(DiskUser, NewAccessKey)?>(null);
            }

            if ((await RowsAsync(id, cancellationToken)).Count >= MaxUsers)
            {
                throw IdentityRefusalException.Conflict($"a disk can have at most {MaxUsers} users");
            }

            var wanted = new AccessKeyRequest { DiskScope = id.Value, By = by };
            NewAccessKey made = identity.Keys.Make(disk.Organization, null, wanted);

            // The disk's row is checked, so that its deletion misses no key.
            KeyValueBatch batch = (await identity.Context.BeginAsync(disk.Organization, null, cancellationToken))
                .Check(Tables.DiskKey(id.Value), disk.Bytes)
                .Put(Tables.DiskUserKey(id.Value, made.Key.Id), new DiskUserRecord { Nickname = nickname }.Encode());
            await identity.Keys.CheckCreatorAsync(batch, wanted, cancellationToken);
            AccessKeys.Add(batch, made.Key);
            return Decision.Commit<(DiskUser, NewAccessKey)?>(batch, (new DiskUser(made.Key.Id, nickname, made.Key.Created), made));
        }
    }

    /// <summary>The users of a disk in order of their access keys.</summary>
    public async ValueTask<IReadOnlyList<DiskUser>> ListAsync(DiskId id, CancellationToken cancellationToken)
    {
        IReadOnlyList<KeyValueEntry> rows = await RowsAsync(id, cancellationToken);
        string[] ids = [.. rows.Select(row => KeyOf(row, id))];
        byte[]?[] keys = await store.GetAsync([.. ids.Select(key => Tables.AccessKeyKey(key))], cancellationToken);
        var users = new List<DiskUser>();
        for (int i = 0; i < ids.Length; i++)
        {
            // A key may have been revoked like any other.
            if (keys[i] is { } key)
            {
                users.Add(new DiskUser(ids[i], Rows.Decode(rows[i].Key, rows[i].Value, DiskUserRecord.Decode).Nickname, Rows.Decode(Tables.AccessKeyKey(ids[i]), key, AccessKey.Decode).Created));
            }
        }

        return users;
    }

    /// <summary>Removes a user: requests that its key signs are refused from now on. False when there is none.</summary>
    public async ValueTask<bool> RemoveAsync(DiskId id, string accessKey, CancellationToken cancellationToken)
    {
        byte[] row = Tables.DiskUserKey(id.Value, accessKey);
        if (accessKey.Contains('\0', StringComparison.Ordinal) || await store.GetAsync(row, cancellationToken) is null)
        {
            return false;
        }

        bool revoked = await RevokeAsync(accessKey, cancellationToken);
        await store.CommitAsync(new KeyValueBatch().Delete(row).AsRemoval(), cancellationToken);
        return revoked;
    }

    /// <summary>Removes the users of a disk that is gone.</summary>
    public async ValueTask RemoveAllAsync(DiskId id, CancellationToken cancellationToken)
    {
        while (await RowsAsync(id, cancellationToken) is { Count: > 0 } rows)
        {
            foreach (KeyValueEntry row in rows)
            {
                await RemoveAsync(id, KeyOf(row, id), cancellationToken);
            }
        }
    }

    private async ValueTask<bool> RevokeAsync(string accessKey, CancellationToken cancellationToken)
    {
        try
        {
            await identity.Keys.RevokeAsync(accessKey, cancellationToken);
            return true;
        }
        catch (IdentityRefusalException e) when (e.Kind == IdentityRefusalKind.NotFound)
        {
            return false;
        }
    }

    private ValueTask<IReadOnlyList<KeyValueEntry>> RowsAsync(DiskId id, CancellationToken cancellationToken)
    {
        byte[] prefix = Tables.DiskUserKey(id.Value, "");
        return store.ScanAsync(prefix, KeyCodec.PrefixEnd(prefix), MaxUsers, reverse: false, cancellationToken);
    }

    private static string KeyOf(KeyValueEntry row, DiskId id) =>
        Encoding.UTF8.GetString(row.Key.AsSpan(Tables.DiskUserKey(id.Value, "").Length));
}

/// <summary>A user who may read a disk over S3.</summary>
/// <param name="AccessKey">The id of the access key.</param>
/// <param name="Nickname">A name for people; null when it has none.</param>
/// <param name="Created">To the second.</param>
public sealed record DiskUser(string AccessKey, string? Nickname, DateTimeOffset Created);
