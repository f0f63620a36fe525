using Microsoft.AspNetCore.Http.Metadata;
using Tarn.Core.Identity;

namespace Tarn.Server.Control;

/// <summary>
/// The outcome of one request to the control API, created once at its end, whether it was served, refused or cut off. The log and the span report what is
/// here and nothing else.
/// </summary>
internal readonly record struct ControlOutcome
{
    /// <summary>The status of a request whose client disconnected before the end of the answer, as in nginx.</summary>
    public const int ClientClosedRequest = 499;

    /// <summary>The maximum length of a path, in characters: the sender chooses its length.</summary>
    private const int MaxPath = 256;

    /// <summary>Below it there are only ids of tokens, which never begin as tokens do.</summary>
    private const string TokenPath = "/api/tokens/";

    public required string Method { get; init; }

    /// <summary>The endpoint's route, with the names of its parameters: <c>/api/organizations/{id}</c>, as ASP.NET Core's metrics have it.</summary>
    public required string Route { get; init; }

    /// <summary>The path as sent, cut off after 256 characters; <c>-</c> if the sender is unknown: anyone can send anything.</summary>
    public required string Path { get; init; }

    /// <summary>The status that was answered, or <see cref="ClientClosedRequest"/>.</summary>
    public required int Status { get; init; }

    /// <summary>Bytes of the body that were read; 0 if the request was refused before.</summary>
    public required long BytesIn { get; init; }

    /// <summary>Bytes of the answer's body.</summary>
    public required long BytesOut { get; init; }

    /// <summary>From the start of the endpoint to the end of the answer.</summary>
    public required TimeSpan Total { get; init; }

    /// <summary>ARN of the requester; null if unknown.</summary>
    public string? Requester { get; init; }

    /// <summary>Whether the request is one that changes something, if it succeeds: every one that is not a GET, unless its endpoint says otherwise; a GET only where it does.</summary>
    public required bool IsChange { get; init; }

    /// <summary>A path without tokens, which people may send in place of their ids, and not longer than the limit. Other names may begin like a token.</summary>
    private static string Shown(string path)
    {
        bool isOfTokens = path.StartsWith(TokenPath, StringComparison.OrdinalIgnoreCase);
        string shown = string.Join('/', path.Split('/').Select(part =>
            part.StartsWith(ApiTokens.Prefix, StringComparison.Ordinal) && (isOfTokens || ApiTokens.HasForm(part)) ? ApiTokens.Prefix + "…" : part));
        return shown.Length <= MaxPath ? shown : $"{shown[..MaxPath]}…";
    }

    /// <param name="http">The request, at its end.</param>
    /// <param name="isWhole">Whether the whole answer was written.</param>
    /// <param name="total">The time it took.</param>
    public static ControlOutcome Of(HttpContext http, bool isWhole, TimeSpan total)
    {
        ControlRequest request = ControlRequest.Of(http);
        return new ControlOutcome
        {
            Method = http.Request.Method,
            Route = http.GetEndpoint()?.Metadata.GetMetadata<IRouteDiagnosticsMetadata>()?.Route ?? "-",
            Path = request.Requester is null ? "-" : Shown(http.Request.Path.Value ?? "-"),
            Status = isWhole ? http.Response.StatusCode : ClientClosedRequest,
            BytesIn = request.BodyBytes,
            BytesOut = isWhole ? http.Response.ContentLength ?? 0 : 0,
            Total = total,
            Requester = request.Requester,
            IsChange = http.GetEndpoint()?.Metadata.GetMetadata<ChangesSomething>() is not null
                || (!HttpMethods.IsGet(http.Request.Method) && http.GetEndpoint()?.Metadata.GetMetadata<ChangesNothing>() is null),
        };
    }
}
