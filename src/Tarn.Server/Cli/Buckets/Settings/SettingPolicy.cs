using System.IO.Enumeration;
using System.Text.Json;

namespace Tarn.Server.Cli.Buckets.Settings;

/// <summary>What is asked about bucket policies of files.</summary>
internal static class SettingPolicy
{
    /// <summary>Whether a policy may allow less than the one before it: it lacks a statement that allows, or has another that denies.</summary>
    public static bool Closes(SettingValue? before, SettingValue? after)
    {
        Statements old = Read(before), now = Read(after);
        return (before is not null && after is not null && old.Version != now.Version) || old.Allow.Except(now.Allow).Any() || now.Deny.Except(old.Deny).Any();
    }

    /// <summary>Whether a policy denies an action on the bucket to somebody, by a statement that the policy before it does not have.</summary>
    /// <param name="before">The policy before; null: none.</param>
    /// <param name="policy">The policy; null: none.</param>
    /// <param name="action">The action: <c>s3:PutBucketAcl</c>.</param>
    /// <param name="bucket">The bucket.</param>
    /// <param name="always">Whether only to look at what it denies everybody under all conditions.</param>
    public static bool Denies(SettingValue? before, SettingValue? policy, string action, string bucket, bool always = false)
    {
        foreach (string text in Read(policy).Deny.Except(Read(before).Deny))
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement statement = document.RootElement;
            if (statement.ValueKind == JsonValueKind.Object && Names(statement, "Action", action) && Names(statement, "Resource", "arn:aws:s3:::" + bucket) && (!always || IsOfAll(statement)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsOfAll(JsonElement statement) => !statement.TryGetProperty("Condition", out _) && statement.TryGetProperty("Principal", out JsonElement principal)
        && Texts(principal.ValueKind == JsonValueKind.Object && principal.TryGetProperty("AWS", out JsonElement accounts) ? accounts : principal).Contains("*");

    private static bool Names(JsonElement statement, string member, string name) =>
        statement.TryGetProperty(member, out JsonElement given) ? Match(given, name) : statement.TryGetProperty("Not" + member, out given) && !Match(given, name);

    private static bool Match(JsonElement patterns, string name) => Texts(patterns).Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, name));

    private static IEnumerable<string> Texts(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Array => value.EnumerateArray().Where(static item => item.ValueKind == JsonValueKind.String).Select(static item => item.GetString()!).ToArray(),
        _ => [],
    };

    private static Statements Read(SettingValue? policy)
    {
        var read = new Statements("", new(StringComparer.Ordinal), new(StringComparer.Ordinal));
        if (policy is null)
        {
            return read;
        }

        using JsonDocument document = JsonDocument.Parse(policy.Text);
        if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("Statement", out JsonElement statements))
        {
            return read;
        }

        foreach (JsonElement statement in statements.ValueKind == JsonValueKind.Array ? statements.EnumerateArray().ToArray() : [statements])
        {
            bool denies = statement.ValueKind != JsonValueKind.Object || !statement.TryGetProperty("Effect", out JsonElement effect) || effect.ValueKind != JsonValueKind.String || !effect.ValueEquals("Allow");
            (denies ? read.Deny : read.Allow).Add(statement.GetRawText());
        }

        return document.RootElement.TryGetProperty("Version", out JsonElement version) ? read with { Version = version.GetRawText() } : read;
    }

    private sealed record Statements(string Version, HashSet<string> Allow, HashSet<string> Deny);
}
