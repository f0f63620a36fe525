namespace Tarn.Core.KeyValue;

/// <summary>A store that can verify all of its files, for a scrub and for an offline check.</summary>
public interface IVerifiableStore
{
    /// <summary>
    /// Reads every file that the store consists of, around the page cache where the file system can, and verifies it. Reads and commits go on meanwhile.
    /// Files that are created during the call are not read, and those that the store no longer needs when they are reached are left out.
    /// </summary>
    /// <param name="progress">Awaited after each piece of at most 1 MiB: who wants a lower pace waits in it. Null: none.</param>
    /// <param name="cancellationToken">Ends the verification after the present piece.</param>
    /// <returns>What was read, and what is damaged.</returns>
    /// <exception cref="IOException">A file cannot be read for another reason than damage.</exception>
    ValueTask<StoreVerification> VerifyAsync(Func<VerificationProgress, CancellationToken, ValueTask>? progress, CancellationToken cancellationToken);
}

/// <summary>How far a verification is.</summary>
/// <param name="File">The name of the file that is read.</param>
/// <param name="DoneBytes">Bytes read so far, of all files.</param>
/// <param name="TotalBytes">Bytes to read, as far as known: files can grow, and be left out.</param>
public readonly record struct VerificationProgress(string File, long DoneBytes, long TotalBytes);

/// <summary>The result of a verification.</summary>
/// <param name="Files">How many files were read.</param>
/// <param name="Bytes">Bytes read.</param>
/// <param name="Damage">What is damaged; empty when all is well.</param>
public sealed record StoreVerification(int Files, long Bytes, IReadOnlyList<StoreDamage> Damage);

/// <summary>A damaged file of a store.</summary>
/// <param name="File">The name of the file, or the rows where they are read without naming one.</param>
/// <param name="Kind">What is wrong with it.</param>
/// <param name="Detail">The same for people.</param>
public readonly record struct StoreDamage(string File, StoreDamageKind Kind, string Detail);

/// <summary>What is wrong with a file.</summary>
public enum StoreDamageKind
{
    /// <summary>It does not exist.</summary>
    Missing,

    /// <summary>It is shorter or longer than the store recorded.</summary>
    Length,

    /// <summary>Its bytes do not have the checksum that was recorded for them.</summary>
    Checksum,

    /// <summary>Its content is intact, but not what it has to be: changes are missing, or it is another file.</summary>
    Content,
}
