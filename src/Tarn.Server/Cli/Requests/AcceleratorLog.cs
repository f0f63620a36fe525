using System.Text.Json;

namespace Tarn.Server.Cli.Requests;

/// <summary>Finds the line of a request in the access log of an accelerator, which has the id that the server gave it.</summary>
internal static class AcceleratorLog
{
    /// <summary>The last line with the request's id; null when there is none.</summary>
    /// <param name="path">The log: lines of JSON.</param>
    /// <param name="requestId">The request's x-amz-request-id.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    /// <exception cref="CliException">The file cannot be read.</exception>
    public static async Task<JsonElement?> FindAsync(string path, string requestId, CancellationToken cancellationToken)
    {
        JsonElement? found = null;
        try
        {
            await foreach (string line in File.ReadLinesAsync(path, cancellationToken))
            {
                // Most lines need not be read as JSON.
                if (line.Contains(requestId, StringComparison.Ordinal) && TryParse(line) is { ValueKind: JsonValueKind.Object } request
                    && request.TryGetProperty("requestId", out JsonElement id) && id.ValueKind == JsonValueKind.String && id.ValueEquals(requestId))
                {
                    found = request;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"the accelerator's log cannot be read: {e.Message}");
        }

        return found;
    }

    /// <summary>A line; null for one that is not JSON, as the last one of a log that is being written may be.</summary>
    private static JsonElement? TryParse(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
