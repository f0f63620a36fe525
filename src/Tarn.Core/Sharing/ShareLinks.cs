using System.Text;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;
using Tarn.Core.Telemetry;

namespace Tarn.Core.Sharing;

/// <summary>Creates, opens, lists and revokes share links, and removes those that have expired.</summary>
/// <param name="store">Where the rows are.</param>
/// <param name="protector">Encrypts and authenticates tokens.</param>
/// <param name="clock">The time of creations and expiries.</param>
/// <param name="random">Generates ids.</param>
public sealed class ShareLinks(IKeyValueStore store, ISecretProtector protector, TimeProvider clock, IRandomSource random)
{
    /// <summary>Lifetime of a link when none is given.</summary>
    public static readonly TimeSpan DefaultLife = TimeSpan.FromDays(1);

    /// <summary>Longest lifetime of a link.</summary>
    public static readonly TimeSpan MaxLife = TimeSpan.FromDays(7);

    private const int IdBytes = 16;
    private const int Page = 1000;

    private static readonly TimeSpan SweepEvery = TimeSpan.FromHours(1);

    private readonly ShareTokens _tokens = new(protector);

    /// <summary>Creates a link.</summary>
    /// <param name="organization">The organization that owns the file or object.</param>
    /// <param name="ownerId">The organization's canonical user id.</param>
    /// <param name="target">What it opens.</param>
    /// <param name="life">Its lifetime: whole seconds, one to <see cref="MaxLife"/>.</param>
    /// <param name="createdBy">ARN of the creator.</param>
    public async ValueTask<NewShareLink> CreateAsync(
        string organization, string ownerId, ShareTarget target, TimeSpan life, string createdBy, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(life, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(life, MaxLife);
        byte[] id = new byte[IdBytes];
        random.Fill(id);
        DateTimeOffset now = DateTimeOffset.FromUnixTimeSeconds(clock.GetUtcNow().ToUnixTimeSeconds());
        var link = new ShareLink
        {
            Id = Convert.ToHexStringLower(id),
            Organization = organization,
            OwnerId = ownerId,
            Target = target,
            Created = now,
            Expires = now.Add(life),
            CreatedBy = createdBy,
        };
        byte[] row = Tables.ShareLinkKey(link.Id);
        KeyValueBatch batch = new KeyValueBatch()
            .Check(row, null)
            .Put(row, link.ToRecord().Encode())
            .Put(Tables.ShareLinkByTargetKey(organization, target.Container, link.Id), [])
            .Put(Tables.ShareLinkByExpiryKey(link.Expires.ToUnixTimeMilliseconds(), link.Id), []);
        return await store.CommitAsync(batch, cancellationToken)
            ? new NewShareLink(link, _tokens.Make(link))
            : throw new InvalidOperationException("An id of 128 random bits was generated twice.");
    }

    /// <summary>Resolves a token. The link is null when the token is not genuine or its row is gone.</summary>
    public async ValueTask<(ShareState State, ShareLink? Link)> OpenAsync(string token, CancellationToken cancellationToken)
    {
        if (_tokens.Read(token) is not { } claim)
        {
            return (ShareState.Forged, null);
        }

        ShareLink? link = await FindAsync(claim.LinkId, cancellationToken);
        return claim.Expires <= clock.GetUtcNow() ? (ShareState.Expired, link)
            : link is null ? (ShareState.Revoked, null)
            : link.Expires == claim.Expires && link.Target.Digest().AsSpan().SequenceEqual(claim.Digest) ? (ShareState.Valid, link)
            : (ShareState.Forged, link);
    }

    /// <summary>Finds a link that was not revoked; null when there is none.</summary>
    public async ValueTask<ShareLink?> FindAsync(string id, CancellationToken cancellationToken) =>
        await Rows.FindAsync(store, Tables.ShareLinkKey(id), ShareLinkRecord.Decode, cancellationToken) is { } found ? ShareLink.From(id, found) : null;

    /// <summary>An organization's links that have not expired, target by target.</summary>
    /// <param name="organization">The organization.</param>
    /// <param name="container">Only those into this disk or bucket; null: all.</param>
    /// <param name="after">The link that the previous page ended with; null for the first page.</param>
    /// <param name="limit">How many rows to look at.</param>
    /// <returns>The links, and where the next page continues; null after the last page.</returns>
    public async ValueTask<(IReadOnlyList<ShareLink> Links, string? Next)> ListAsync(
        string organization, string? container, ShareLink? after, int limit, CancellationToken cancellationToken)
    {
        byte[] prefix = container is null ? Tables.ShareLinksOf(organization) : Tables.ShareLinkByTargetKey(organization, container, "");
        byte[] from = after is null ? prefix : [.. Tables.ShareLinkByTargetKey(organization, after.Target.Container, after.Id), 0];
        IReadOnlyList<KeyValueEntry> rows = await store.ScanAsync(from, KeyCodec.PrefixEnd(prefix), limit + 1, reverse: false, cancellationToken);
        string[] ids = [.. rows.Take(limit).Select(row => LinkId(row.Key))];
        byte[]?[] values = await store.GetAsync([.. ids.Select(id => Tables.ShareLinkKey(id))], cancellationToken);
        DateTimeOffset now = clock.GetUtcNow();
        var links = new List<ShareLink>();
        for (int i = 0; i < ids.Length; i++)
        {
            if (values[i] is { } row && ShareLink.From(ids[i], Rows.Decode(Tables.ShareLinkKey(ids[i]), row, ShareLinkRecord.Decode)) is var link && link.Expires > now)
            {
                links.Add(link);
            }
        }

        return (links, rows.Count > limit ? ids[^1] : null);
    }

    /// <summary>Revokes a link, as of the next request.</summary>
    public async ValueTask RevokeAsync(ShareLink link, CancellationToken cancellationToken) =>
        await store.CommitAsync(Remove(new KeyValueBatch().AsRemoval(), link), cancellationToken);

    /// <summary>Removes the links into a disk or bucket that is gone.</summary>
    public async ValueTask RevokeAllAsync(string organization, string container, CancellationToken cancellationToken)
    {
        ShareLink? after = null;
        while (true)
        {
            (IReadOnlyList<ShareLink> links, string? next) = await ListAsync(organization, container, after, Page, cancellationToken);
            KeyValueBatch batch = new KeyValueBatch().AsRemoval();
            foreach (ShareLink link in links)
            {
                Remove(batch, link);
            }

            if (links.Count > 0)
            {
                await store.CommitAsync(batch, cancellationToken);
            }

            if (next is null || links.Count == 0)
            {
                return;
            }

            after = links[^1];
        }
    }

    /// <summary>Removes the rows of expired links; returns their number.</summary>
    public async ValueTask<int> SweepAsync(CancellationToken cancellationToken)
    {
        byte[] begin = [Tables.ShareLinkByExpiry];
        byte[] end = Tables.ShareLinkByExpiryKey(clock.GetUtcNow().ToUnixTimeMilliseconds() + 1, "");
        int removed = 0;
        if ((await store.ScanAsync(begin, end, 1, reverse: false, cancellationToken)).Count > 0)
        {
            await BackgroundSpan.RunAsync("SweepShareLinks", async span =>
            {
                removed = await RemoveAsync(begin, end, cancellationToken);
                span?.SetTag("tarn.share_links.removed", removed);
            });
        }

        return removed;
    }

    /// <summary>Sweeps now and every hour, until cancelled.</summary>
    /// <param name="failed">Called for a sweep that failed; the next one tries again.</param>
    public async Task RunAsync(Action<Exception> failed, CancellationToken cancellationToken)
    {
        using var tick = new PeriodicTimer(SweepEvery, clock);
        do
        {
            try
            {
                await SweepAsync(cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                failed(e);
            }
        }
        while (await tick.WaitForNextTickAsync(cancellationToken));
    }

    /// <summary>Removes the rows of the links whose rows by expiry are in a range; returns their number.</summary>
    private async ValueTask<int> RemoveAsync(byte[] begin, byte[] end, CancellationToken cancellationToken)
    {
        int removed = 0;
        while (true)
        {
            IReadOnlyList<KeyValueEntry> rows = await store.ScanAsync(begin, end, Page, reverse: false, cancellationToken);
            KeyValueBatch batch = new KeyValueBatch().AsRemoval();
            foreach (KeyValueEntry row in rows)
            {
                string id = Encoding.UTF8.GetString(row.Key.AsSpan(1 + sizeof(ulong)));
                batch.Delete(row.Key);
                if (await FindAsync(id, cancellationToken) is { } link)
                {
                    Remove(batch, link);
                }
            }

            if (rows.Count > 0)
            {
                await store.CommitAsync(batch, cancellationToken);
                removed += rows.Count;
            }

            if (rows.Count < Page)
            {
                return removed;
            }
        }
    }

    private static KeyValueBatch Remove(KeyValueBatch batch, ShareLink link) => batch
        .Delete(Tables.ShareLinkKey(link.Id))
        .Delete(Tables.ShareLinkByTargetKey(link.Organization, link.Target.Container, link.Id))
        .Delete(Tables.ShareLinkByExpiryKey(link.Expires.ToUnixTimeMilliseconds(), link.Id));

    private static string LinkId(byte[] key) => Encoding.UTF8.GetString(key.AsSpan(key.AsSpan().LastIndexOf((byte)0) + 1));
}
