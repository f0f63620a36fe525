using System.Text.Json;
using Tarn.Core.Access;
using Tarn.Core.Identity;
using Tarn.Core.Policy.Documents;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>/api/organizations/{organization}/policies</c>.</summary>
internal sealed class PolicyEndpoints(IdentityStore identity)
{
    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder policies = api.MapGroup("/api/organizations/{organization}/policies").WithTags("Organization policies");
        policies.MapPut("/{name}", PutAsync).WithName("PutOrganizationPolicy").ForRootOf("organization").WithJson<JsonElement>().Refuses(404);
        policies.MapGet("/{name}", GetAsync).WithName("GetOrganizationPolicy").ForRootOf("organization").Refuses(404);
        policies.MapGet("", ListAsync).WithName("ListOrganizationPolicies").ForRootOf("organization").Refuses(404);
        policies.MapDelete("/{name}", DeleteAsync).WithName("DeleteOrganizationPolicy").ForRootOf("organization").Refuses(404);
    }

    /// <summary>Puts a policy of an organization.</summary>
    /// <remarks>The body is the policy's document, or <c>{"policy":…}</c>. <c>warnings</c> lists probable mistakes in it.</remarks>
    /// <param name="organization">The organization's name.</param>
    /// <param name="name">The policy's name, as in its document.</param>
    public async Task<Data<PolicyView>> PutAsync(ControlRequest request, string organization, string name)
    {
        (_, string document) = PolicyDocuments.Check(organization, name, request.Body);
        StoredPolicy policy = await identity.Policies.PutAsync(organization, name, document, request.CancellationToken);
        IReadOnlyList<string> missing = await MissingPrincipals.FindAsync(
            OrganizationPolicy.Parse(request.Body, organization).Named, new StoredAccounts(identity), request.CancellationToken);
        return new(PolicyView.Of(policy) with { Warnings = missing.Count == 0 ? null : [MissingPrincipals.Warning(missing)] });
    }

    /// <summary>Shows a policy of an organization.</summary>
    /// <param name="organization">The organization's name.</param>
    /// <param name="name">The policy's name.</param>
    public async Task<Data<PolicyView>> GetAsync(ControlRequest request, string organization, string name) =>
        new(PolicyView.Of(await identity.Policies.GetAsync(organization, name, request.CancellationToken)));

    /// <summary>Lists the policies of an organization, with their documents.</summary>
    /// <param name="organization">The organization's name.</param>
    public async Task<Data<PolicyList>> ListAsync(ControlRequest request, string organization)
    {
        Organization found = await identity.Organizations.GetAsync(organization, request.CancellationToken);
        IReadOnlyList<StoredPolicy> policies = await identity.Policies.AllAsync(found.Name, request.CancellationToken);
        return new(new PolicyList([.. policies.Select(PolicyView.Of)]));
    }

    /// <summary>Deletes a policy of an organization.</summary>
    /// <param name="organization">The organization's name.</param>
    /// <param name="name">The policy's name.</param>
    public async Task<Done> DeleteAsync(ControlRequest request, string organization, string name)
    {
        await identity.Policies.DeleteAsync(organization, name, request.CancellationToken);
        return Done.Instance;
    }
}
