namespace Tarn.Core.Backups;

/// <summary>Finds backups that came to no end.</summary>
public static class UnfinishedBackups
{
    /// <summary>The names of what was begun and came to no end, or is under way, and has no manifest: the oldest first.</summary>
    public static async ValueTask<IReadOnlyList<string>> UnfinishedAsync(this IBackupTarget target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        return [.. (await target.NotesAsync(cancellationToken)).Except(await target.NamesAsync(cancellationToken), StringComparer.Ordinal)];
    }
}
