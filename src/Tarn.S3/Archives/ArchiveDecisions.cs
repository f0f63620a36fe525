using Tarn.Core.Policy;

namespace Tarn.S3.Archives;

/// <summary>
/// What the decisions about the keys of an archive share, so that a policy that takes long to decide takes no longer for many keys than for a request about many: of 1,000 keys, and for a second at most, the steps of
/// matching wildcards and the outcomes of conditions that are the same for every key. Not thread-safe.
/// </summary>
/// <param name="clock">The server's.</param>
public sealed class ArchiveDecisions(TimeProvider clock)
{
    /// <summary>As many as a DeleteObjects has.</summary>
    private const int Keys = 1000;

    private static readonly TimeSpan Life = TimeSpan.FromSeconds(1);

    private DecisionScope _objects = new(manyKeys: true);
    private DecisionScope _listings = new();
    private long _since = clock.GetTimestamp();
    private int _decided;

    /// <summary>For a decision about an object, which has the facts of every other.</summary>
    internal DecisionScope ForObject() => Next()._objects;

    /// <summary>For a decision about a listing, whose prefix conditions may ask for.</summary>
    internal DecisionScope ForListing() => Next()._listings;

    private ArchiveDecisions Next()
    {
        if (++_decided > Keys || clock.GetElapsedTime(_since) >= Life)
        {
            (_objects, _listings, _since, _decided) = (new DecisionScope(manyKeys: true), new DecisionScope(), clock.GetTimestamp(), 1);
        }

        return this;
    }
}
