using System.Globalization;
using System.Text.Json;
using Tarn.Core.Identity;

namespace Tarn.Server.Auditing;

/// <summary>
/// Collects what a request to the control API names: who and what it is about, and to what it sets it. Of a body, only the members that are listed here are shown, so a
/// secret of a new endpoint is not; a test goes through the types of all bodies, so that a new member is either here or withheld on purpose.
/// </summary>
internal sealed class AuditSubjects
{
    /// <summary>The longest value that is shown, in characters.</summary>
    private const int MaxValue = 256;

    /// <summary>The number of values that are shown.</summary>
    private const int MaxCount = 64;

    private static readonly HashSet<string> Shown =
    [
        "organization", "user", "userId", "name", "description", "group", "groups", "accessKey", "access_key_id", "accessKeyId", "canonicalId", "displayName", "email",
        "principalName", "principal", "durationSeconds", "duration_seconds", "expiresIn", "bucket", "key", "versionId", "partNumber", "uploadId", "path", "target", "type",
        "nickname", "mounts", "allowedIps", "growingFiles", "writing", "from", "to", "replace", "parents", "length", "label", "sha256", "metadataOnly", "withoutDisks", "includeMasterKey", "sameDevice", "disk", "command", "pattern", "policy", "id",
        "buckets", "access", "endpointUrl", "url", "audiences", "jwksUrl", "hosts", "issuer", "conditions", "anySubject", "policies", "maxSessionSeconds", "console", "clientId", "title", "scopes", "role",
        "zone", "networks", "organizations", "domains", "bucketId", "kind", "prefix", "versions", "toBucket", "toPrefix", "overwrite", "tags", "merge", "at", "dryRun", "requestToken",
    ];

    /// <summary>URLs, of which only scheme, host and path are shown: the rest may hold a password or a token.</summary>
    private static readonly HashSet<string> Urls = ["endpointUrl", "url", "jwksUrl"];

    private readonly List<KeyValuePair<string, string>> _found = [];

    /// <summary>The names and values, each name once.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Found => _found;

    /// <summary>A text with its end cut off, and without tokens, which people may send in place of their ids.</summary>
    public static string Safe(string text) =>
        ApiTokens.HasForm(text) ? ApiTokens.Prefix + "…" : text.Length <= MaxValue ? text : text[..MaxValue] + "…";

    /// <summary>A URL without user information, query and fragment. What is none is cut in the same way, since it may be one that is misspelt.</summary>
    private static string Cut(string url)
    {
        int end = url.AsSpan().IndexOfAny('?', '#');
        string cut = end < 0 ? url : url[..end];
        int scheme = cut.IndexOf("//", StringComparison.Ordinal);
        int host = scheme < 0 ? 0 : scheme + 2;
        int path = cut.AsSpan(host).IndexOfAny('/', '\\');
        int at = (path < 0 ? cut.AsSpan(host) : cut.AsSpan(host, path)).LastIndexOf('@');
        return at < 0 ? cut : string.Concat(cut.AsSpan(0, host), cut.AsSpan(host + at + 1));
    }

    /// <summary>Adds a value, unless there is one of that name.</summary>
    public void Add(string name, string value)
    {
        if (_found.Count < MaxCount && _found.TrueForAll(it => it.Key != name))
        {
            _found.Add(new(name, Safe(value)));
        }
    }

    /// <summary>Adds what a body names.</summary>
    /// <param name="body">The body, of which it is not yet known whether it is JSON.</param>
    public void AddBody(ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty)
        {
            return;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                AddMembers("", document.RootElement);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Such a request is refused; an unpaired surrogate shows only when its text is read.
        }
    }

    private void AddMembers(string prefix, JsonElement element)
    {
        foreach (JsonProperty member in element.EnumerateObject())
        {
            if (Shown.Contains(member.Name))
            {
                AddValue(prefix + member.Name, member.Value);
            }
        }
    }

    private void AddValue(string name, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                Add(name, Urls.Contains(name[(name.LastIndexOf('.') + 1)..]) ? Cut(value.GetString()!) : value.GetString()!);
                break;
            case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False:
                Add(name, value.GetRawText());
                break;
            case JsonValueKind.Object:
                AddMembers(name + ".", value);
                break;
            case JsonValueKind.Array:
                AddItems(name, value);
                break;
        }
    }

    private void AddItems(string name, JsonElement list)
    {
        if (list.GetArrayLength() == 0)
        {
            Add(name, "");
        }

        int number = 0;
        foreach (JsonElement item in list.EnumerateArray())
        {
            if (_found.Count >= MaxCount)
            {
                return;
            }

            AddValue(string.Create(CultureInfo.InvariantCulture, $"{name}[{number++}]"), item);
        }
    }
}
