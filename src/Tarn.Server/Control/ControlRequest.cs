using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Primitives;
using Tarn.Core.Identity;

namespace Tarn.Server.Control;

/// <summary>
/// A request to the control API: who sent it, what they may administer, its body and its query. Handlers take it as a parameter. It is bound
/// before the filters run, so it holds nothing until <see cref="AuthenticationFilter"/> has filled it in.
/// </summary>
internal sealed class ControlRequest
{
    /// <summary>The largest number of items in an answer.</summary>
    public const int MaxPage = 1000;

    private readonly HttpContext _http;
    private Principal? _principal;
    private ControlCredential? _by;
    private byte[] _body = [];

    private ControlRequest(HttpContext http) => _http = http;

    /// <summary>Who sent the request.</summary>
    /// <exception cref="InvalidOperationException">The endpoint is mapped without <see cref="AuthenticationFilter"/>.</exception>
    public Principal Principal => _principal ?? throw new InvalidOperationException("the request has not been authenticated");

    /// <summary>What authenticated the request, as it was then.</summary>
    /// <exception cref="InvalidOperationException">The endpoint is mapped without <see cref="AuthenticationFilter"/>.</exception>
    public ControlCredential By => _by ?? throw new InvalidOperationException("the request has not been authenticated");

    /// <summary>What authenticated the request, to be checked by a commit that makes another credential.</summary>
    public RequestCredential Credential => By.ForCommits;

    /// <summary>Whether the requester is known and the body is the one that they signed, or is read by the endpoint.</summary>
    public bool IsAuthenticated => _principal is not null;

    /// <summary>The id of the console's session that the request came with, or began; null for none.</summary>
    public string? SessionId => _by?.Session?.Id;

    /// <summary>The access key that the request names, and whose secret it does not know; null for others.</summary>
    public string? ClaimedAccessKey { get; set; }

    /// <summary>The id of what the request made, for the audit log; null for none.</summary>
    public string? Made { get; set; }

    /// <summary>ARN of the requester; null until it is known. The body is verified later, and may turn out not to be the signed one.</summary>
    public string? Requester { get; set; }

    /// <summary>The SHA-256 that a body must have that the endpoint reads itself, in hexadecimal; null if it is not signed.</summary>
    public string? SignedSha256 { get; private set; }

    /// <summary>Bytes of the body that were read.</summary>
    public long BodyBytes { get; set; }

    /// <summary>The body as it was sent; empty where the endpoint reads it itself.</summary>
    public ReadOnlyMemory<byte> Body => _body;

    /// <summary>The HTTP request, for decisions that depend on where it comes from.</summary>
    public HttpContext Http => _http;

    /// <summary>Cancelled when the client disconnects.</summary>
    public CancellationToken CancellationToken => _http.RequestAborted;

    /// <summary>Whether the requester is the root user of the server's own organization, and its access key has no policy.</summary>
    public bool IsServerAdministrator => Principal.IsRoot && Principal.OrganizationId == Organizations.Root;

    /// <summary>The one object for this HTTP request.</summary>
    public static ControlRequest Of(HttpContext http)
    {
        ControlRequest? request = http.Features.Get<ControlRequest>();
        if (request is null)
        {
            request = new ControlRequest(http);
            http.Features.Set(request);
        }

        return request;
    }

    /// <summary>Binds a handler's parameter.</summary>
    public static ValueTask<ControlRequest?> BindAsync(HttpContext http) => ValueTask.FromResult<ControlRequest?>(Of(http));

    /// <summary>Called by <see cref="AuthenticationFilter"/> once it knows the requester and has verified the body.</summary>
    public void Authenticated(ControlCredential by, byte[] body) => (_principal, _by, _body, BodyBytes) = (by.Principal, by, body, body.Length);

    /// <summary>Called by <see cref="AnonymousFilter"/> for a request whose requester is not known, or not yet.</summary>
    public void Received(byte[] body) => (_body, BodyBytes) = (body, body.Length);

    /// <summary>Called by an endpoint that finds the requester itself, by a workload's token.</summary>
    public void Identified(Principal principal) => (_principal, Requester) = (principal, principal.Arn);

    /// <summary>Called by an endpoint that finds the requester itself, by the console's cookie or by what begins a session.</summary>
    public void Identified(ControlCredential by)
    {
        Identified(by.Principal);
        _by = by;
    }

    /// <summary>Called by <see cref="AuthenticationFilter"/> once it knows the requester, where the endpoint reads the body itself.</summary>
    public void AuthenticatedHead(ControlCredential by, string? sha256) => (_principal, _by, SignedSha256) = (by.Principal, by, sha256);

    /// <summary>A query parameter; null if it is absent or empty.</summary>
    /// <exception cref="ControlRefusalException">It appears more than once.</exception>
    /// <exception cref="InvalidOperationException">The endpoint does not declare it.</exception>
    public string? Query(string name)
    {
        if (!Declares(name))
        {
            throw new InvalidOperationException($"{_http.GetEndpoint()?.DisplayName} does not declare the query parameter {name}");
        }

        StringValues values = _http.Request.Query[name];
        return values.Count > 1 ? throw ControlRefusalException.BadRequest($"the parameter {name} may appear only once")
            : string.IsNullOrEmpty(values) ? null
            : values[0];
    }

    /// <summary>The largest number of items the answer may have: <c>limit</c>, 1 to 1000, 1000 by default.</summary>
    /// <exception cref="ControlRefusalException">It is not such a number.</exception>
    public int Limit() => Query("limit") is not { } text ? MaxPage
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int limit) && limit is >= 1 and <= MaxPage ? limit
        : throw ControlRefusalException.BadRequest($"limit must be a number from 1 to {MaxPage}");

    /// <summary>Where a list continues: <c>cursor</c>, as the previous page returned it.</summary>
    public string? Cursor() => Query("cursor");

    /// <summary>The body.</summary>
    /// <exception cref="ControlRefusalException">It is not JSON of the expected shape; unknown members are refused too.</exception>
    public T Read<T>()
        where T : class
    {
        JsonTypeInfo<T> type = _http.RequestServices.GetRequiredService<JsonSerializerContext>().TypeOf<T>();
        try
        {
            JsonTexts.ThrowIfInvalid(_body);
            return JsonSerializer.Deserialize(_body, type) ?? throw ControlRefusalException.BadRequest("the body must be a JSON object");
        }
        catch (JsonException e)
        {
            throw ControlRefusalException.BadRequest(_body.Length == 0 ? "the body must be a JSON object" : "the body is not as expected: " + Reason(e));
        }
    }

    /// <summary>Throws unless the requester is the server's root user.</summary>
    /// <exception cref="ControlRefusalException">The requester is not the server's root user.</exception>
    public void ThrowIfNotServerAdministrator()
    {
        if (!IsServerAdministrator)
        {
            throw ControlRefusalException.Forbidden("only the server's root user may do this");
        }
    }

    /// <summary>Throws unless the requester is the root user of the organization, or the server's.</summary>
    /// <exception cref="ControlRefusalException">The requester is neither. The answer does not reveal whether the organization exists.</exception>
    public void ThrowIfNotRootOf(string organization)
    {
        if (!MayAdminister(organization))
        {
            throw ControlRefusalException.Forbidden("only the root user of the organization, or of the server, may do this");
        }
    }

    /// <summary>Throws unless the requester is this user, or has a key with a policy of this user or, with null, of the root user.</summary>
    /// <exception cref="ControlRefusalException">It is another one. The answer does not reveal whether it exists.</exception>
    public void ThrowIfNotSelf(string organization, string? user)
    {
        // Whoever is neither a user nor limited has no keys or tokens of its own, and null would stand for those of all.
        if (organization != Principal.OrganizationId || user != Principal.UserName || (user is null && Principal.KeyPolicy is null))
        {
            throw ControlRefusalException.Forbidden("only the root user of the organization, or of the server, may do this for others");
        }
    }

    /// <summary>Whether the requester is the organization's root user or the server's, and its access key has no policy.</summary>
    public bool MayAdminister(string organization) =>
        IsServerAdministrator || (Principal.IsRoot && Principal.OrganizationId == organization);

    /// <summary>The organization the request is about: the one it names, or else the requester's.</summary>
    /// <exception cref="ControlRefusalException">The requester does not administer it.</exception>
    public string OrganizationOrOwn(string? named)
    {
        string organization = named ?? Principal.OrganizationId;
        ThrowIfNotRootOf(organization);
        return organization;
    }

    private bool Declares(string name)
    {
        foreach (QueryParameter parameter in _http.GetEndpoint()?.Metadata.GetOrderedMetadata<QueryParameter>() ?? [])
        {
            if (parameter.Name == name)
            {
                return true;
            }
        }

        return false;
    }

    // The serializer's own message names internal types; the path is what the sender can use.
    private static string Reason(JsonException e) => e.Message.Contains("could not be mapped", StringComparison.Ordinal)
        ? "a member is not known" + At(e)
        : "not valid JSON, or a value of another kind" + At(e);

    private static string At(JsonException e) => string.IsNullOrEmpty(e.Path) || e.Path == "$" ? "" : $" ({e.Path})";
}
