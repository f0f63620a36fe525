using Tarn.Core.Acceleration;
using Tarn.Core.Buckets;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Model;
using Tarn.Server.Acceleration;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>/api/accelerators</c>.</summary>
internal sealed class AcceleratorEndpoints(AcceleratorTokens tokens, AcceleratorRegistry registry, AcceleratorClears clears, AcceleratorHits hits, BucketCatalog buckets)
{
    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder group = api.MapGroup("/api/accelerators").WithTags("Accelerators");
        group.MapGet("", ListAsync).WithName("ListAccelerators").ForServerAdministrator();
        group.MapPost("/clears", ClearAsync).WithName("ClearAccelerators").ForServerAdministrator().Refuses(404, 409);
        group.MapGet("/clears", ListClearsAsync).WithName("ListAcceleratorClears").ForServerAdministrator();
        group.MapPost("/tokens", CreateAsync).WithName("CreateAcceleratorToken").ForServerAdministrator();
        group.MapGet("/tokens", ListTokensAsync).WithName("ListAcceleratorTokens").ForServerAdministrator();
        group.MapDelete("/tokens/{id}", RevokeAsync).WithName("RevokeAcceleratorToken").ForServerAdministrator().Refuses(404);
    }

    /// <summary>Lists the accelerators that have registered lately, with what they have done.</summary>
    public async Task<Data<AcceleratorList>> ListAsync(ControlRequest request)
    {
        IReadOnlyList<RegisteredAccelerator> there = registry.List();
        HitNames names = await hits.NamesAsync(there.SelectMany(static each => each.Said.Statistics.HitBytes), request.CancellationToken);
        return new(new AcceleratorList([.. there.Select(each => AcceleratorView.Of(each, names.Name(each.Said.Statistics.HitBytes)))], [.. hits.Totals.Select(OrganizationHitsView.Of)]));
    }

    /// <summary>Has accelerators remove what they have cached.</summary>
    /// <remarks>
    /// They do so when they register next, within seconds; one that is away is told when it comes back, for a week. The list of clears has those that have not done it yet.
    /// </remarks>
    public async Task<Data<AcceleratorClearView>> ClearAsync(ControlRequest request, JsonBody<AcceleratorClearBody> body)
    {
        AcceleratorClearBody wanted = body.Read();
        ulong? id = wanted.BucketId;
        if (wanted.Bucket is { } bucket)
        {
            if (id is not null)
            {
                throw ControlRefusalException.BadRequest("a bucket is named by its name or by its id, not by both");
            }

            id = BucketName.TryParse(bucket, out BucketName name) && await buckets.FindAsync(name, request.CancellationToken) is { } found
                ? found.Id
                : throw ControlRefusalException.NotFound($"there is no bucket '{bucket}'");
        }

        if (wanted.Name is { } named && !AcceleratorNames.IsName(named))
        {
            throw ControlRefusalException.BadRequest("the name of an accelerator is 1 to 63 letters, digits and . _ -");
        }

        StoredClear clear = await clears.AddAsync(id, wanted.Bucket, wanted.Name, request.Principal.Arn, request.CancellationToken);
        return new(AcceleratorClearView.Of(clear, registry.List()));
    }

    /// <summary>Lists what accelerators are told to remove, and which of those that are there have not done it yet.</summary>
    public async Task<Data<AcceleratorClearList>> ListClearsAsync(ControlRequest request)
    {
        IReadOnlyList<RegisteredAccelerator> there = registry.List();
        return new(new AcceleratorClearList([.. (await clears.ListAsync(request.CancellationToken)).Select(clear => AcceleratorClearView.Of(clear, there))]));
    }

    /// <summary>Creates a token with which an accelerator reaches the server.</summary>
    /// <remarks>Its text is shown this once.</remarks>
    public async Task<Made<AcceleratorTokenView>> CreateAsync(ControlRequest request, JsonBody<AcceleratorTokenBody> body)
    {
        AcceleratorTokenBody wanted = body.Read();
        if (!AddressList.TryParse(wanted.Networks ?? [], out AddressList networks, out string? bad))
        {
            throw ControlRefusalException.BadRequest($"'{bad}' is neither an address nor a network in CIDR notation");
        }

        NewAcceleratorToken made = await tokens.CreateAsync(wanted.Name, wanted.Zone, networks, wanted.Organizations ?? [], request.Principal.Arn, request.CancellationToken, wanted.Domains);
        return new(AcceleratorTokenView.Of(made.Token, made.Text));
    }

    /// <summary>Lists the tokens of accelerators, without their texts.</summary>
    public async Task<Data<AcceleratorTokenList>> ListTokensAsync(ControlRequest request) =>
        new(new AcceleratorTokenList([.. (await tokens.ListAsync(request.CancellationToken)).Select(static token => AcceleratorTokenView.Of(token))]));

    /// <summary>Revokes a token: its accelerators are refused from their next request on.</summary>
    /// <param name="id">The token's id.</param>
    public async Task<Done> RevokeAsync(ControlRequest request, string id)
    {
        AcceleratorToken token = await tokens.FindAsync(id, request.CancellationToken) ?? throw ControlRefusalException.NotFound("there is no such token");
        await tokens.RevokeAsync(token, request.CancellationToken);
        registry.Forget(token.Id);
        return Done.Instance;
    }
}
