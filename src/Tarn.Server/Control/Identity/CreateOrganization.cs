using Tarn.Core.Identity;

namespace Tarn.Server.Control.Identity;

/// <summary><c>POST /api/organizations</c>: makes an organization with a root user and its key. For the server's root user.</summary>
internal static class CreateOrganization
{
    public static void AddTo(ControlApi api, IdentityStore identity) =>
        api.Add("POST", "/api/organizations", async request =>
        {
            request.RequireServerAdministrator();
            OrganizationBody body = request.Read(ControlJson.Default.OrganizationBody);
            (Organization made, NewAccessKey key) = await identity.Organizations.CreateAsync(
                new OrganizationRequest
                {
                    Name = body.Name,
                    CanonicalId = body.CanonicalId,
                    DisplayName = body.DisplayName,
                    Email = body.Email,
                    Key = new AccessKeyRequest { Id = body.AccessKey, SecretKey = body.SecretKey },
                },
                request.CancellationToken);
            return ControlAnswer.Created(OrganizationView.Of(made, key), ControlJson.Default.OrganizationView);
        });
}
