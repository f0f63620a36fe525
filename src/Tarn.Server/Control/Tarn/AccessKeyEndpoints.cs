using Tarn.Core.Identity;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>/api/keys</c>.</summary>
internal sealed class AccessKeyEndpoints(IdentityStore identity, TimeProvider time)
{
    /// <summary>A hundred years: anything longer is a mistake.</summary>
    private const long MaxSeconds = 100L * 366 * 86_400;

    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder keys = api.MapGroup("/api/keys").WithTags("Access keys");
        keys.MapPost("", CreateAsync).WithName("CreateAccessKey").Refuses(404, 409);
        keys.MapGet("", ListAsync).WithName("ListAccessKeys").WithPaging()
            .WithQuery("organization", "The organization whose keys are listed; by default the requester's.")
            .WithQuery("user", "The user whose keys are listed; by default all users.").Refuses(404);
        keys.MapGet("/{id}", GetAsync).WithName("GetAccessKey").Refuses(404);
        keys.MapPost("/{id}/rotate", RotateAsync).WithName("RotateAccessKey").Refuses(404);
        keys.MapDelete("/{id}", RevokeAsync).WithName("RevokeAccessKey").Refuses(404);
    }

    /// <summary>When a key with this duration expires; null, meaning never, for 0 or no duration.</summary>
    /// <exception cref="ControlRefusalException">The duration is negative or too long.</exception>
    public static DateTimeOffset? Expiry(long? seconds, long max, TimeProvider time) => seconds switch
    {
        null or 0 => null,
        > 0 when seconds <= max => time.GetUtcNow().AddSeconds(seconds.Value),
        _ => throw ControlRefusalException.BadRequest($"durationSeconds must be 0 (no end) or 1 to {max}"),
    };

    /// <summary>Creates an access key for a user, or for the organization's root user.</summary>
    /// <remarks>The secret key is shown only once.</remarks>
    public async Task<Made<AccessKeyView>> CreateAsync(ControlRequest request, JsonBody<AccessKeyBody> body)
    {
        AccessKeyBody wanted = body.Read();
        NewAccessKey made = await identity.Keys.CreateAsync(
            request.OrganizationOrOwn(wanted.Organization),
            wanted.User,
            new AccessKeyRequest { Id = wanted.AccessKey, SecretKey = wanted.SecretKey, Expires = Expiry(wanted.DurationSeconds, MaxSeconds, time) },
            request.CancellationToken);
        return new(AccessKeyView.Of(made.Key, made.SecretKey));
    }

    /// <summary>Lists the access keys of a user, or of the whole organization.</summary>
    public async Task<Data<AccessKeyList>> ListAsync(ControlRequest request)
    {
        string organization = request.OrganizationOrOwn(request.Query("organization"));
        await identity.Organizations.GetAsync(organization, request.CancellationToken);
        string? user = request.Query("user");
        if (user is not null)
        {
            await identity.Users.GetAsync(organization, user, request.CancellationToken);
        }

        IdentityPage<AccessKey> page = await identity.Keys.ListAsync(
            organization, user, request.Cursor(), request.Limit(), request.CancellationToken);
        return new(new AccessKeyList([.. page.Items.Select(key => AccessKeyView.Of(key))], page.Next));
    }

    /// <summary>Shows an access key, without its secret.</summary>
    /// <param name="id">The access key id.</param>
    public async Task<Data<AccessKeyView>> GetAsync(ControlRequest request, string id) =>
        new(AccessKeyView.Of(await AdministeredKeys.GetAsync(request, identity, id)));

    /// <summary>Gives an access key a new secret, generated or given; the old one stops working at once.</summary>
    /// <param name="id">The access key id.</param>
    public async Task<Data<AccessKeyView>> RotateAsync(ControlRequest request, string id, OptionalJsonBody<RotationBody> body)
    {
        RotationBody? wanted = body.Read();
        AccessKey key = await AdministeredKeys.GetAsync(request, identity, id);
        NewAccessKey rotated = await identity.Keys.RotateAsync(key.Id, wanted?.SecretKey, request.CancellationToken);
        return new(AccessKeyView.Of(rotated.Key, rotated.SecretKey));
    }

    /// <summary>Revokes an access key: it stops working at once.</summary>
    /// <param name="id">The access key id.</param>
    public async Task<Done> RevokeAsync(ControlRequest request, string id)
    {
        AccessKey key = await AdministeredKeys.GetAsync(request, identity, id);
        await identity.Keys.RevokeAsync(key.Id, request.CancellationToken);
        return Done.Instance;
    }
}
