using System.Text.Json;

namespace Tarn.EndToEnd.Console.Harness;

/// <summary>An access key and its secret.</summary>
public sealed record Credentials(string AccessKey, string SecretKey)
{
    /// <summary>Those in an answer of the control API.</summary>
    public static Credentials In(JsonElement answer) => new(answer.GetProperty("accessKey").GetString()!, answer.GetProperty("secretKey").GetString()!);
}
