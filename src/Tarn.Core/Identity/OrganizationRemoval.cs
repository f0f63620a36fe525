using System.Text;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>Prepares the batch that removes an organization that owns neither buckets nor disks, with its users, keys, tokens, policies, issuers and roles.</summary>
internal sealed class OrganizationRemoval(IdentityContext context)
{
    /// <summary>Reads what an organization has, and returns the batch that removes all of it.</summary>
    /// <param name="row">The bytes that the organization was read from: the commit fails if they have changed.</param>
    /// <exception cref="IdentityRefusalException">It owns buckets or disks.</exception>
    public async ValueTask<KeyValueBatch> PrepareAsync(Organization organization, byte[] row, CancellationToken cancellationToken)
    {
        await ThrowIfNotEmptyAsync(organization, cancellationToken);
        string name = organization.Name;
        KeyValueBatch batch = new KeyValueBatch()
            .Check(Tables.OrganizationKey(name), row)
            .Delete(Tables.OrganizationKey(name))
            .Delete(Tables.CanonicalIdKey(organization.CanonicalId))
            .AsRemoval();
        if (organization.Email is { } email)
        {
            batch.Delete(Tables.EmailKey(email));
        }

        await foreach (KeyValueEntry user in context.AllAsync(Tables.UserKey(name, ""), cancellationToken))
        {
            Users.Remove(batch, Rows.Decode(user.Key, user.Value, User.Decode));
        }

        byte[] keys = Tables.OwnedBy(Tables.AccessKeyByUser, name);
        await foreach (KeyValueEntry key in context.AllAsync(keys, cancellationToken))
        {
            (string user, byte[] id) = Tables.SplitOwned(key.Key, keys);
            AccessKeys.Remove(batch, name, user.Length == 0 ? null : user, Encoding.UTF8.GetString(id));
        }

        byte[] tokens = Tables.OwnedBy(Tables.ApiTokenByUser, name);
        await foreach (KeyValueEntry token in context.AllAsync(tokens, cancellationToken))
        {
            batch.Delete(token.Key).Delete(Tables.ApiTokenKey(Tables.SplitOwned(token.Key, tokens).Id));
        }

        await foreach (KeyValueEntry policy in context.AllAsync(Tables.OrganizationPolicyKey(name, ""), cancellationToken))
        {
            batch.Delete(policy.Key);
        }

        foreach (byte[] table in (byte[][])[Tables.IssuerKey(name, ""), Tables.RoleKey(name, "")])
        {
            await foreach (KeyValueEntry owned in context.AllAsync(table, cancellationToken))
            {
                batch.Delete(owned.Key);
            }
        }

        // Temporary keys end with what they were issued for; the sweep removes their rows.
        return batch;
    }

    private async ValueTask ThrowIfNotEmptyAsync(Organization organization, CancellationToken cancellationToken)
    {
        // A CreateBucket that was authorized before this and commits after it leaves a bucket without an owner, until another organization is
        // created with the same canonical id.
        byte[] owned = Tables.BucketByOwnerKey(organization.CanonicalId, "");
        if ((await context.Store.ScanAsync(owned, KeyCodec.PrefixEnd(owned), 1, reverse: false, cancellationToken)).Count > 0)
        {
            throw IdentityRefusalException.Conflict($"organization '{organization.Name}' owns buckets: delete them first");
        }

        byte[] disks = Tables.DiskByOrganizationKey(organization.Name, "");
        if ((await context.Store.ScanAsync(disks, KeyCodec.PrefixEnd(disks), 1, reverse: false, cancellationToken)).Count > 0)
        {
            throw IdentityRefusalException.Conflict($"organization '{organization.Name}' has disks: delete them first");
        }
    }
}
