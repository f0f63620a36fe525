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
        access.MapPost("/explain", ExplainAsync).WithName("ExplainAccess").ForRoot("only root users may ask why something is denied").Refuses(404);
        access.MapPost("/missing-principals", FindMissingAsync).WithName("FindMissingPrincipals")
            .ForRoot("only root users may ask which principals exist");
    }

    /// <summary>Explains why a request was denied, or what would be decided about one.</summary>
    /// <remarks>
    /// The body has a <c>requestId</c>, or else <c>principal</c>, <c>action</c> and <c>resource</c>. A requester who does not administer what the
    /// question is about is told that there is no such thing.
    /// </remarks>
    public async Task<Data<ExplanationView>> ExplainAsync(ControlRequest request, JsonBody<ExplainBody> body)
    {
        ExplainBody question = body.Read();
        return new(question.RequestId is not null
            ? await denied.ExplainAsync(request, question)
            : await supposed.ExplainAsync(request, question));
    }

    /// <summary>Finds, among the principals that a policy names, those who do not exist.</summary>
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

/// <summary>Principals who do not exist.</summary>
/// <param name="Missing">Those of them who do not exist.</param>
internal sealed record MissingView(IReadOnlyList<string> Missing);
