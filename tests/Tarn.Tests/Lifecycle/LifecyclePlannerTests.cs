using System.Text;
using Tarn.Core.Lifecycle;
using Tarn.Core.Model;
using static Tarn.Core.Lifecycle.LifecycleActionKind;

namespace Tarn.Tests.Lifecycle;

public class LifecyclePlannerTests
{
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void An_object_expires_at_midnight_after_its_days()
    {
        LifecycleRule rule = Rule(r => r with { Expiration = new(3) });
        LifecycleVersion version = Object(0.4);
        Assert.Empty(Plan(3.99, [rule], version));
        Assert.Equal([ExpireCurrent], Plan(4, [rule], version));
        Assert.Equal((Start.AddDays(4), "r"), Planner(rule).ExpirationOf("k"u8, version));
    }

    [Fact]
    public void Dates_hold_for_what_is_older_and_what_is_newer()
    {
        LifecycleRule rule = Rule(r => r with { Expiration = new(null, Start.AddDays(5)) });
        Assert.Empty(Plan(4.9, [rule], Object(0)));
        Assert.Equal([ExpireCurrent], Plan(5, [rule], Object(0)));
        Assert.Equal([ExpireCurrent], Plan(9, [rule], Object(8.5)));
    }

    [Fact]
    public void Disabled_rules_do_nothing()
    {
        LifecycleRule rule = Rule(r => r with { Enabled = false, Expiration = new(1), NoncurrentExpiration = new(1), AbortUploadDays = 1 });
        Assert.Empty(Plan(99, [rule], Object(0)));
        Assert.Null(Planner(rule).ExpirationOf("k"u8, Object(0)));
        Assert.Null(Planner(rule).AbortOf("k"u8, Start));
        Assert.Null(Planner(rule).Scope.Seek([]));
    }

    [Fact]
    public void Filters_select()
    {
        LifecycleVersion version = Object(0) with { Size = 10, Tags = Tags(("a", "1"), ("b", "2")) };
        foreach ((LifecycleFilter filter, bool matches) in new (LifecycleFilter, bool)[]
        {
            (new() { Prefix = "" }, true),
            (new() { Prefix = "k" }, true),
            (new() { Prefix = "key/" }, false),
            (new() { Tags = Tags(("a", "1")) }, true),
            (new() { Tags = Tags(("a", "2")) }, false),
            (new() { SizeGreaterThan = 9 }, true),
            (new() { SizeGreaterThan = 10 }, false),
            (new() { SizeLessThan = 11 }, true),
            (new() { SizeLessThan = 10 }, false),
            (new() { Prefix = "k", Tags = Tags(("a", "1"), ("b", "2")), SizeGreaterThan = 9, SizeLessThan = 11, Form = LifecycleFilterForm.And }, true),
            (new() { Prefix = "k", Tags = Tags(("a", "1"), ("c", "2")), Form = LifecycleFilterForm.And }, false),
        })
        {
            Assert.Equal(matches, Plan(9, [Rule(r => r with { Filter = filter, Expiration = new(1) })], version).Length == 1);
        }
    }

    [Fact]
    public void A_delete_marker_over_versions_is_left_alone()
    {
        LifecycleRule[] rules = [Rule(r => r with { Expiration = new(1) }), Rule(r => r with { Id = "s", Expiration = new(null, null, true) })];
        Assert.Empty(Plan(99, rules, Marker(1), Object(0, until: 1)));
    }

    [Fact]
    public void A_lone_delete_marker_goes_at_once_or_by_its_age()
    {
        Assert.Equal([RemoveExpiredDeleteMarker], Plan(1, [Rule(r => r with { Expiration = new(null, null, true) })], Marker(1)));
        Assert.Empty(Plan(99, [Rule(r => r with { Expiration = new(null, null, false) })], Marker(1)));
        LifecycleRule byAge = Rule(r => r with { Expiration = new(2) });
        Assert.Empty(Plan(3.9, [byAge], Marker(1)));
        Assert.Equal([RemoveExpiredDeleteMarker], Plan(4, [byAge], Marker(1)));
        Assert.Empty(Plan(99, [byAge with { Filter = new() { Tags = Tags(("a", "1")) } }], Marker(1)));
    }

    [Fact]
    public void Noncurrent_versions_age_from_when_they_were_succeeded()
    {
        LifecycleRule rule = Rule(r => r with { NoncurrentExpiration = new(2) });
        Assert.Empty(Plan(12.9, [rule], Object(10.5), Object(0, until: 10.5)));
        Assert.Equal([DeleteVersion], Plan(13, [rule], Object(10.5), Object(0, until: 10.5)));
        Assert.Equal([DeleteVersion], Plan(13, [rule], Object(10.5), Marker(0) with { IsLatest = false, NoncurrentSince = Start.AddDays(10.5) }));
    }

    [Fact]
    public void The_newest_noncurrent_versions_are_kept()
    {
        LifecycleRule rule = Rule(r => r with { NoncurrentExpiration = new(1, 2) });
        LifecycleVersion[] versions = [Object(9), Object(8, 9), Object(7, 8), Object(6, 7), Object(5, 6)];
        IReadOnlyList<LifecycleAction> actions = Planner(rule).Plan("k"u8, versions, VersioningState.Enabled, Start.AddDays(99));
        Assert.Equal(versions[3..], actions.Select(a => a.Version));
        Assert.All(actions, a => Assert.Equal(2, a.Keep));

        // Both conditions must hold: what is beyond the number but too young stays.
        Assert.Equal([DeleteVersion], Plan(8.5, [rule], versions));
    }

    [Fact]
    public void Of_several_rules_the_earliest_wins_and_the_first_of_equals()
    {
        LifecycleRule late = Rule(r => r with { Id = "late", Expiration = new(9), AbortUploadDays = 9 });
        LifecycleRule early = Rule(r => r with { Id = "early", Expiration = new(2), AbortUploadDays = 2 });
        LifecycleRule equal = Rule(r => r with { Id = "equal", Expiration = new(null, Start.AddDays(3)), AbortUploadDays = 2 });
        Assert.Equal((Start.AddDays(3), "early"), Planner(late, early, equal).ExpirationOf("k"u8, Object(0.5)));
        Assert.Equal((Start.AddDays(3), "equal"), Planner(late, equal, early).ExpirationOf("k"u8, Object(0.5)));
        Assert.Equal((Start.AddDays(3), "early"), Planner(late, early, equal).AbortOf("k"u8, Start.AddDays(0.5)));
    }

    [Fact]
    public void Only_live_current_versions_have_an_expiration()
    {
        LifecyclePlanner planner = Planner(Rule(r => r with { Expiration = new(1), NoncurrentExpiration = new(1) }));
        Assert.Null(planner.ExpirationOf("k"u8, Marker(0)));
        Assert.Null(planner.ExpirationOf("k"u8, Object(0, until: 1)));
    }

    [Fact]
    public void Uploads_are_selected_by_prefix_alone()
    {
        LifecyclePlanner planner = Planner(Rule(r => r with { Filter = new() { Prefix = "a/" }, AbortUploadDays = 1 }));
        Assert.Equal(Start.AddDays(2), planner.AbortOf("a/x"u8, Start.AddHours(1))?.Due);
        Assert.Null(planner.AbortOf("b"u8, Start));
    }

    [Theory]
    [InlineData("", "a/")]
    [InlineData("a/", "a/")]
    [InlineData("a/x", "a/x")]
    [InlineData("a/b/x", "a/b/x")]
    [InlineData("a0", "c")]
    [InlineData("b", "c")]
    [InlineData("cc", "cc")]
    [InlineData("d", null)]
    public void Scopes_seek(string from, string? to)
    {
        var scope = new LifecycleScope([new() { Prefix = "c" }, new() { Prefix = "a/" }, new() { Prefix = "a/b" }]);
        byte[]? found = scope.Seek(Encoding.UTF8.GetBytes(from));
        Assert.Equal(to, found is null ? null : Encoding.UTF8.GetString(found));
    }

    private static LifecycleActionKind[] Plan(double day, LifecycleRule[] rules, params LifecycleVersion[] versions) =>
        [.. Planner(rules).Plan("k"u8, versions, VersioningState.Enabled, Start.AddDays(day)).Select(action => action.Kind)];

    private static LifecyclePlanner Planner(params LifecycleRule[] rules) =>
        new(LifecycleConfiguration.Decode(LifecycleConfiguration.Create(rules.Select((r, i) => i == 0 || r.Id != "r" ? r : r with { Id = $"r{i}" }).ToList()).Encode()), LifecycleDay.Real);

    private static LifecycleRule Rule(Func<LifecycleRule, LifecycleRule> with) => with(new LifecycleRule { Id = "r" });

    private static LifecycleVersion Object(double written, double? until = null) => new()
    {
        Token = written,
        LastModified = Start.AddDays(written),
        IsLatest = until is null,
        NoncurrentSince = until is { } time ? Start.AddDays(time) : null,
    };

    private static LifecycleVersion Marker(double written) => Object(written) with { IsDeleteMarker = true };

    private static TagSet Tags(params (string, string)[] tags) =>
        TagSet.Create(tags.Select(t => new KeyValuePair<string, string>(t.Item1, t.Item2)), TagLimits.Object);
}
