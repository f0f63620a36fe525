using Microsoft.Extensions.Primitives;
using Tarn.Core.Identity;
using Tarn.Server.Auditing;

namespace Tarn.Server.Control;

/// <summary>
/// Reports changes through the control API to the audit log. Requests whose sender is not known change nothing and are left out: anyone can send them. An exception is who states a wrong secret
/// of an access key that there is: such attempts are limited.
/// </summary>
internal static class ControlAudit
{
    /// <param name="audit">The log.</param>
    /// <param name="http">The request, at its end.</param>
    /// <param name="outcome">Its outcome.</param>
    /// <param name="started">When it began.</param>
    public static void Write(AuditLog audit, HttpContext http, in ControlOutcome outcome, DateTimeOffset started)
    {
        ControlRequest request = ControlRequest.Of(http);
        Principal? principal = request.IsAuthenticated ? request.Principal : null;
        if (!outcome.IsChange || (principal is null && request.ClaimedAccessKey is null))
        {
            return;
        }

        audit.Add(new AuditEvent
        {
            Time = started,
            Plane = "control",
            Operation = http.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? $"{outcome.Method} {outcome.Route}",
            Resource = principal is null ? http.Request.Path.Value ?? "-" : outcome.Path,
            Requester = principal?.Arn ?? "unknown",
            AccessKey = principal is { HoldsToken: false } ? principal.AccessKeyId : null,
            TokenId = principal is { HoldsToken: true } ? principal.AccessKeyId : null,
            ClaimedAccessKey = request.ClaimedAccessKey,
            Session = request.SessionId,
            Remote = http.Connection.RemoteIpAddress,
            Status = outcome.Status,
            RequestId = http.TraceIdentifier,
            Subjects = SubjectsOf(http, request),
            Made = request.Made,
        });
    }

    /// <summary>What the request names in its path, in the parameters that its endpoint declares, and in its body.</summary>
    private static IReadOnlyList<KeyValuePair<string, string>> SubjectsOf(HttpContext http, ControlRequest request)
    {
        var subjects = new AuditSubjects();
        foreach ((string name, object? value) in http.Request.RouteValues)
        {
            subjects.Add(name, value?.ToString() ?? "");
        }

        foreach (QueryParameter parameter in http.GetEndpoint()?.Metadata.GetOrderedMetadata<QueryParameter>() ?? [])
        {
            if (http.Request.Query.TryGetValue(parameter.Name, out StringValues values))
            {
                subjects.Add(parameter.Name, values.ToString());
            }
        }

        subjects.AddBody(request.Body);
        return subjects.Found;
    }
}
