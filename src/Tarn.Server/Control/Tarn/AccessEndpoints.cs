using Tarn.Core.Access;
using Tarn.Core.Identity;
using Tarn.Core.Policy;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>/api/access</c>: why something is denied.</summary>
internal sealed class AccessEndpoints(DeniedRequests denied, SupposedRequests supposed, IAccountDirectory accounts)
{
    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder access = api.MapGroup("/api/access").WithTags("Access");
        access.MapPost("/explain", ExplainAsync).WithName("ExplainAccess").Refuses(404).ForReading();
        access.MapPost("/missing-principals", FindMissingAsync).WithName("FindMissingPrincipals")
            .ForRoot("only root users may ask which principals exist").ForReading();
    }

    /// <summary>Explains why a request was denied, or how a hypothetical one would be decided.</summary>
    /// <remarks>
    /// The body has a <c>requestId</c>, or else <c>principal</c>, <c>action</c> and <c>resource</c>, which is for root users. A requester who does not administer the
    /// subject of the question is told that it does not exist. Everyone may ask about their own requests to resources of their organization, and learns which kind of rule denied them.
    /// </remarks>
    public async Task<Data<ExplanationView>> ExplainAsync(ControlRequest request, JsonBody<ExplainBody> body)
    {
        ExplainBody question = body.Read();
        if (question.RequestId is not null)
        {
            return new(await denied.ExplainAsync(request, question));
        }

        return request.Principal.IsRoot
            ? new(await supposed.ExplainAsync(request, question))
            : throw ControlRefusalException.Forbidden("only root users may ask about requests that were not sent; others may ask about their own by requestId");
    }

    /// <summary>Finds the principals that do not exist, among those that a policy names.</summary>
    public async Task<Data<MissingView>> FindMissingAsync(ControlRequest request, JsonBody<PrincipalsBody> body)
    {
        var named = new List<PolicyPrincipal>();
        foreach (string? text in body.Read().Principals)
        {
            named.Add(text is not null && PolicyPrincipal.TryParse(text, out PolicyPrincipal principal)
                ? principal
                : throw ControlRefusalException.BadRequest("principals are like arn:aws:iam::ORG:root, arn:aws:iam::ORG:user/NAME, or canonical user ids"));
        }

        return new(new MissingView(await MissingPrincipals.FindAsync(named.Distinct(), accounts, request.CancellationToken)));
    }
}

/// <summary>Principals to look up.</summary>
/// <param name="Principals">ARNs and canonical user ids.</param>
internal sealed record PrincipalsBody(IReadOnlyList<string?> Principals);

/// <summary>Principals that do not exist.</summary>
/// <param name="Missing">Those of them that do not exist.</param>
internal sealed record MissingView(IReadOnlyList<string> Missing);
