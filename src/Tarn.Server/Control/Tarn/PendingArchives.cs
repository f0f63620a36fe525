using System.Diagnostics.CodeAnalysis;
using Tarn.Core;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.S3.Archives;

namespace Tarn.Server.Control.Tarn;

/// <summary>An archive that was asked for and is not yet fetched.</summary>
/// <param name="Owner">Who alone may fetch it.</param>
/// <param name="Bucket">The bucket or disk.</param>
/// <param name="Identity">Tells that from a later one of the same name.</param>
/// <param name="Keys">The keys, each once, all of which were allowed when it was asked for.</param>
/// <param name="Folder">What all keys begin with and no name in the archive has.</param>
internal sealed record PendingArchive(ArchiveOwner Owner, string Bucket, string Identity, IReadOnlyList<ArchiveKey> Keys, string Folder)
{
    /// <summary>The length of all keys, in characters.</summary>
    public long Length { get; } = Keys.Sum(static key => (long)key.Text.Length);
}

/// <summary>Whose an archive is: a requester with the session or credentials that asked for it.</summary>
/// <param name="Organization">The organization's canonical user id.</param>
/// <param name="Arn">The requester's ARN.</param>
/// <param name="UserId">See <see cref="Principal.UserId"/>.</param>
/// <param name="Credential">The id of the session, access key or token.</param>
internal sealed record ArchiveOwner(string Organization, string Arn, string UserId, string Credential)
{
    /// <summary>Who sends a request.</summary>
    public static ArchiveOwner Of(ControlCredential by) =>
        new(by.Principal.OwnerId, by.Principal.Arn, by.Principal.UserId, by.Session?.Id ?? by.Principal.AccessKeyId);
}

/// <summary>
/// The archives that were asked for, for some minutes, each to be fetched once; and how many are being fetched. In the memory of this process, within limits: nobody takes the room that others need. Thread-safe.
/// </summary>
internal sealed class PendingArchives(IRandomSource random, TimeProvider time)
{
    /// <summary>How long an archive can be fetched.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    /// <summary>Archives of one requester that are not fetched: with another the oldest is dropped.</summary>
    public const int MaxOfOne = 4;

    /// <summary>Archives of one organization that are not fetched.</summary>
    public const int MaxOfOrganization = 16;

    /// <summary>Archives that are not fetched.</summary>
    public const int MaxInAll = 64;

    /// <summary>Characters of the keys of all of them.</summary>
    public const long MaxLength = 16 * 1024 * 1024;

    /// <summary>Archives of one requester that are being fetched.</summary>
    public const int MaxFetchedOfOne = 2;

    /// <summary>Archives that are being fetched.</summary>
    public const int MaxFetched = 32;

    private readonly Lock _gate = new();
    private readonly Dictionary<Id128, (PendingArchive Archive, DateTimeOffset Until)> _pending = [];
    private readonly List<PendingArchive> _fetched = [];

    /// <summary>Keeps an archive to be fetched; returns its id.</summary>
    /// <exception cref="ControlRefusalException">429: too many wait.</exception>
    public string Add(PendingArchive archive)
    {
        var id = Id128.Create(random);
        lock (_gate)
        {
            Trim();
            if (OfOne(archive.Owner) is { Count: >= MaxOfOne } own)
            {
                _pending.Remove(own.MinBy(id => _pending[id].Until));
            }

            if (_pending.Count >= MaxInAll || _pending.Values.Count(one => one.Archive.Owner.Organization == archive.Owner.Organization) >= MaxOfOrganization
                || _pending.Values.Sum(static one => one.Archive.Length) + archive.Length > MaxLength)
            {
                throw Busy("as many archives wait to be fetched as may at a time; try again in some minutes");
            }

            _pending[id] = (archive, time.GetUtcNow() + Life);
        }

        return id.ToString();
    }

    /// <summary>Takes an archive to be fetched, which nobody gets a second time.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="owner">Who fetches it.</param>
    /// <param name="archive">The archive; <see cref="Release"/> must follow.</param>
    /// <returns>False when there is none of that id that this requester asked for, or not any more.</returns>
    /// <exception cref="ControlRefusalException">429: too many are being fetched; it can still be fetched.</exception>
    public bool TryTake(string id, ArchiveOwner owner, [NotNullWhen(true)] out PendingArchive? archive)
    {
        archive = null;
        lock (_gate)
        {
            Trim();
            if (!Id128.TryParse(id, out Id128 parsed) || !_pending.TryGetValue(parsed, out (PendingArchive Archive, DateTimeOffset Until) found) || found.Archive.Owner != owner)
            {
                return false;
            }

            if (_fetched.Count >= MaxFetched || _fetched.Count(one => IsSame(one.Owner, owner)) >= MaxFetchedOfOne)
            {
                throw Busy("as many archives are being fetched as may at a time; try again when one has ended");
            }

            _pending.Remove(parsed);
            _fetched.Add(found.Archive);
            archive = found.Archive;
            return true;
        }
    }

    /// <summary>Notes that an archive is not being fetched any more.</summary>
    public void Release(PendingArchive archive)
    {
        lock (_gate)
        {
            _fetched.Remove(archive);
        }
    }

    private static ControlRefusalException Busy(string message) => new(StatusCodes.Status429TooManyRequests, message);

    /// <summary>Whether two are one requester, whatever sessions they have.</summary>
    private static bool IsSame(ArchiveOwner one, ArchiveOwner other) => one.Organization == other.Organization && one.Arn == other.Arn && one.UserId == other.UserId;

    private List<Id128> OfOne(ArchiveOwner owner) => [.. _pending.Where(one => IsSame(one.Value.Archive.Owner, owner)).Select(static one => one.Key)];

    private void Trim()
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach (Id128 ended in _pending.Where(one => one.Value.Until <= now).Select(static one => one.Key).ToArray())
        {
            _pending.Remove(ended);
        }
    }
}
