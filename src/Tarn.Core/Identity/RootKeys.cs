using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>Keeps the generated key of the server's root user.</summary>
public sealed class RootKeys(IKeyValueStore store, ISecretProtector protector, IRandomSource random)
{
    private const string Subject = "root-key";

    /// <summary>Loads the key, after storing one if there is none.</summary>
    /// <param name="initial">The key to store if there is none; null: one is generated.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The key, and whether this call created it, the one time it is shown.</returns>
    /// <exception cref="SecretUnreadableException">The stored secret does not decrypt.</exception>
    public async ValueTask<(string AccessKeyId, string SecretKey, bool IsNew)> LoadOrCreateAsync(
        (string AccessKeyId, string SecretKey)? initial, CancellationToken cancellationToken)
    {
        if (await FindAsync(cancellationToken) is { } found)
        {
            return found;
        }

        (string id, string secret) = initial ?? (RandomText.AccessKeyId(random), RandomText.Secret(random));
        KeyValueBatch batch = new KeyValueBatch()
            .Check(Tables.RootKeyKey(), null)
            .Put(Tables.RootKeyKey(), new RootKeyRecord(id, protector.Protect(Subject, secret)).Encode());
        return await store.CommitAsync(batch, cancellationToken)
            ? (id, secret, initial is null)
            : await FindAsync(cancellationToken) ?? throw new InvalidOperationException("The root key's row is neither there nor absent: nothing ever removes it.");
    }

    private async ValueTask<(string AccessKeyId, string SecretKey, bool IsNew)?> FindAsync(CancellationToken cancellationToken)
    {
        return await Rows.FindAsync(store, Tables.RootKeyKey(), RootKeyRecord.Decode, cancellationToken) is { } stored
            ? (stored.AccessKeyId, protector.Unprotect(Subject, stored.ProtectedSecret), false)
            : null;
    }
}
