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

    /// <summary>Adds what an accelerator has served since it registered before.</summary>
    /// <param name="before">What it said then; null when it registers for the first time since the server's start.</param>
    /// <param name="now">What it says now.</param>
    /// <param name="cancellationToken">Cancels looking organizations up.</param>
    public async ValueTask AddAsync(AcceleratorRegistration? before, AcceleratorRegistration now, CancellationToken cancellationToken)
    {
        if (before is null)
        {
            // What it served before is in the sums of an earlier process of the server, or was while nobody counted.
            return;
        }

        foreach (OwnerHits hits in now.Statistics.HitBytes)
        {
            long more = hits.Bytes - (before.Statistics.HitBytes.FirstOrDefault(each => each.Owner == hits.Owner)?.Bytes ?? 0);
            if (more > 0)
            {
                string name = await NameOfAsync(hits.Owner, cancellationToken) ?? Others;
                _bytes.AddOrUpdate(_bytes.ContainsKey(name) || _bytes.Count < MaxOrganizations ? name : Others, static (_, more) => more, static (_, sum, more) => sum > long.MaxValue - more ? long.MaxValue : sum + more, more);
            }
        }
    }

    /// <summary>What an accelerator says, with the names of organizations.</summary>
    public async ValueTask<IReadOnlyList<OrganizationHits>> NamedAsync(AcceleratorRegistration said, CancellationToken cancellationToken)
    {
        var named = new List<OrganizationHits>(said.Statistics.HitBytes.Count);
        foreach (OwnerHits hits in said.Statistics.HitBytes)
        {
            named.Add(new OrganizationHits(await NameOfAsync(hits.Owner, cancellationToken), hits.Bytes));
        }

        return named;
    }

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> Measure() => _bytes.Select(static each => new Measurement<long>(each.Value, new KeyValuePair<string, object?>("organization", each.Key)));

    private async ValueTask<string?> NameOfAsync(string? owner, CancellationToken cancellationToken) =>
        owner is null ? null : (await _organizations.FindByCanonicalIdAsync(owner, cancellationToken))?.Name;
}
