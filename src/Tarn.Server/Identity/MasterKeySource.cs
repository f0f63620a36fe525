using Tarn.Core;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Server.Configuration;
using Tarn.Server.Storage;

namespace Tarn.Server.Identity;

/// <summary>Loads the master key: the configured one, or that in a file of the data directory, which the first start creates.</summary>
internal static class MasterKeySource
{
    /// <param name="configured">The configured key; null to use the file.</param>
    /// <param name="file">The file in the data directory.</param>
    /// <param name="store">The store whose secrets it must decrypt.</param>
    /// <param name="random">Generates a new key.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="StartupException">The key is missing, unreadable, too short, or not the one that the store was written with.</exception>
    public static async Task<MasterKey> LoadAsync(
        MasterKeyOption? configured, string file, IKeyValueStore store, IRandomSource random, CancellationToken cancellationToken)
    {
        string? expected = await KeyRingRows.MasterKeyIdAsync(store, cancellationToken);
        (string label, string text) = configured is null ? (file, ReadOrCreate(file, random, isNeeded: expected is not null))
            : (configured.Label, Configured(configured));
        MasterKey key = MasterKey.From(text)
            ?? throw new StartupException($"{label}: a master key must have at least {MasterKey.MinLength} characters");
        return expected is null || expected == key.Id
            ? key
            : throw new StartupException(
                $"{label}: this is not the master key that the stored secrets were encrypted with (this one is {key.Id}, theirs {expected})");
    }

    /// <summary>The text of the key in use: the configured one, or that in a file of the data directory.</summary>
    /// <exception cref="StartupException">It cannot be read.</exception>
    public static string Text(MasterKeyOption? configured, string file) =>
        configured is null ? Read(file, file) : Configured(configured);

    private static string Configured(MasterKeyOption configured) => configured.Text ?? Read(configured.Label, configured.File!);

    private static string ReadOrCreate(string file, IRandomSource random, bool isNeeded)
    {
        if (File.Exists(file))
        {
            return Read(file, file);
        }

        if (isNeeded)
        {
            throw new StartupException(
                $"the master key is missing: the stored secrets were encrypted with one; restore {file}, or set {Settings.MasterKeyFile.Flag}");
        }

        string text = MasterKey.NewText(random);
        AtomicFile.Write(file, System.Text.Encoding.ASCII.GetBytes(text + "\n"));
        return text;
    }

    private static string Read(string label, string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"{label}: the master key cannot be read: {e.Message}", e);
        }
    }
}
