using System.Text;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.S3.Archives;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>/api/archives</c>: several objects, or files of a disk, as one Zip archive.</summary>
internal sealed class ArchiveEndpoints(
    ArchivePlaces places, ArchiveStream stream, PendingArchives pending, LastingRights rights, TimeProvider time, ILogger<ArchiveEndpoints> logger)
{
    /// <summary>The most keys that an archive has, or that are looked at for it.</summary>
    public const int MaxKeys = 10_000;

    /// <summary>The most characters of all keys of an archive.</summary>
    public const int MaxLength = 2 * 1024 * 1024;

    private const int MaxShown = 100;

    /// <summary>The most pages of listings that are read for an archive, and so the most prefixes.</summary>
    private const int MaxPages = 1000;

    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder group = api.MapGroup("/api/archives").WithTags("Archives");
        group.MapPost("", PrepareAsync).WithName("PrepareArchive").ForReading().Refuses(404, 429);
        group.MapGet("/{id}", Fetch).WithName("FetchArchive").Refuses(404, 429);
    }

    /// <summary>Finds out what an archive of objects, or of files of a disk, would have, and what of it the requester may not read.</summary>
    /// <remarks>
    /// Each key is decided as s3:GetObject of the requester, and each prefix as s3:ListBucket. At most 10,000 keys are looked at. A disk is for its organization's root user. Nothing is stored: the archive is made while it is fetched, which its
    /// requester can do once, with the same credentials or session, within ten minutes.
    /// </remarks>
    public async Task<Made<ArchiveView>> PrepareAsync(ControlRequest request, JsonBody<ArchiveBody> body)
    {
        ArchiveBody wanted = body.Read();
        IReadOnlyList<string> keys = wanted.Keys ?? [], prefixes = wanted.Prefixes ?? [];
        if (keys.Count + prefixes.Count == 0)
        {
            throw ControlRefusalException.BadRequest("an archive needs keys or prefixes");
        }

        var owner = ArchiveOwner.Of(request.By);
        using PreparedArchive turn = pending.BeginPreparing(owner);
        ArchivePlace place = await places.FindAsync(wanted.Bucket, request.Http, request.Principal, new ArchiveDecisions(time), request.CancellationToken);
        var chosen = new Choice(place);
        foreach (string key in keys)
        {
            await chosen.AddAsync(key, request.CancellationToken);
        }

        foreach (string prefix in prefixes)
        {
            await chosen.AddAllAsync(prefix, request.CancellationToken);
        }

        string id = pending.Add(new PendingArchive(owner, wanted.Bucket, place.Identity, chosen.Keys, ArchiveStream.FolderOf(keys, prefixes)));
        return new(new ArchiveView(id, chosen.Keys.Count, chosen.Bytes, chosen.RefusedCount, chosen.Refused));
    }

    /// <summary>Fetches an archive: a Zip file, stored, Zip64 where it must be.</summary>
    /// <remarks>
    /// Each object is decided again when its turn comes, and after each 64 MiB of it. If one is gone or may not be read any more, or the credentials or the session end, the connection is cut, so that what has arrived is no archive. Names are relative and safe to unpack
    /// on any system, and no two are the same file, unless they differ only in how Unicode composes letters and the system does not tell these apart. Each object is in the logs of requests.
    /// </remarks>
    /// <param name="id">The archive's id.</param>
    public ArchiveAnswer Fetch(ControlRequest request, string id)
    {
        if (!pending.TryTake(id, ArchiveOwner.Of(request.By), out PendingArchive? archive))
        {
            throw ControlRefusalException.NotFound("there is no such archive: it can be fetched once, within ten minutes, by who asked for it");
        }

        var decisions = new ArchiveDecisions(time);
        return new ArchiveAnswer(archive, stream, token => FindAsync(request, archive, decisions, token), pending, logger);
    }

    /// <summary>The place and the requester as they are now; null when the credentials have ended.</summary>
    private async ValueTask<ArchivePlace?> FindAsync(ControlRequest request, PendingArchive archive, ArchiveDecisions decisions, CancellationToken cancellationToken)
    {
        if (await rights.FindAsync(request.By, cancellationToken) is not { } now)
        {
            return null;
        }

        ArchivePlace place = await places.FindAsync(archive.Bucket, request.Http, now.Principal, decisions, cancellationToken);
        return place.Identity == archive.Identity ? place : throw BucketCatalog.NoSuchBucket(archive.Bucket);
    }

    /// <summary>What an archive will have, as it is found out.</summary>
    private sealed class Choice(ArchivePlace place)
    {
        private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
        private int _length;
        private int _pages;

        public List<ArchiveKey> Keys { get; } = [];

        public List<RefusedKeyView> Refused { get; } = [];

        public int RefusedCount { get; private set; }

        public long Bytes { get; private set; }

        public async ValueTask AddAsync(string text, CancellationToken cancellationToken)
        {
            if (!_seen.Add(text))
            {
                return;
            }

            _length += text.Length;
            if (_seen.Count > MaxKeys || _length > MaxLength)
            {
                throw ControlRefusalException.BadRequest($"an archive has at most {MaxKeys} objects, whose keys have {MaxLength} characters together: choose fewer");
            }

            if (!ObjectKey.TryCreate(text, out ObjectKey key))
            {
                Refuse(text, "this cannot be a key");
                return;
            }

            try
            {
                long length = await place.LookAsync(key, cancellationToken);
                Bytes += length;
                Keys.Add(new ArchiveKey(text, length));
            }
            catch (S3Exception e) when (e.Error.Status < StatusCodes.Status500InternalServerError)
            {
                Refuse(text, e.Message);
            }
        }

        public async ValueTask AddAllAsync(string prefix, CancellationToken cancellationToken)
        {
            // As long as a key at most; no prefix at all is everything.
            if (prefix.Length > 0 && !ObjectKey.TryCreate(prefix, out _))
            {
                Refuse(prefix, "no key begins like this");
                return;
            }

            if (await place.DenyListingAsync(prefix, cancellationToken) is { } why)
            {
                Refuse(prefix, why);
                return;
            }

            byte[] begin = Encoding.UTF8.GetBytes(prefix);
            byte[]? after = null;
            do
            {
                // A page may have few keys or none, as where a disk has directories alone.
                if (++_pages > MaxPages)
                {
                    throw ControlRefusalException.BadRequest("there is too much below the prefixes to look for objects: choose fewer");
                }

                (IReadOnlyList<IListedObject> page, after) = await place.ListAsync(begin, after, cancellationToken);
                foreach (IListedObject listed in page)
                {
                    await AddAsync(listed.Key.ToString(), cancellationToken);
                }
            }
            while (after is not null);
        }

        private void Refuse(string key, string reason)
        {
            if (RefusedCount++ < MaxShown)
            {
                Refused.Add(new RefusedKeyView(key, reason));
            }
        }
    }
}
