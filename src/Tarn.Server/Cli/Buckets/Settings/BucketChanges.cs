using System.Text;
using System.Text.Json.Nodes;

namespace Tarn.Server.Cli.Buckets.Settings;

/// <summary>What an apply changes, and how far it got.</summary>
/// <param name="bucket">The bucket.</param>
/// <param name="s3">The URL of S3.</param>
/// <param name="before">Its settings before; null: not set.</param>
/// <param name="wanted">Those that are to be so.</param>
/// <param name="plan">The steps of all changes.</param>
internal sealed class BucketChanges(
    string bucket, string s3, IReadOnlyDictionary<string, SettingValue?> before, IReadOnlyDictionary<string, SettingValue?> wanted, SettingPlan plan)
{
    private readonly SettingKind[] _changed = [.. SettingKinds.All.Where(kind => plan.Steps.Any(step => step.Kind == kind))];

    /// <summary>The steps, in order.</summary>
    public IReadOnlyList<SettingStep> Steps => plan.Steps;

    /// <summary>How many of them are done.</summary>
    public int Done { get; set; }

    /// <summary>Whether the bucket did not exist.</summary>
    public bool Creates { get; init; }

    /// <summary>Whether nothing is to be changed.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Whether no answer came to the step that follows those that are done.</summary>
    public bool IsUnknown { get; set; }

    /// <summary>What the plan warns of, and what the server says about probable mistakes.</summary>
    public List<string> Warnings { get; } = [.. plan.Warnings];

    /// <summary>What is left to do, for the message of an apply that failed: <c>policy, acl</c>.</summary>
    public string Left => string.Join(", ", _changed.Where(kind => StateOf(kind) != "applied").Select(static kind => kind.Name));

    /// <summary>The changes as JSON.</summary>
    public JsonObject ToJson(string? error) => new()
    {
        ["bucket"] = bucket,
        ["s3"] = s3,
        ["dryRun"] = IsDryRun,
        ["creates"] = Creates,
        ["changes"] = new JsonArray([.. _changed.Select(kind => new JsonObject
        {
            ["setting"] = kind.Name,
            ["change"] = ChangeOf(kind),
            ["state"] = StateOf(kind),
            ["before"] = Node(before[kind.Name]),
            ["after"] = Node(wanted[kind.Name]),
        })]),
        ["unchanged"] = new JsonArray([.. Unchanged.Select(static kind => (JsonNode)kind.Name)]),
        ["warnings"] = new JsonArray([.. Warnings.Select(static warning => (JsonNode)warning)]),
        ["error"] = error,
    };

    /// <summary>The changes for people.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        Line(text, "at", s3);
        if (Creates)
        {
            Line(text, IsDryRun ? "would create" : "created", bucket);
        }

        foreach (SettingKind kind in _changed)
        {
            Line(text, (IsDryRun, StateOf(kind)) switch
            {
                (true, _) => $"would {ChangeOf(kind)}",
                (_, "applied") => ChangeOf(kind) switch { "remove" => "removed", "change" => "changed", _ => "set" },
                (_, var state) => state,
            }, kind.Name);
            if (IsDryRun)
            {
                foreach (string line in LineDiff.Of(before[kind.Name]?.Text ?? "", wanted[kind.Name]?.Text ?? ""))
                {
                    text.Append("  ").Append(line).Append('\n');
                }
            }
        }

        foreach (SettingKind kind in Unchanged)
        {
            Line(text, "unchanged", kind.Name);
        }

        foreach (string warning in Warnings)
        {
            text.Append("warning: ").Append(TerminalText.Of(warning)).Append('\n');
        }

        return text.ToString();
    }

    private IEnumerable<SettingKind> Unchanged => SettingKinds.All.Where(kind => wanted.ContainsKey(kind.Name) && !_changed.Contains(kind));

    private string ChangeOf(SettingKind kind) => wanted[kind.Name] is null ? "remove" : before[kind.Name] is null ? "set" : "change";

    // A setting may take two steps: one that closes, and, later, one that opens.
    private string StateOf(SettingKind kind)
    {
        int all = plan.Steps.Count(step => step.Kind == kind), done = plan.Steps.Take(Done).Count(step => step.Kind == kind);
        return IsUnknown && plan.Steps[Done].Kind == kind ? "unknown" : done == all ? "applied" : done == 0 ? "not applied" : "partly";
    }

    private static void Line(StringBuilder text, string what, string subject) => text.Append(what.PadRight(12)).Append("  ").Append(subject).Append('\n');

    private static JsonNode? Node(SettingValue? value) => value is null ? null : JsonNode.Parse(value.Text);
}
