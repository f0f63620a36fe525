using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Tarn.Core.Identity;

namespace Tarn.Server.Control;

/// <summary>An authenticated request to the control API, its body read.</summary>
/// <param name="context">The HTTP request.</param>
/// <param name="principal">Who sent it.</param>
/// <param name="body">The whole body.</param>
internal sealed class ControlRequest(HttpContext context, Principal principal, ReadOnlyMemory<byte> body)
{
    private const int MaxPage = 1000;

    public HttpContext Http => context;

    /// <summary>The body as it came.</summary>
    public ReadOnlyMemory<byte> Body => body;

    public Principal Principal => principal;

    public CancellationToken CancellationToken => context.RequestAborted;

    /// <summary>Whether the requester is a root user of the server's own organization.</summary>
    public bool IsServerAdministrator => principal.IsRoot && principal.OrganizationId == Organizations.Root;

    /// <summary>A part of the path, decoded.</summary>
    public string Route(string name) => context.GetRouteValue(name) as string ?? "";

    /// <summary>A parameter of the query; null when it is absent or empty.</summary>
    /// <exception cref="ControlRefusalException">It comes twice.</exception>
    public string? Query(string name)
    {
        Microsoft.Extensions.Primitives.StringValues values = context.Request.Query[name];
        return values.Count > 1 ? throw ControlRefusalException.BadRequest($"the parameter {name} may come only once")
            : string.IsNullOrEmpty(values) ? null
            : values[0];
    }

    /// <summary>How many items a list is to have: <c>limit</c>, 1 to 1000, by default all that a page may hold.</summary>
    public int Limit() => Query("limit") is not { } text ? MaxPage
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int limit) && limit is >= 1 and <= MaxPage ? limit
        : throw ControlRefusalException.BadRequest($"limit must be a number from 1 to {MaxPage}");

    /// <summary>After what a list goes on: <c>cursor</c>, as the page before gave it.</summary>
    public string? Cursor() => Query("cursor");

    /// <summary>The body.</summary>
    /// <exception cref="ControlRefusalException">It is not the JSON that is expected; members that are not known are refused too.</exception>
    public T Read<T>(JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            JsonTexts.Check(body.Span);
            return JsonSerializer.Deserialize(body.Span, type) ?? throw ControlRefusalException.BadRequest("the body must be a JSON object");
        }
        catch (JsonException e)
        {
            throw ControlRefusalException.BadRequest(body.IsEmpty ? "the body must be a JSON object" : "the body is not as expected: " + Reason(e));
        }
    }

    /// <summary>The body; null when there is none.</summary>
    /// <exception cref="ControlRefusalException">There is one, and it is not the JSON that is expected.</exception>
    public T? ReadOrNone<T>(JsonTypeInfo<T> type)
        where T : class => body.IsEmpty ? null : Read(type);

    /// <exception cref="ControlRefusalException">The requester is not the server's root.</exception>
    public void RequireServerAdministrator()
    {
        if (!IsServerAdministrator)
        {
            throw ControlRefusalException.Forbidden("only the server's root user may do this");
        }
    }

    /// <summary>Lets through the organization's root user and the server's.</summary>
    /// <exception cref="ControlRefusalException">The requester is neither. What there is of an organization is not told to others.</exception>
    public void RequireRootOf(string organization)
    {
        if (!MayAdminister(organization))
        {
            throw ControlRefusalException.Forbidden("only the root user of the organization, or of the server, may do this");
        }
    }

    /// <summary>Whether the requester is the organization's root user or the server's.</summary>
    public bool MayAdminister(string organization) =>
        IsServerAdministrator || (principal.IsRoot && principal.OrganizationId == organization);

    /// <summary>The organization that the request is about: the one that it names, or else the requester's.</summary>
    /// <exception cref="ControlRefusalException">The requester does not administer it.</exception>
    public string OrganizationOrOwn(string? named)
    {
        string organization = named ?? principal.OrganizationId;
        RequireRootOf(organization);
        return organization;
    }

    // The serializer's own message names the internal type; path and position are what the sender can use.
    private static string Reason(JsonException e) => e.Message.Contains("could not be mapped", StringComparison.Ordinal)
        ? "a member is not known" + At(e)
        : "not valid JSON, or a value of another kind" + At(e);

    private static string At(JsonException e) => string.IsNullOrEmpty(e.Path) || e.Path == "$" ? "" : $" ({e.Path})";
}
