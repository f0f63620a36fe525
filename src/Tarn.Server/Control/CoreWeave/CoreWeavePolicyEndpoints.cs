using System.Text.Json;
using Tarn.Core.Identity;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Control.CoreWeave;

/// <summary><c>/v1/cwobject/access-policy</c>: the policies of the requester's organization. Source: CoreWeave, AI Object Storage API.</summary>
internal sealed class CoreWeavePolicyEndpoints(IdentityStore identity)
{
    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder policies = api.MapGroup("/v1/cwobject/access-policy").WithTags("CoreWeave");
        policies.MapPost("", EnsureAsync).WithName("CwEnsureAccessPolicy").ForRoot().WithJson<JsonElement>();
        policies.MapGet("", ListAsync).WithName("CwListAccessPolicies").ForRoot();
        policies.MapDelete("/{name}", DeleteAsync).WithName("CwDeleteAccessPolicy").ForRoot().Refuses(404);
    }

    /// <summary>Puts a policy under the name in its document.</summary>
    /// <remarks>The body is <c>{"policy":…}</c>.</remarks>
    public async Task<Bare<CwDone>> EnsureAsync(ControlRequest request)
    {
        string organization = request.Principal.OrganizationId;
        (string name, string document) = PolicyDocuments.Check(organization, null, request.Body);
        await identity.Policies.PutAsync(organization, name, document, request.CancellationToken);
        return new(CwDone.Instance);
    }

    /// <summary>Lists the policies' documents.</summary>
    public async Task<Bare<CwPolicyList>> ListAsync(ControlRequest request)
    {
        IReadOnlyList<StoredPolicy> policies = await identity.Policies.AllAsync(request.Principal.OrganizationId, request.CancellationToken);
        return new(new CwPolicyList([.. policies.Select(policy => PolicyView.Of(policy).Policy)]));
    }

    /// <summary>Deletes a policy.</summary>
    /// <param name="name">The policy's name.</param>
    public async Task<Bare<CwDone>> DeleteAsync(ControlRequest request, string name)
    {
        await identity.Policies.DeleteAsync(request.Principal.OrganizationId, name, request.CancellationToken);
        return new(CwDone.Instance);
    }
}
