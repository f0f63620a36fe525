using Tarn.Core.Access;
using Tarn.Core.Identity;
using Tarn.Core.Policy;

namespace Tarn.Server.Control.Access;

/// <summary><c>POST /api/access/missing-principals</c>: of the principals that a policy names, those who do not exist.</summary>
internal static class FindMissingPrincipals
{
    public static void AddTo(ControlApi api, IAccountDirectory accounts) =>
        api.Add("POST", "/api/access/missing-principals", async request =>
        {
            if (!request.Principal.IsRoot)
            {
                throw ControlRefusalException.Forbidden("only root users may ask which principals exist");
            }

            PrincipalsBody body = request.Read(ControlJson.Default.PrincipalsBody);
            var named = new List<PolicyPrincipal>();
            foreach (string? text in body.Principals)
            {
                named.Add(text is not null && PolicyPrincipal.TryParse(text, out PolicyPrincipal principal)
                    ? principal
                    : throw ControlRefusalException.BadRequest("principals are like arn:aws:iam::ORG:root, arn:aws:iam::ORG:user/NAME, or canonical user ids"));
            }

            IReadOnlyList<string> missing = await MissingPrincipals.FindAsync(named.Distinct(), accounts, request.CancellationToken);
            return ControlAnswer.Of(new MissingView(missing), ControlJson.Default.MissingView);
        });
}

/// <param name="Principals">ARNs and canonical user ids.</param>
internal sealed record PrincipalsBody(IReadOnlyList<string?> Principals);

/// <param name="Missing">Those of them who do not exist.</param>
internal sealed record MissingView(IReadOnlyList<string> Missing);
