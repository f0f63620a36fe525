using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Tarn.TestKit.Signing;

/// <summary>
/// An upload by form as a browser sends it, with a policy that allows exactly its fields unless told otherwise.
/// Source: Amazon S3 API Reference, "Browser-Based Uploads Using POST (AWS Signature Version 4)".
/// </summary>
public sealed class PostForm(string bucket)
{
    public const string Boundary = "----TarnFormBoundary7MA4YWxk";

    private readonly List<(string Name, string Value)> fields = [];
    private readonly List<string> conditions = [];
    private DateTimeOffset expiration = DateTimeOffset.UtcNow.AddHours(1);

    public byte[]? File { get; init; } = "content"u8.ToArray();

    public string FileName { get; init; } = "file.txt";

    /// <summary>Bytes between the file and the end of the form.</summary>
    public string After { get; init; } = "";

    /// <summary>Adds a field that the policy allows with this value.</summary>
    public PostForm With(string name, string value)
    {
        conditions.Add(JsonSerializer.Serialize(new Dictionary<string, string> { [name] = value.Replace("${filename}", FileName, StringComparison.Ordinal) }));
        return WithUnnamed(name, value);
    }

    /// <summary>Adds a field that the policy does not mention.</summary>
    public PostForm WithUnnamed(string name, string value)
    {
        fields.Add((name, value));
        return this;
    }

    /// <summary>Adds a condition, as JSON.</summary>
    public PostForm WithCondition(string json)
    {
        conditions.Add(json);
        return this;
    }

    public PostForm Expiring(DateTimeOffset at)
    {
        expiration = at;
        return this;
    }

    /// <summary>The body of the form; without a signer it is unsigned.</summary>
    public byte[] Body(TimedSigner? signer)
    {
        var all = new List<(string Name, string Value)>(fields);
        if (signer is not null)
        {
            (string, string)[] signing = [("x-amz-algorithm", "AWS4-HMAC-SHA256"), ("x-amz-credential", signer.Credential), ("x-amz-date", signer.Timestamp)];
            string[] listed =
            [
                JsonSerializer.Serialize(new Dictionary<string, string> { ["bucket"] = bucket }),
                .. signing.Select(f => JsonSerializer.Serialize(new Dictionary<string, string> { [f.Item1] = f.Item2 })),
                .. conditions,
            ];
            string document = $$"""{"expiration": "{{expiration.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)}}", "conditions": [{{string.Join(", ", listed)}}]}""";
            string policy = Convert.ToBase64String(Encoding.UTF8.GetBytes(document));
            all.AddRange(signing);
            all.AddRange([("policy", policy), ("x-amz-signature", signer.SignPolicy(policy))]);
        }

        string text = string.Concat(all.Select(f => $"--{Boundary}\r\nContent-Disposition: form-data; name=\"{f.Name}\"\r\n\r\n{f.Value}\r\n"));
        string last = $"{After}--{Boundary}--\r\n";
        if (File is null)
        {
            return Encoding.UTF8.GetBytes(text + last);
        }

        string head = $"--{Boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{FileName}\"\r\nContent-Type: image/x-part\r\n\r\n";
        return [.. Encoding.UTF8.GetBytes(text + head), .. File, .. Encoding.UTF8.GetBytes("\r\n" + last)];
    }
}
