using System.Text.Json;
using Tarn.Core.Identity;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>/api/keys</c>.</summary>
internal sealed class AccessKeyEndpoints(IdentityStore identity, AccessKeyUses uses, TimeProvider time)
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
        keys.MapPost("/{id}/rotate", RotateAsync).WithName("RotateAccessKey").Refuses(404, 409);
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
    /// <remarks>
    /// The secret key is shown only once. For root users; a user may create keys with a policy for itself. A key with a policy may do what its user may and the policy allows,
    /// cannot administer anything, and cannot create other keys. One that a user creates expires no later than the key that signed the request.
    /// </remarks>
    public async Task<Made<AccessKeyView>> CreateAsync(ControlRequest request, JsonBody<AccessKeyBody> body)
    {
        AccessKeyBody wanted = body.Read();
        (string organization, string? user) = OwnerOf(request, wanted);
        NewAccessKey made = await identity.Keys.CreateAsync(
            organization,
            user,
            new AccessKeyRequest
            {
                Id = wanted.AccessKey,
                SecretKey = wanted.SecretKey,
                Expires = Limited(request, organization, Expiry(wanted.DurationSeconds, MaxSeconds, time)),
                By = request.Credential,
                Policy = KeyPolicyDocuments.Read(wanted.Policy, wanted.Buckets),
            },
            request.CancellationToken);
        return new(AccessKeyView.Of(made.Key, made.SecretKey));
    }

    /// <summary>Lists the access keys of a user, or of the whole organization.</summary>
    /// <remarks>A user sees its own keys, and a key with a policy itself alone. When a key was last used is known to the minute.</remarks>
    public async Task<Data<AccessKeyList>> ListAsync(ControlRequest request)
    {
        Principal me = request.Principal;
        string organization = request.Query("organization") ?? me.OrganizationId;
        string? user = request.Query("user");
        if (!request.MayAdminister(organization))
        {
            request.ThrowIfNotSelf(organization, user ??= me.UserName);
        }

        if (me.KeyPolicy is not null)
        {
            AccessKey? itself = await identity.Keys.FindAsync(me.AccessKeyId, request.CancellationToken);
            return new(new AccessKeyList(itself is null ? [] : await ViewAsync([itself], request.CancellationToken), null));
        }

        await identity.Organizations.GetAsync(organization, request.CancellationToken);
        if (user is not null)
        {
            await identity.Users.GetAsync(organization, user, request.CancellationToken);
        }

        IdentityPage<AccessKey> page = await identity.Keys.ListAsync(
            organization, user, request.Cursor(), request.Limit(), request.CancellationToken);
        return new(new AccessKeyList(await ViewAsync(page.Items, request.CancellationToken), page.Next));
    }

    /// <summary>Shows an access key, without its secret.</summary>
    /// <remarks>To root users, and to its user. When it was last used is known to the minute.</remarks>
    /// <param name="id">The access key id.</param>
    public async Task<Data<AccessKeyView>> GetAsync(ControlRequest request, string id) =>
        new((await ViewAsync([await VisibleKeys.GetAsync(request, identity, id)], request.CancellationToken))[0]);

    /// <summary>Gives an access key a new secret, generated or given; the old one stops working at once.</summary>
    /// <remarks>For root users; a user may rotate its keys with a policy, by a key that lasts at least as long, and cannot choose the secret.</remarks>
    /// <param name="id">The access key id.</param>
    public async Task<Data<AccessKeyView>> RotateAsync(ControlRequest request, string id, OptionalJsonBody<RotationBody> body)
    {
        RotationBody? wanted = body.Read();
        AccessKey key = await VisibleKeys.GetToChangeAsync(request, identity, id);
        if (!request.MayAdminister(key.Organization))
        {
            if (wanted?.SecretKey is not null)
            {
                throw ControlRefusalException.Forbidden("only root users may choose access keys and secrets");
            }

            // Otherwise whoever holds a key that expires could get one that does not.
            if (request.By.Key?.Expires is { } end && !(key.Expires <= end))
            {
                throw ControlRefusalException.Forbidden("the access key lasts longer than the one that signed the request");
            }
        }

        NewAccessKey rotated = await identity.Keys.RotateAsync(key.Id, wanted?.SecretKey, request.CancellationToken, key, request.Credential);
        return new(AccessKeyView.Of(rotated.Key, rotated.SecretKey));
    }

    /// <summary>Revokes an access key: it stops working at once.</summary>
    /// <remarks>For root users; a user may revoke its keys with a policy.</remarks>
    /// <param name="id">The access key id.</param>
    public async Task<Done> RevokeAsync(ControlRequest request, string id)
    {
        AccessKey key = await VisibleKeys.GetToChangeAsync(request, identity, id);
        await identity.Keys.RevokeAsync(key.Id, request.CancellationToken, key);
        return Done.Instance;
    }

    /// <summary>Whose key is to be created.</summary>
    /// <exception cref="ControlRefusalException">403: the requester may not create it.</exception>
    private static (string Organization, string? User) OwnerOf(ControlRequest request, AccessKeyBody wanted)
    {
        Principal me = request.Principal;
        string organization = wanted.Organization ?? me.OrganizationId;
        if (request.MayAdminister(organization))
        {
            return (organization, wanted.User);
        }

        request.ThrowIfNotSelf(organization, wanted.User ?? me.UserName);
        return me switch
        {
            { KeyPolicy: not null } => throw ControlRefusalException.Forbidden("an access key with a policy cannot create others"),
            _ when wanted.Policy is not { ValueKind: not JsonValueKind.Null } => throw ControlRefusalException.Forbidden("only root users may create access keys without a policy"),
            _ when wanted.AccessKey is not null || wanted.SecretKey is not null => throw ControlRefusalException.Forbidden("only root users may choose access keys and secrets"),
            _ => (organization, me.UserName),
        };
    }

    /// <summary>When a key expires that the requester creates: for a user no later than the key that signed the request.</summary>
    /// <exception cref="ControlRefusalException">400: it is to last longer.</exception>
    private static DateTimeOffset? Limited(ControlRequest request, string organization, DateTimeOffset? wanted)
    {
        if (request.MayAdminister(organization) || request.By.Key?.Expires is not { } end)
        {
            return wanted;
        }

        return wanted is null ? end
            : wanted <= end ? wanted
            : throw ControlRefusalException.BadRequest("the access key would outlive the one that signed the request; leave out durationSeconds to let it expire with that");
    }

    private async ValueTask<AccessKeyView[]> ViewAsync(IReadOnlyList<AccessKey> keys, CancellationToken cancellationToken)
    {
        IReadOnlyList<AccessKeyUse?> used = await uses.FindAsync(keys, cancellationToken);
        return [.. keys.Select((key, i) => AccessKeyView.Of(key, use: used[i]))];
    }
}
