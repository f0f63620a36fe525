using System.Net;
using System.Text.Json;
using Tarn.S3.Telemetry;
using Tarn.Server.Logging;

namespace Tarn.Server.Auditing;

/// <summary>A change, attempted or done, as the audit log shows it. Never has a secret: of a body it has what is in <see cref="Subjects"/>.</summary>
internal sealed record AuditEvent
{
    /// <summary>When the request began, by the server's clock.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Where: <c>control</c>, <c>s3</c> or <c>server</c>.</summary>
    public required string Plane { get; init; }

    /// <summary>What: the operation's name.</summary>
    public required string Operation { get; init; }

    /// <summary>What it was about: the path, or the bucket and the key.</summary>
    public required string Resource { get; init; }

    /// <summary>Who: an ARN, <c>anonymous</c>, or <c>unknown</c> where the signature is wrong.</summary>
    public required string Requester { get; init; }

    /// <summary>The access key that signed; null for a token.</summary>
    public string? AccessKey { get; init; }

    /// <summary>The id of the token that was sent; null for a signature.</summary>
    public string? TokenId { get; init; }

    /// <summary>The access key that the request names, and whose secret did not sign it; null for others.</summary>
    public string? ClaimedAccessKey { get; init; }

    /// <summary>The id of the console's session that stood for the access key or token, or for a role; null for none.</summary>
    public string? Session { get; init; }

    /// <summary>From where.</summary>
    public IPAddress? Remote { get; init; }

    /// <summary>The HTTP status.</summary>
    public int? Status { get; init; }

    /// <summary>The code of the error; null for none.</summary>
    public string? Error { get; init; }

    /// <summary>The request's id.</summary>
    public string? RequestId { get; init; }

    /// <summary>What the request names: who and what it is about, and to what it sets it.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Subjects { get; init; } = [];

    /// <summary>The id of what was made; null for none.</summary>
    public string? Made { get; init; }

    private string Result => Status switch
    {
        null or < 400 => "done",

        // It may have been done: only its answer did not arrive.
        FinishedRequest.ClientClosedRequest => "unknown",
        < 500 => "refused",
        _ => "failed",
    };

    /// <summary>The event as a line of JSON.</summary>
    public string ToLine() => JsonLines.Of(this, static (json, it) => it.Write(json));

    private void Write(Utf8JsonWriter json)
    {
        json.WriteString("time", Time.UtcDateTime);
        json.WriteString("plane", Plane);
        json.WriteString("operation", Operation);
        json.WriteString("resource", Resource);
        json.WriteString("result", Result);
        if (Status is { } status)
        {
            json.WriteNumber("status", status);
        }

        json.Member("error", Error);
        json.WriteString("requester", Requester);
        json.Member("accessKey", AccessKey);
        json.Member("token", TokenId);
        json.Member("claimedAccessKey", ClaimedAccessKey);
        json.Member("session", Session);
        json.Member("remote", Remote?.ToString());
        json.Member("requestId", RequestId);
        json.Member("made", Made);
        if (Subjects.Count > 0)
        {
            json.WriteStartObject("subjects");
            foreach ((string name, string value) in Subjects)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
        }
    }
}
