using Tarn.Core.Identity;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>/api/organizations</c>.</summary>
internal sealed class OrganizationEndpoints(IdentityStore identity)
{
    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder organizations = api.MapGroup("/api/organizations").WithTags("Organizations");
        organizations.MapPost("", CreateAsync).WithName("CreateOrganization").ForServerAdministrator().Refuses(409);
        organizations.MapGet("", ListAsync).WithName("ListOrganizations").ForRoot().WithPaging();
        organizations.MapGet("/{organization}", GetAsync).WithName("GetOrganization").ForRootOf("organization").Refuses(404);
        organizations.MapDelete("/{organization}", DeleteAsync).WithName("DeleteOrganization").ForServerAdministrator().Refuses(404, 409);
    }

    /// <summary>Creates an organization with a root user and that user's access key.</summary>
    /// <remarks>The secret key is shown only once.</remarks>
    public async Task<Made<OrganizationView>> CreateAsync(ControlRequest request, JsonBody<OrganizationBody> body)
    {
        OrganizationBody wanted = body.Read();
        (Organization made, NewAccessKey key) = await identity.Organizations.CreateAsync(
            new OrganizationRequest
            {
                Name = wanted.Name,
                CanonicalId = wanted.CanonicalId,
                DisplayName = wanted.DisplayName,
                Email = wanted.Email,
                Key = new AccessKeyRequest { Id = wanted.AccessKey, SecretKey = wanted.SecretKey, By = request.Credential },
            },
            request.CancellationToken);
        return new(OrganizationView.Of(made, key));
    }

    /// <summary>Lists the organizations: all for the server's root user, its own for any other root user.</summary>
    public async Task<Data<OrganizationList>> ListAsync(ControlRequest request)
    {
        if (!request.IsServerAdministrator)
        {
            Organization own = await identity.Organizations.GetAsync(request.Principal.OrganizationId, request.CancellationToken);
            return new(new OrganizationList([OrganizationView.Of(own)], null));
        }

        IdentityPage<Organization> page = await identity.Organizations.ListAsync(request.Cursor(), request.Limit(), request.CancellationToken);
        return new(new OrganizationList([.. page.Items.Select(organization => OrganizationView.Of(organization))], page.Next));
    }

    /// <summary>Shows an organization.</summary>
    /// <param name="organization">Its name.</param>
    public async Task<Data<OrganizationView>> GetAsync(ControlRequest request, string organization) =>
        new(OrganizationView.Of(await identity.Organizations.GetAsync(organization, request.CancellationToken)));

    /// <summary>Deletes an organization with its users, access keys, tokens and policies.</summary>
    /// <remarks>An organization that owns buckets or disks cannot be deleted.</remarks>
    /// <param name="organization">Its name.</param>
    public async Task<Done> DeleteAsync(ControlRequest request, string organization)
    {
        await identity.Organizations.DeleteAsync(organization, request.CancellationToken);
        return Done.Instance;
    }
}
