using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Acceleration;

/// <summary>Keeps the store's secrets for accelerators: one row, which is created when it is first needed and then stays.</summary>
public sealed class AcceleratorSecretRow(IKeyValueStore store, ISecretProtector protector, IRandomSource random)
{
    private const string Subject = "accelerators";

    private volatile AcceleratorSecrets? _loaded;

    /// <summary>Loads the secrets, after storing some if there are none.</summary>
    /// <exception cref="SecretUnreadableException">They do not decrypt.</exception>
    public ValueTask<AcceleratorSecrets> GetAsync(CancellationToken cancellationToken) => _loaded is { } loaded ? ValueTask.FromResult(loaded) : new(LoadAsync(cancellationToken));

    private async Task<AcceleratorSecrets> LoadAsync(CancellationToken cancellationToken)
    {
        if (await FindAsync(cancellationToken) is { } found)
        {
            return _loaded = found;
        }

        byte[] secrets = new byte[AcceleratorSecrets.Size];
        random.Fill(secrets);
        byte[] key = Tables.AcceleratorSecretKey();
        byte[] row = new AcceleratorSecretsRecord(protector.Protect(Subject, Convert.ToHexString(secrets))).Encode();
        return _loaded = await store.CommitAsync(new KeyValueBatch().Check(key, null).Put(key, row), cancellationToken)
            ? new AcceleratorSecrets(secrets)
            : await FindAsync(cancellationToken) ?? throw new InvalidOperationException("The row of the accelerators' secrets is neither there nor absent: nothing ever removes it.");
    }

    private async ValueTask<AcceleratorSecrets?> FindAsync(CancellationToken cancellationToken)
    {
        if (await Rows.FindAsync(store, Tables.AcceleratorSecretKey(), AcceleratorSecretsRecord.Decode, cancellationToken) is not { } stored)
        {
            return null;
        }

        byte[] secrets = Convert.FromHexString(protector.Unprotect(Subject, stored.Protected));
        return secrets.Length == AcceleratorSecrets.Size ? new AcceleratorSecrets(secrets) : throw new SecretUnreadableException("The accelerators' secrets have a wrong length.");
    }
}
