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

    /// <summary>Whether it is the same requester, whatever sessions they have.</summary>
    public bool IsSame(ArchiveOwner other) => IsOfSameOrganization(other) && Arn == other.Arn && UserId == other.UserId;

    /// <summary>Whether it is somebody of the same organization.</summary>
    public bool IsOfSameOrganization(ArchiveOwner other) => Organization == other.Organization;
}

/// <summary>
/// The archives that were asked for, for some minutes, each to be fetched once; how many are being prepared and fetched. In the memory of this process, within limits: nobody takes the room that others need, as an
/// organization has a quarter of each. Thread-safe.
/// </summary>
internal sealed class PendingArchives(IRandomSource random, TimeProvider time)
{
    /// <summary>How long an archive can be fetched.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    /// <summary>Archives of one requester that are being prepared at a time.</summary>
    public const int MaxPreparedOfOne = 2;

    /// <summary>Archives of one organization that are being prepared.</summary>
    public const int MaxPreparedOfOrganization = MaxPrepared / Organizations;

    /// <summary>Archives that are being prepared.</summary>
    public const int MaxPrepared = 16;

    /// <summary>Archives of one requester that are not fetched: with another the oldest is dropped.</summary>
    public const int MaxOfOne = 4;

    /// <summary>Archives of one organization that are not fetched.</summary>
    public const int MaxOfOrganization = MaxInAll / Organizations;

    /// <summary>Archives that are not fetched.</summary>
    public const int MaxInAll = 64;

    /// <summary>Characters of the keys of those of one organization that are not fetched, or are being fetched.</summary>
    public const long MaxLengthOfOrganization = MaxLength / Organizations;

    /// <summary>Characters of the keys of all that are not fetched, or are being fetched.</summary>
    public const long MaxLength = 16 * 1024 * 1024;

    /// <summary>Archives of one requester that are being fetched.</summary>
    public const int MaxFetchedOfOne = 2;

    /// <summary>Archives of one organization that are being fetched.</summary>
    public const int MaxFetchedOfOrganization = MaxFetched / Organizations;

    /// <summary>Archives that are being fetched.</summary>
    public const int MaxFetched = 32;

    /// <summary>How many organizations there is room for, if each takes all that it may.</summary>
    private const int Organizations = 4;

    private readonly Lock _gate = new();
    private readonly Dictionary<Id128, (PendingArchive Archive, DateTimeOffset Until)> _pending = [];
    private readonly List<ArchiveOwner> _prepared = [];
    private readonly List<PendingArchive> _fetched = [];

    private IEnumerable<PendingArchive> Waiting => _pending.Values.Select(static one => one.Archive);

    /// <summary>Notes that an archive is being prepared, until what is returned is disposed of.</summary>
    /// <exception cref="ControlRefusalException">429: too many are.</exception>
    public PreparedArchive BeginPreparing(ArchiveOwner owner)
    {
        lock (_gate)
        {
            if (!HasRoom(_prepared, owner, MaxPreparedOfOne, MaxPreparedOfOrganization, MaxPrepared))
            {
                throw Busy("as many archives are being prepared as may at a time; try again when one is ready");
            }

            _prepared.Add(owner);
            return new PreparedArchive(this, owner);
        }
    }

    /// <summary>Notes that an archive is not being prepared any more.</summary>
    public void EndPreparing(ArchiveOwner owner)
    {
        lock (_gate)
        {
            _prepared.Remove(owner);
        }
    }

    /// <summary>Keeps an archive to be fetched; returns its id.</summary>
    /// <exception cref="ControlRefusalException">429: too many wait.</exception>
    public string Add(PendingArchive archive)
    {
        var id = Id128.Create(random);
        ArchiveOwner owner = archive.Owner;
        lock (_gate)
        {
            Trim();
            if (OfOne(owner) is { Count: >= MaxOfOne } own)
            {
                _pending.Remove(own.MinBy(id => _pending[id].Until));
            }

            if (!HasRoom(Waiting.Select(static one => one.Owner), owner, MaxOfOne, MaxOfOrganization, MaxInAll)
                || LengthOf(owner.IsOfSameOrganization) + archive.Length > MaxLengthOfOrganization || LengthOf(static _ => true) + archive.Length > MaxLength)
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

            if (!HasRoom(_fetched.Select(static one => one.Owner), owner, MaxFetchedOfOne, MaxFetchedOfOrganization, MaxFetched))
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
            _fetched.RemoveAt(_fetched.FindIndex(one => ReferenceEquals(one, archive)));
        }
    }

    private static ControlRefusalException Busy(string message) => new(StatusCodes.Status429TooManyRequests, message);

    private static bool HasRoom(IEnumerable<ArchiveOwner> taken, ArchiveOwner owner, int ofOne, int ofOrganization, int inAll)
    {
        ArchiveOwner[] all = [.. taken];
        return all.Length < inAll && all.Count(owner.IsOfSameOrganization) < ofOrganization && all.Count(owner.IsSame) < ofOne;
    }

    private long LengthOf(Func<ArchiveOwner, bool> owners) => Waiting.Concat(_fetched).Where(one => owners(one.Owner)).Sum(static one => one.Length);

    private List<Id128> OfOne(ArchiveOwner owner) => [.. _pending.Where(one => owner.IsSame(one.Value.Archive.Owner)).Select(static one => one.Key)];

    private void Trim()
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach (Id128 ended in _pending.Where(one => one.Value.Until <= now).Select(static one => one.Key).ToArray())
        {
            _pending.Remove(ended);
        }
    }
}

/// <summary>An archive that is being prepared, until this is disposed of.</summary>
internal sealed class PreparedArchive(PendingArchives archives, ArchiveOwner owner) : IDisposable
{
    public void Dispose() => archives.EndPreparing(owner);
}
