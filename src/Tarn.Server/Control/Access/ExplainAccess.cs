using Tarn.Core.Identity;
using Tarn.S3.Access;

namespace Tarn.Server.Control.Access;

/// <summary>
/// <c>POST /api/access/explain</c>: why a request was denied (<c>{"requestId":…}</c>), or what would be decided about one. Who does not
/// administer what it is about is told that there is no such thing.
/// </summary>
internal static class ExplainAccess
{
    /// <param name="api">Gets the endpoint.</param>
    /// <param name="identity">Whom questions are about.</param>
    /// <param name="credentials">The access keys that questions may name.</param>
    /// <param name="explainer">Decides as requests are decided.</param>
    /// <param name="denials">The requests that were denied.</param>
    /// <param name="time">The clock.</param>
    public static void AddTo(
        ControlApi api, IdentityStore identity, ICredentialSource credentials, AccessExplainer explainer, DenialLog denials, TimeProvider time)
    {
        var principals = new PrincipalFinder(identity, credentials, time);
        var past = new DeniedRequests(identity, denials);
        var supposed = new SupposedRequests(principals, explainer);
        api.Add("POST", "/api/access/explain", async request =>
        {
            if (!request.Principal.IsRoot)
            {
                throw ControlRefusalException.Forbidden("only root users may ask why something is denied");
            }

            ExplainBody body = request.Read(ControlJson.Default.ExplainBody);
            ExplanationView view = body.RequestId is not null
                ? await past.ExplainAsync(request, body)
                : await supposed.ExplainAsync(request, body);
            return ControlAnswer.Of(view, ControlJson.Default.ExplanationView);
        });
    }
}
