using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Tarn.Core.Policy;

namespace Tarn.Tests.Policy;

/// <summary>A second reading of bucket policies: slow, over the JSON itself, with regular expressions and nothing compiled.</summary>
internal static class ReferencePolicy
{
    public static PolicyOutcome Decide(string json, Ask ask)
    {
        JsonObject policy = JsonNode.Parse(json)!.AsObject();
        bool variables = (string?)policy["Version"] == "2012-10-17";
        var effects = List(policy["Statement"]!).Select(node => node!.AsObject())
            .Where(statement => Applies(statement, ask, variables))
            .Select(statement => (string)statement["Effect"]!).ToHashSet();
        return effects.Contains("Deny") ? PolicyOutcome.ExplicitDeny : effects.Contains("Allow") ? PolicyOutcome.Allow : PolicyOutcome.NoMatch;
    }

    private static bool Applies(JsonObject statement, Ask ask, bool variables)
    {
        bool deny = (string)statement["Effect"]! == "Deny";
        return Action(statement, ask) && Principal(statement, ask, deny) && Resource(statement, ask, deny, variables)
            && Conditions(statement, ask, deny, variables);
    }

    private static bool Action(JsonObject statement, Ask ask) =>
        statement["Action"] is { } actions
            ? Strings(actions).Any(pattern => Like(pattern.ToLowerInvariant(), ask.Action.ToLowerInvariant()))
            : !Strings(statement["NotAction"]!).Any(pattern => Like(pattern.ToLowerInvariant(), ask.Action.ToLowerInvariant()));

    private static bool Principal(JsonObject statement, Ask ask, bool deny)
    {
        var itself = new HashSet<string>();
        var organization = new HashSet<string>();
        if (ask.Who is { } who)
        {
            organization.UnionWith([who.OrganizationId, who.OwnerId, $"arn:aws:iam::{who.OrganizationId}:root", $"arn:cw:iam::{who.OrganizationId}:root"]);
            itself.UnionWith(who.UserName is null ? organization : [$"arn:aws:iam::{who.OrganizationId}:user/{who.UserName}", $"arn:cw:iam::{who.OrganizationId}:user/{who.UserName}"]);
        }

        bool Named(JsonNode node, bool withOrganization) => node is JsonValue
            || node.AsObject().SelectMany(kind => Strings(kind.Value!)).Any(name => name == "*" || itself.Contains(name) || (withOrganization && organization.Contains(name)));

        return statement["Principal"] is { } principal ? Named(principal, withOrganization: true) : !Named(statement["NotPrincipal"]!, withOrganization: !deny);
    }

    private static bool Resource(JsonObject statement, Ask ask, bool deny, bool variables)
    {
        string resource = "arn:aws:s3:::" + (ask.Key.Length == 0 ? ask.Bucket : ask.Bucket + "/" + ask.Key);
        bool negated = statement["Resource"] is null;
        var patterns = Strings(statement["Resource"] ?? statement["NotResource"]!).Select(pattern => Pattern(pattern, ask, variables, wildcards: true)).ToList();
        if (patterns.Exists(pattern => pattern is not null && Regex.IsMatch(resource, pattern, RegexOptions.Singleline)))
        {
            return !negated;
        }

        return negated && (deny || !patterns.Contains(null));
    }

    private static bool Conditions(JsonObject statement, Ask ask, bool deny, bool variables) =>
        statement["Condition"] is null
        || statement["Condition"]!.AsObject().All(block => block.Value!.AsObject().All(pair => Condition(block.Key, pair.Key, Strings(pair.Value!), ask, deny, variables)));

    private static bool Condition(string name, string key, string[] wanted, Ask ask, bool deny, bool variables)
    {
        string[] given = Given(key, ask);
        if (name == "Null")
        {
            return wanted.Contains(given.Length == 0 ? "true" : "false");
        }

        string set = name.Contains(':', StringComparison.Ordinal) ? name.Split(':')[0] : "";
        string bare = name.Split(':')[^1];
        bool ifExists = bare.EndsWith("IfExists", StringComparison.Ordinal);
        bare = ifExists ? bare[..^8] : bare;
        bool negated = bare.Contains("Not", StringComparison.Ordinal);
        if (given.Length == 0)
        {
            return ifExists || set == "ForAllValues" || (set == "" && negated);
        }

        var each = new List<bool>();
        foreach (string value in given)
        {
            // null: unknown because of a variable; an exception: not of the operator's type.
            bool?[] compared;
            try
            {
                compared = [.. wanted.Select(want => Equal(bare.Replace("Not", "", StringComparison.Ordinal), value, want, ask, variables))];
            }
            catch (FormatException)
            {
                return deny;
            }

            each.Add(compared.Contains(true) ? !negated : compared.Contains(null) ? negated && deny : negated);
        }

        return set switch
        {
            "ForAllValues" => each.TrueForAll(holds => holds),
            "ForAnyValue" => each.Contains(true),
            _ => negated ? each.TrueForAll(holds => holds) : each.Contains(true),
        };
    }

    private static bool? Equal(string operation, string given, string wanted, Ask ask, bool variables)
    {
        switch (operation)
        {
            case "StringEquals":
                return Pattern(wanted, ask, variables, wildcards: false) is { } exact ? Regex.IsMatch(given, exact, RegexOptions.Singleline) : null;
            case "StringEqualsIgnoreCase":
                return Pattern(wanted, ask, variables, wildcards: false) is { } folded ? Regex.IsMatch(given, folded, RegexOptions.Singleline | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant) : null;
            case "StringLike":
                return Pattern(wanted, ask, variables, wildcards: true) is { } like ? Regex.IsMatch(given, like, RegexOptions.Singleline) : null;
            case "ArnEquals" or "ArnLike":
                string[] parts = given.Split(':', 6);
                string[] wants = wanted.Split(':', 6);
                return parts.Length == 6 && parts.Zip(wants).All(pair => Like(pair.Second, pair.First));
            case "Bool":
                return bool.Parse(given) == bool.Parse(wanted);
            case "IpAddress":
                // A second notation of the same: .NET's own, which wants the bits beyond the prefix to be zero.
                return IPNetwork.Parse(wanted.Contains('/', StringComparison.Ordinal) ? wanted : wanted + "/32").Contains(IPAddress.Parse(given));
            default:
                double difference = operation.StartsWith("Date", StringComparison.Ordinal)
                    ? (Date(given) - Date(wanted)).TotalSeconds
                    : double.Parse(given, CultureInfo.InvariantCulture) - double.Parse(wanted, CultureInfo.InvariantCulture);
                return operation[(operation.StartsWith("Date", StringComparison.Ordinal) ? 4 : 7)..] switch
                {
                    "Equals" => difference == 0,
                    "LessThan" => difference < 0,
                    "LessThanEquals" => difference <= 0,
                    "GreaterThan" => difference > 0,
                    "GreaterThanEquals" => difference >= 0,
                    _ => throw new InvalidOperationException(operation),
                };
        }
    }

    private static DateTimeOffset Date(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static string[] Given(string key, Ask ask) => key.ToLowerInvariant() switch
    {
        "aws:username" => ask.Who?.UserName is { } user ? [user] : [],
        "aws:userid" => [ask.Who?.UserId ?? "anonymous"],
        "aws:principalaccount" => [ask.Who?.OrganizationId ?? "anonymous"],
        "aws:principalorgid" or "cw:principalorgid" => ask.Who is { } who ? [who.OrganizationId] : [],
        "aws:principalarn" => ask.Who is { } who ? [who.Arn] : [],
        "aws:principaltype" => [ask.Who is null ? "Anonymous" : ask.Who.UserName is null ? "Account" : "User"],
        _ => ask.Values.GetValueOrDefault(key) ?? [],
    };

    /// <summary>An anchored regular expression, or null where a variable has no value.</summary>
    private static string? Pattern(string text, Ask ask, bool variables, bool wildcards)
    {
        bool unknown = false;
        string pattern = Regex.Replace(text, variables ? @"\$\{([^},]*)(?:,\s*'([^}]*)')?\}|[\s\S]" : @"[\s\S]", match =>
        {
            if (match.Length > 1)
            {
                string name = match.Groups[1].Value;
                string[] given = name is "*" or "?" or "$" ? [name] : Given(name, ask);
                unknown |= given.Length != 1 && !match.Groups[2].Success;
                return Regex.Escape(given.Length == 1 ? given[0] : match.Groups[2].Value);
            }

            return (wildcards, match.Value) switch
            {
                (true, "*") => ".*",
                (true, "?") => @"(?:[\uD800-\uDBFF][\uDC00-\uDFFF]|.)",
                (_, "{" or "}" or "]") => "\\" + match.Value,
                _ => Regex.Escape(match.Value),
            };
        });
        return unknown ? null : $@"\A(?:{pattern})\z";
    }

    private static bool Like(string pattern, string text) =>
        Regex.IsMatch(text, @"\A" + Regex.Escape(pattern).Replace(@"\*", ".*", StringComparison.Ordinal).Replace(@"\?", ".", StringComparison.Ordinal) + @"\z", RegexOptions.Singleline);

    private static IEnumerable<JsonNode?> List(JsonNode node) => node is JsonArray array ? array.AsEnumerable() : Enumerable.Repeat<JsonNode?>(node, 1);

    private static string[] Strings(JsonNode node) => [.. List(node).Select(item => item!.ToString())];
}
