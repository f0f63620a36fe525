using System.Reflection;
using System.Text.RegularExpressions;
using Tarn.Tests.Docs;

namespace Tarn.Tests.Telemetry;

public sealed partial class EventIdTests
{
    /// <summary>The ranges that ids are taken from. Ids of S3 from before there were ranges are kept.</summary>
    private static readonly Dictionary<string, Func<int, bool>> Ranges = new()
    {
        ["Tarn.S3"] = static id => id is >= 1000 and < 2000 or 2403 or 2410 or 2411 or 2640 or 2700,
        ["Tarn.Server"] = static id => id is >= 2000 and < 3000,
        ["Tarn.Core"] = static id => id is >= 3000 and < 4000,
        ["Tarn.Backends"] = static id => id is >= 4000 and < 5000,
    };

    [Fact]
    public void No_two_events_have_one_id()
    {
        (string Name, int Id)[] ids = [.. Ranges.Keys.SelectMany(project => Ids(project))];
        Assert.NotEmpty(ids);
        Assert.Empty(ids.GroupBy(id => id.Id).Where(same => same.Count() > 1).Select(same => string.Join(", ", same)));
    }

    [Fact]
    public void Each_project_takes_ids_from_its_range() =>
        Assert.Empty(Ranges.SelectMany(range => Ids(range.Key).Where(id => !range.Value(id.Id)).Select(id => $"{range.Key} {id}")));

    [Fact]
    public void Each_id_is_used_by_one_message_and_no_message_has_a_number()
    {
        foreach (string project in Ranges.Keys)
        {
            string[] sources = [.. Directory.EnumerateFiles(Path.Combine(Pages.Root, "src", project), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText)];
            Assert.Empty(sources.SelectMany(source => Numbered().Matches(source)).Select(match => match.Value));
            string[] used = [.. sources.SelectMany(source => Used().Matches(source)).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal)];
            Assert.Equal(Ids(project).Select(id => id.Name).Order(StringComparer.Ordinal), used);
        }
    }

    private static IEnumerable<(string Name, int Id)> Ids(string project) =>
        (Assembly.Load(project == "Tarn.Server" ? "tarn" : project).GetType(project + ".Telemetry.EventIds")?.GetFields(BindingFlags.Public | BindingFlags.Static) ?? [])
            .Select(field => (field.Name, (int)field.GetRawConstantValue()!));

    [GeneratedRegex(@"LoggerMessage\((EventId = )?\d+")]
    private static partial Regex Numbered();

    [GeneratedRegex(@"\bEventIds\.(\w+)")]
    private static partial Regex Used();
}
