using System.Text;
using System.Text.Json;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.Core.Policy.Documents;

namespace Tarn.Server.Control.Tarn;

/// <summary>Reads the policy that an access key is to have.</summary>
internal static class KeyPolicyDocuments
{
    /// <summary>Returns the document to store; null when no policy is asked for.</summary>
    /// <param name="policy">A document, or the name of a canned policy; null for none.</param>
    /// <param name="buckets">The buckets that a canned policy is for; null or none: all.</param>
    /// <exception cref="ControlRefusalException">400: the document is not a policy, or there is no canned policy of that name.</exception>
    public static string? Read(JsonElement? policy, IReadOnlyList<string>? buckets)
    {
        if (policy is { ValueKind: JsonValueKind.String } named)
        {
            return Canned(named.GetString()!, buckets);
        }

        if (buckets is { Count: > 0 })
        {
            throw ControlRefusalException.BadRequest("buckets are given with the name of a canned policy only; a document names its resources itself");
        }

        return policy is null or { ValueKind: JsonValueKind.Null } ? null
            : policy is { ValueKind: JsonValueKind.Object } document ? Checked(document.GetRawText())
            : throw ControlRefusalException.BadRequest($"policy must be a policy document, or {Names}");
    }

    /// <summary>The names of canned policies, for refusals: <c>"a", "b" or "c"</c>.</summary>
    public static string Names { get; } =
        $"{string.Join(", ", CannedPolicies.Names.SkipLast(1).Select(static name => $"\"{name}\""))} or \"{CannedPolicies.Names[^1]}\"";

    private static string Canned(string name, IReadOnlyList<string>? buckets)
    {
        var names = new List<BucketName>();
        foreach (string text in buckets ?? [])
        {
            names.Add(BucketName.TryParse(text, out BucketName bucket) ? bucket : throw ControlRefusalException.BadRequest($"'{text}' cannot be the name of a bucket"));
        }

        return CannedPolicies.ForKey(name, names) is { } document
            ? Checked(document)
            : throw ControlRefusalException.BadRequest($"there is no canned policy '{name}': it must be {Names}, or a policy document");
    }

    private static string Checked(string document)
    {
        try
        {
            IdentityPolicy.Parse(Encoding.UTF8.GetBytes(document));
            return document;
        }
        catch (S3Exception e)
        {
            throw ControlRefusalException.BadRequest(e.Message);
        }
    }
}
