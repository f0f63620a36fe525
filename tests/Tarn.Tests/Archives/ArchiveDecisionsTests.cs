using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Policy;
using Tarn.S3.Archives;

namespace Tarn.Tests.Archives;

/// <summary>What the decisions for an archive share, and for how long.</summary>
public sealed class ArchiveDecisionsTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void A_thousand_decisions_share_their_steps()
    {
        var decisions = new ArchiveDecisions(_clock);
        DecisionScope first = decisions.ForObject();
        Assert.All(Enumerable.Range(0, 999), _ => Assert.Same(first, decisions.ForObject()));
        Assert.NotSame(first, decisions.ForObject());
    }

    /// <summary>So that a condition on the time does not hold for as long as a large object is sent.</summary>
    [Fact]
    public void Nothing_is_shared_for_longer_than_a_second()
    {
        var decisions = new ArchiveDecisions(_clock);
        DecisionScope objects = decisions.ForObject(), listings = decisions.ForListing();
        _clock.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Same(objects, decisions.ForObject());
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.NotSame(objects, decisions.ForObject());
        Assert.NotSame(listings, decisions.ForListing());
    }

    /// <summary>What holds for an object says nothing of a listing, nor one listing of another: each has a prefix of its own.</summary>
    [Fact]
    public void Outcomes_of_conditions_are_shared_by_objects_alone()
    {
        var decisions = new ArchiveDecisions(_clock);
        object condition = new();
        decisions.ForObject().Remember(condition, held: true);
        Assert.True(decisions.ForObject().Recall(condition));
        Assert.Null(decisions.ForListing().Recall(condition));
        decisions.ForListing().Remember(condition, held: true);
        Assert.Null(decisions.ForListing().Recall(condition));
    }
}
