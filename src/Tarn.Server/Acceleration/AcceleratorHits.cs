using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Tarn.Core.Acceleration;
using Tarn.Core.Identity;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Acceleration;

/// <summary>Bytes that accelerators sent to their clients and the server did not have to send, by the organizations whose buckets they are of.</summary>
/// <param name="Organization">The organization's name; null: of organizations that accelerators do not name, or that are gone.</param>
/// <param name="Bytes">Bytes.</param>
internal sealed record OrganizationHits(string? Organization, long Bytes);

/// <summary>The names of organizations that accelerators name by their canonical user ids.</summary>
internal sealed class HitNames(IReadOnlyDictionary<string, string> names)
{
    /// <summary>The name of an organization; null for one that there is not, and for those that are not named.</summary>
    public string? Of(string? owner) => owner is null ? null : names.GetValueOrDefault(owner);

    /// <summary>What an accelerator says, the most bytes first: of organizations with a name each, and of all others together.</summary>
    public IReadOnlyList<OrganizationHits> Name(IReadOnlyList<OwnerHits> said) =>
    [
        .. said.GroupBy(each => Of(each.Owner)).Select(static each => new OrganizationHits(each.Key, each.Sum(static hits => hits.Bytes)))
            .OrderByDescending(static each => each.Bytes).ThenBy(static each => each.Organization, StringComparer.Ordinal),
    ];
}

/// <summary>Adds up what accelerators say that they have served without the server, since its start. Organizations are those that exist: what accelerators say names no other.</summary>
internal sealed class AcceleratorHits : IDisposable
{
    /// <summary>The most organizations with a count of their own; the others have one together.</summary>
    public const int MaxOrganizations = 1000;

    /// <summary>The label of all others in metrics, which is no name of an organization.</summary>
    private const string Others = "*";

    private readonly Meter _meter = ServerTelemetry.CreateMeter();
    private readonly Organizations _organizations;
    private readonly ConcurrentDictionary<string, long> _bytes = new(StringComparer.Ordinal);

    public AcceleratorHits(Organizations organizations)
    {
        _organizations = organizations;
        _meter.CreateObservableCounter(
            "tarn.accelerators.hits", Measure, unit: "By", description: "Bytes that accelerators sent to clients from caches, by the organization whose bucket they are of.");
    }

    /// <summary>The sums, the largest first.</summary>
    public IReadOnlyList<OrganizationHits> Totals =>
        [.. _bytes.Select(static each => new OrganizationHits(each.Key == Others ? null : each.Key, each.Value)).OrderByDescending(static each => each.Bytes).ThenBy(static each => each.Organization, StringComparer.Ordinal)];

    /// <summary>Looks up the organizations that accelerators name, each once, and no more than have a count of their own: those with the most bytes.</summary>
    /// <param name="said">What accelerators say.</param>
    /// <param name="cancellationToken">Cancels looking them up.</param>
    public async ValueTask<HitNames> NamesAsync(IEnumerable<OwnerHits> said, CancellationToken cancellationToken)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        IEnumerable<string> owners = said.Where(static each => each.Owner is not null).GroupBy(static each => each.Owner!, StringComparer.Ordinal)
            .OrderByDescending(static each => each.Max(static hits => hits.Bytes)).Take(MaxOrganizations).Select(static each => each.Key);
        foreach (string owner in owners)
        {
            if (await _organizations.FindByCanonicalIdAsync(owner, cancellationToken) is { } organization)
            {
                names.Add(owner, organization.Name);
            }
        }

        return new HitNames(names);
    }

    /// <summary>Adds what an accelerator has served since it registered before.</summary>
    /// <param name="before">What it said then; null when it was not known: it is new, or was silent for so long that it was forgotten, or the server was started since.</param>
    /// <param name="now">What it says now.</param>
    /// <param name="names">The names of the organizations that it names now.</param>
    public void Add(AcceleratorRegistration? before, AcceleratorRegistration now, HitNames names)
    {
        if (before is null)
        {
            // What it served before is in the sums already, or was while nobody counted.
            return;
        }

        Dictionary<string, long> earlier = before.Statistics.HitBytes.ToDictionary(static each => each.Owner ?? "", static each => each.Bytes, StringComparer.Ordinal);
        foreach (OwnerHits hits in now.Statistics.HitBytes)
        {
            long more = hits.Bytes - earlier.GetValueOrDefault(hits.Owner ?? "");
            if (more > 0)
            {
                string name = names.Of(hits.Owner) ?? Others;
                _bytes.AddOrUpdate(_bytes.ContainsKey(name) || _bytes.Count < MaxOrganizations ? name : Others, static (_, more) => more, static (_, sum, more) => sum > long.MaxValue - more ? long.MaxValue : sum + more, more);
            }
        }
    }

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> Measure() => _bytes.Select(static each => new Measurement<long>(each.Value, new KeyValuePair<string, object?>("organization", each.Key)));
}
