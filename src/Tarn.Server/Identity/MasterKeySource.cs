using Tarn.Core;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Server.Configuration;
using Tarn.Server.Storage;

namespace Tarn.Server.Identity;

/// <summary>Finds the master key: configured, or in a file of the data directory, which the first start makes.</summary>
internal static class MasterKeySource
{
    /// <param name="configured">The text from the configuration and where it was; null: the file is used.</param>
    /// <param name="file">The file of the data directory.</param>
    /// <param name="store">Whose secrets it is to decrypt.</param>
    /// <param name="random">Makes a new one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StartupException">It is missing, unreadable, too short, or not the one that the store was written with.</exception>
    public static async Task<MasterKey> LoadAsync(
        MasterKeyOption? configured, string file, IKeyValueStore store, IRandomSource random, CancellationToken cancellationToken)
    {
        string? expected = await KeyRingRows.MasterKeyIdAsync(store, cancellationToken);
        (string label, string text) = configured is null ? (file, ReadOrCreate(file, random, isNeeded: expected is not null))
            : (configured.Label, configured.Text ?? Read(configured.Label, configured.File!));
        MasterKey key = MasterKey.From(text)
            ?? throw new StartupException($"{label}: a master key must have at least {MasterKey.MinLength} characters");
        return expected is null || expected == key.Id
            ? key
            : throw new StartupException(
                $"{label}: this is not the master key that the stored secrets were encrypted with (this one is {key.Id}, theirs {expected})");
    }

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
