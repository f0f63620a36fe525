using System.Buffers;
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

    /// <summary>The number of characters of a token after its prefix.</summary>
    private const int TokenLength = 64;

    private static readonly HashSet<string> Shown =
    [
        "organization", "user", "userId", "name", "description", "group", "groups", "accessKey", "access_key_id", "accessKeyId", "canonicalId", "displayName", "email",
        "principalName", "principal", "durationSeconds", "duration_seconds", "expiresIn", "bucket", "key", "versionId", "partNumber", "uploadId", "path", "target", "type",
        "nickname", "mounts", "allowedIps", "growingFiles", "metadataOnly", "withoutDisks", "includeMasterKey", "sameDevice", "disk", "command", "pattern", "policy", "id",
    ];

    private static readonly SearchValues<char> Alphanumeric = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");

    private readonly List<KeyValuePair<string, string>> _found = [];

    /// <summary>The names and values, each name once.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Found => _found;

    /// <summary>Whether a member of a body is shown.</summary>
    public static bool Shows(string member) => Shown.Contains(member);

    /// <summary>A text with its end cut off, and without tokens, which people may send in place of their ids.</summary>
    public static string Safe(string text) =>
        IsToken(text) ? ApiTokens.Prefix + "…" : text.Length <= MaxValue ? text : text[..MaxValue] + "…";

    /// <summary>Whether a text has the form of a token. A name may begin like one.</summary>
    public static bool IsToken(string text) =>
        text.Length == ApiTokens.Prefix.Length + TokenLength && text.StartsWith(ApiTokens.Prefix, StringComparison.Ordinal) && text.AsSpan(ApiTokens.Prefix.Length).IndexOfAnyExcept(Alphanumeric) < 0;

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
                Add(name, value.GetString()!);
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
