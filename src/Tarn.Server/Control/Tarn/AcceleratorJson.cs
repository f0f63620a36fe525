using Tarn.Core.Acceleration;
using Tarn.Server.Acceleration;

namespace Tarn.Server.Control.Tarn;

/// <summary>A token of an accelerator to create.</summary>
internal sealed record AcceleratorTokenBody
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The only zone that its accelerator may be in; null for the one called default.</summary>
    public string? Zone { get; init; }

    /// <summary>Addresses, and networks in CIDR notation, of the clients for which its accelerator may speak; null for all.</summary>
    public IReadOnlyList<string>? Networks { get; init; }

    /// <summary>The only organizations for which it may speak; null for all, and for anonymous requests. Needs a zone of its own.</summary>
    public IReadOnlyList<string>? Organizations { get; init; }

    /// <summary>The only domains under which its accelerator's clients may name buckets, in lower case; null for any.</summary>
    public IReadOnlyList<string>? Domains { get; init; }
}

/// <summary>A token of an accelerator.</summary>
internal sealed record AcceleratorTokenView : IIdentified
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The only zone that its accelerator may be in.</summary>
    public required string Zone { get; init; }

    /// <summary>The networks of the clients for which its accelerator may speak; absent for all.</summary>
    public IReadOnlyList<string>? Networks { get; init; }

    /// <summary>The only organizations for which it may speak; absent for all, and for anonymous requests.</summary>
    public IReadOnlyList<string>? Organizations { get; init; }

    /// <summary>The only domains under which its accelerator's clients may name buckets; absent for any.</summary>
    public IReadOnlyList<string>? Domains { get; init; }

    /// <summary>What its text ends with.</summary>
    public required string TokenSuffix { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>ARN of its creator.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>Its text, if it has just been created.</summary>
    public string? Token { get; init; }

    public static AcceleratorTokenView Of(AcceleratorToken token, string? text = null) => new()
    {
        Id = token.Id,
        Name = token.Name,
        Zone = token.Zone,
        Networks = token.Networks.IsAny ? null : token.Networks.Networks,
        Organizations = token.Organizations.Count == 0 ? null : token.Organizations,
        Domains = token.Domains.Count == 0 ? null : token.Domains,
        TokenSuffix = token.Suffix,
        CreatedAt = token.Created.UtcDateTime,
        CreatedBy = token.CreatedBy,
        Token = text,
    };

    string IIdentified.Identity => Id;
}

/// <param name="Tokens">All of them, the oldest first.</param>
internal sealed record AcceleratorTokenList(IReadOnlyList<AcceleratorTokenView> Tokens);

/// <summary>An accelerator that is there, and what it has done since its start, as it says itself.</summary>
internal sealed record AcceleratorView
{
    /// <summary>Which process it is.</summary>
    public required string Instance { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its zone.</summary>
    public required string Zone { get; init; }

    /// <summary>The version of its program.</summary>
    public required string Version { get; init; }

    /// <summary>Where it connects from.</summary>
    public string? Address { get; init; }

    /// <summary>Where other accelerators of its zone reach it; absent when it does not share.</summary>
    public string? Peer { get; init; }

    /// <summary>The id of its token.</summary>
    public required string TokenId { get; init; }

    /// <summary>When it registered first since the server's start.</summary>
    public required DateTime Since { get; init; }

    /// <summary>When it registered last.</summary>
    public required DateTime LastSeen { get; init; }

    /// <summary>Answers whose bytes all came from its cache.</summary>
    public required long Hits { get; init; }

    /// <summary>Answers of which some bytes did.</summary>
    public required long Partials { get; init; }

    /// <summary>Answers of which none did.</summary>
    public required long Misses { get; init; }

    /// <summary>Answers that were forwarded.</summary>
    public required long Bypasses { get; init; }

    /// <summary>Bytes sent to clients from its cache.</summary>
    public required long BytesFromCache { get; init; }

    /// <summary>Bytes sent to clients from caches of other accelerators.</summary>
    public required long BytesFromPeers { get; init; }

    /// <summary>Bytes sent to clients from the server.</summary>
    public required long BytesFromUpstream { get; init; }

    /// <summary>Bytes sent to other accelerators.</summary>
    public required long BytesToPeers { get; init; }

    /// <summary>Bytes in its cache.</summary>
    public required long CacheBytes { get; init; }

    /// <summary>The most bytes that its cache may have.</summary>
    public required long CacheCapacity { get; init; }

    /// <summary>Bytes that came into its cache.</summary>
    public required long FilledBytes { get; init; }

    /// <summary>Bytes that were evicted from it.</summary>
    public required long EvictedBytes { get; init; }

    /// <summary>Blocks on its device that were not what they should be.</summary>
    public required long DamagedBlocks { get; init; }

    /// <summary>Reads and writes of its device that failed.</summary>
    public required long CacheErrors { get; init; }

    /// <summary>Objects that wait to be staged.</summary>
    public required long PrestageQueue { get; init; }

    /// <summary>Bytes that it sent to clients from caches, by the organization whose bucket they are of.</summary>
    public required IReadOnlyList<OrganizationHitsView> HitBytes { get; init; }

    public static AcceleratorView Of(RegisteredAccelerator found, IReadOnlyList<OrganizationHits> hits)
    {
        AcceleratorStatistics done = found.Said.Statistics;
        return new AcceleratorView
        {
            Instance = found.Said.Instance,
            Name = found.Said.Name,
            Zone = found.Said.Zone,
            Version = found.Said.Version,
            Address = found.Address?.ToString(),
            Peer = found.Said.Peer,
            TokenId = found.Token.Id,
            Since = found.First.UtcDateTime,
            LastSeen = found.Last.UtcDateTime,
            Hits = done.Hits,
            Partials = done.Partials,
            Misses = done.Misses,
            Bypasses = done.Bypasses,
            BytesFromCache = done.BytesFromCache,
            BytesFromPeers = done.BytesFromPeers,
            BytesFromUpstream = done.BytesFromUpstream,
            BytesToPeers = done.BytesToPeers,
            CacheBytes = done.CacheBytes,
            CacheCapacity = done.CacheCapacity,
            FilledBytes = done.FilledBytes,
            EvictedBytes = done.EvictedBytes,
            DamagedBlocks = done.DamagedBlocks,
            CacheErrors = done.CacheErrors,
            PrestageQueue = done.PrestageQueue,
            HitBytes = [.. hits.Select(OrganizationHitsView.Of)],
        };
    }
}

/// <summary>Bytes that accelerators sent to clients from caches, of buckets of an organization.</summary>
/// <param name="Organization">The organization; absent for all that are not named.</param>
/// <param name="Bytes">Bytes.</param>
internal sealed record OrganizationHitsView(string? Organization, long Bytes)
{
    public static OrganizationHitsView Of(OrganizationHits hits) => new(hits.Organization, hits.Bytes);
}

/// <param name="Accelerators">Those that have registered lately, by zone and name.</param>
/// <param name="HitBytes">What all together sent to clients from caches since the server's start, by the organization whose bucket it is of, the most first.</param>
internal sealed record AcceleratorList(IReadOnlyList<AcceleratorView> Accelerators, IReadOnlyList<OrganizationHitsView> HitBytes);

/// <summary>What accelerators are to remove from their caches.</summary>
internal sealed record AcceleratorClearBody
{
    /// <summary>The bucket whose bytes are to go; null for all, unless its id is given.</summary>
    public string? Bucket { get; init; }

    /// <summary>Its id in the place of its name: of one that was deleted, too.</summary>
    public ulong? BucketId { get; init; }

    /// <summary>The name of the accelerators that are meant; null for all.</summary>
    public string? Name { get; init; }
}

/// <summary>What accelerators are told to remove from their caches.</summary>
internal sealed record AcceleratorClearView : IIdentified
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>The bucket whose bytes are to go; absent for all, and where its id was given.</summary>
    public string? Bucket { get; init; }

    /// <summary>The id of that bucket; absent for all.</summary>
    public ulong? BucketId { get; init; }

    /// <summary>The name of the accelerators that are meant; absent for all.</summary>
    public string? Name { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>ARN of who asked for it.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>Until when accelerators are told that come back.</summary>
    public required DateTime Until { get; init; }

    /// <summary>How many accelerators there are now that are told. One that is away is not among them.</summary>
    public required int Accelerators { get; init; }

    /// <summary>The names of those that have not done it yet.</summary>
    public required IReadOnlyList<string> Waiting { get; init; }

    public static AcceleratorClearView Of(StoredClear clear, IReadOnlyList<RegisteredAccelerator> there)
    {
        string id = clear.Id.ToString();
        AcceleratorRegistration[] meant = [.. there.Select(static each => each.Said).Where(each => clear.IsFor(each.Name))];
        var created = DateTimeOffset.FromUnixTimeMilliseconds(clear.Created);
        return new AcceleratorClearView
        {
            Id = id,
            Bucket = clear.Bucket,
            BucketId = clear.BucketId,
            Name = clear.Name,
            CreatedAt = created.UtcDateTime,
            CreatedBy = clear.CreatedBy,
            Until = (created + AcceleratorClears.Life).UtcDateTime,
            Accelerators = meant.Length,
            Waiting = [.. meant.Where(each => !each.Cleared.Contains(id, StringComparer.Ordinal)).Select(static each => each.Name)],
        };
    }

    string IIdentified.Identity => Id;
}

/// <param name="Clears">Those of the last week, the oldest first, without those that a later one includes.</param>
internal sealed record AcceleratorClearList(IReadOnlyList<AcceleratorClearView> Clears);
