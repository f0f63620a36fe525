using System.Text;
using Tarn.Core.Lifecycle;
using Tarn.Core.Model;

namespace Tarn.Tests.Lifecycle;

/// <summary>The planner against a second implementation that follows the documentation sentence by sentence, day by day.</summary>
public class LifecyclePlannerPropertyTests
{
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Agrees_with_the_slow_one()
    {
        var random = new Random(20240101);
        int acted = 0;
        for (int i = 0; i < 20_000; i++)
        {
            LifecycleRule[] rules = [.. Enumerable.Range(0, random.Next(1, 5)).Select(n => Rule(random, n))];
            LifecycleVersion[] versions = Versions(random);
            string key = random.Next(2) == 0 ? "a/k" : "b";
            DateTimeOffset now = Start.AddHours(random.Next(0, 24 * 20));
            IReadOnlyList<LifecycleAction> plan = new LifecyclePlanner(LifecycleConfiguration.Create(rules), LifecycleDay.Real)
                .Plan(Encoding.UTF8.GetBytes(key), versions, VersioningState.Enabled, now);
            string[] actual = [.. plan.Select(a => $"{a.Version.Token} {a.Kind}")];
            string[] expected = [.. Slow(rules, key, versions, now)];
            Assert.True(expected.SequenceEqual(actual), $"case {i}: expected {string.Join(", ", expected)}; got {string.Join(", ", actual)}");
            acted += actual.Length;
        }

        Assert.InRange(acted, 10_000, 80_000);
    }

    private static IEnumerable<string> Slow(LifecycleRule[] rules, string key, LifecycleVersion[] versions, DateTimeOffset now)
    {
        for (int v = 0; v < versions.Length; v++)
        {
            LifecycleVersion version = versions[v];
            foreach (LifecycleRule rule in rules.Where(r => r.Enabled && Selects(r.Filter, key, version)))
            {
                string? kind = null;
                if (v > 0)
                {
                    bool enoughNewer = rule.NoncurrentExpiration is { } n && versions[1..v].Length >= (n.Keep ?? 0);
                    kind = enoughNewer && DaysHavePassed(version.NoncurrentSince!.Value, rule.NoncurrentExpiration!.Days, now) ? "DeleteVersion" : null;
                }
                else if (rule.Expiration is { } expiration)
                {
                    bool aged = expiration.Days is { } days ? DaysHavePassed(version.LastModified, days, now) : expiration.Date is { } date && date <= now;
                    kind = version.IsDeleteMarker
                        ? versions.Length == 1 && (aged || (expiration.ExpiredObjectDeleteMarker == true && version.LastModified <= now)) ? "RemoveExpiredDeleteMarker" : null
                        : aged ? "ExpireCurrent" : null;
                }

                if (kind is not null)
                {
                    yield return $"{version.Token} {kind}";
                    break;
                }
            }
        }
    }

    /// <summary>Counts midnights one by one: after the days, the next one must have come.</summary>
    private static bool DaysHavePassed(DateTimeOffset since, int days, DateTimeOffset now)
    {
        DateTimeOffset end = since.AddDays(days);
        for (DateTimeOffset midnight = new(since.Date, TimeSpan.Zero); midnight <= now; midnight = midnight.AddDays(1))
        {
            if (midnight > end)
            {
                return true;
            }
        }

        return false;
    }

    private static bool Selects(LifecycleFilter filter, string key, LifecycleVersion version)
    {
        bool prefix = filter.Prefix is null || key.StartsWith(filter.Prefix, StringComparison.Ordinal);
        bool tags = filter.Tags.Pairs.All(version.Tags.Pairs.Contains);
        bool size = (filter.SizeGreaterThan is not { } g || version.Size > g) && (filter.SizeLessThan is not { } l || version.Size < l);
        return prefix && tags && size;
    }

    private static LifecycleRule Rule(Random random, int number)
    {
        LifecycleFilter filter = random.Next(6) switch
        {
            0 => new() { Prefix = "a/" },
            1 => new() { Tags = Tag(random) },
            2 => new() { SizeGreaterThan = random.Next(3) },
            3 => new() { SizeLessThan = random.Next(1, 4) },
            4 => new() { Prefix = "a/", Tags = Tag(random), Form = LifecycleFilterForm.And },
            _ => LifecycleFilter.Everything,
        };
        bool keyOnly = filter.Tags.Count == 0 && !filter.HasSize;
        LifecycleExpiration? expiration = random.Next(4) switch
        {
            0 => new(random.Next(1, 6)),
            1 => new(null, Start.AddDays(random.Next(20))),
            2 when keyOnly => new(null, null, random.Next(2) == 0),
            _ => null,
        };
        return new LifecycleRule
        {
            Id = $"r{number}",
            Enabled = random.Next(8) > 0,
            Filter = filter,
            Expiration = expiration,
            NoncurrentExpiration = expiration is null || random.Next(2) == 0
                ? new(random.Next(1, 6), random.Next(2) == 0 ? random.Next(1, 4) : null)
                : null,
        };
    }

    private static LifecycleVersion[] Versions(Random random)
    {
        var versions = new LifecycleVersion[random.Next(1, 6)];
        DateTimeOffset? successor = null;
        DateTimeOffset time = Start.AddHours(random.Next(24 * 12));
        for (int i = 0; i < versions.Length; i++)
        {
            bool marker = random.Next(3) == 0;
            versions[i] = new LifecycleVersion
            {
                Token = i,
                IsLatest = i == 0,
                IsDeleteMarker = marker,
                LastModified = time,
                NoncurrentSince = successor,
                Size = marker ? 0 : random.Next(4),
                Tags = marker || random.Next(2) == 0 ? TagSet.Empty : Tag(random),
            };
            successor = time;
            time = time.AddHours(-random.Next(1, 60));
        }

        return versions;
    }

    private static TagSet Tag(Random random) => TagSet.Create([new("t", $"{random.Next(2)}")], TagLimits.Object);
}
