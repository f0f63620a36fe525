using System.Diagnostics;

namespace Tarn.Server.Control;

/// <summary>Describes requests to the control API in the web server's span, which has their route and status.</summary>
internal static class ControlSpan
{
    /// <param name="span">The span of the request; null if none is recorded.</param>
    /// <param name="outcome">The outcome of the request.</param>
    public static void Describe(Activity? span, in ControlOutcome outcome)
    {
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("enduser.id", outcome.Requester);
            span.SetTag("http.request.body.size", outcome.BytesIn);
            span.SetTag("http.response.body.size", outcome.BytesOut);
        }
    }
}
