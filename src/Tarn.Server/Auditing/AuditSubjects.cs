using System.Text.Json;

namespace Tarn.Server.Auditing;

/// <summary>Finds in the body of a request to the control API the names of who and what it is about. Members that are not listed here are never shown.</summary>
internal static class AuditSubjects
{
    /// <summary>The longest value that is shown, in characters.</summary>
    private const int MaxValue = 256;

    private static readonly string[] Shown =
    [
        "organization", "user", "userId", "name", "group", "accessKey", "access_key_id", "accessKeyId", "canonicalId", "displayName", "email", "durationSeconds", "duration_seconds", "expiresIn",
        "bucket", "key", "versionId", "path", "mountPath", "target", "type", "nickname", "uploadId",
    ];

    /// <param name="body">The body, of which it is not yet known whether it is JSON.</param>
    public static IReadOnlyList<KeyValuePair<string, string>> In(ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty)
        {
            return [];
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return [];
            }

            var found = new List<KeyValuePair<string, string>>();
            foreach (JsonProperty member in document.RootElement.EnumerateObject())
            {
                if (Array.IndexOf(Shown, member.Name) >= 0 && Text(member.Value) is { } text && found.TrueForAll(it => it.Key != member.Name))
                {
                    found.Add(new(member.Name, text.Length <= MaxValue ? text : text[..MaxValue] + "…"));
                }
            }

            return found;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Such a request is refused; an unpaired surrogate shows only when its text is read.
            return [];
        }
    }

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };
}
