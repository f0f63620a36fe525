using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Tarn.Server.Control;

namespace Tarn.Tests.Auditing;

/// <summary>A request to an endpoint that names something in each place where the endpoint takes a name, and a secret where it takes a secret.</summary>
internal sealed class AuditedRequest
{
    /// <summary>Every secret.</summary>
    public const string Secret = "very-secret-text";

    /// <summary>The members of bodies that are withheld, or whose values are refused unread.</summary>
    private static readonly string[] Withheld = ["secretKey", "clientSecret", "tokenSuffix", "authMethods"];

    private readonly StringBuilder _target = new();

    /// <summary>Path and query.</summary>
    public string Target => _target.ToString();

    public byte[] Body { get; private set; } = "{}"u8.ToArray();

    /// <summary>What the audit log has to show.</summary>
    public Dictionary<string, string> Named { get; } = [];

    public static AuditedRequest To(RouteEndpoint endpoint, JsonSerializerContext json, bool withQuery)
    {
        var request = new AuditedRequest();
        foreach (RoutePatternPathSegment segment in endpoint.RoutePattern.PathSegments)
        {
            request._target.Append('/').Append(segment.Parts[0] is RoutePatternParameterPart parameter ? request.Name(parameter.Name, "route-") : ((RoutePatternLiteralPart)segment.Parts[0]).Content);
        }

        char divider = '?';
        foreach (QueryParameter parameter in withQuery ? endpoint.Metadata.GetOrderedMetadata<QueryParameter>() : [])
        {
            request._target.Append(divider).Append(parameter.Name).Append('=').Append(request.Name(parameter.Name, "query-"));
            divider = '&';
        }

        if (endpoint.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType is { } type)
        {
            JsonNode body = type == typeof(JsonElement) ? new JsonObject { ["policy"] = new JsonObject { ["name"] = request.Name("policy.name", "body-") } } : request.Object("", json.GetTypeInfo(type)!, json);
            request.Body = Encoding.UTF8.GetBytes(body.ToJsonString());
        }

        return request;
    }

    private string Name(string name, string place)
    {
        string value = place + name.Replace(".", "-", StringComparison.Ordinal);
        Named.TryAdd(name, value);
        return value;
    }

    private JsonObject Object(string prefix, JsonTypeInfo type, JsonSerializerContext json)
    {
        var body = new JsonObject();
        foreach (JsonPropertyInfo member in type.Properties.Where(static member => !member.IsExtensionData))
        {
            body[member.Name] = Value(prefix + member.Name, member.PropertyType, json);
        }

        return body;
    }

    private JsonNode Value(string name, Type type, JsonSerializerContext json)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (Withheld.Contains(name[(name.LastIndexOf('.') + 1)..]))
        {
            return type == typeof(string) ? Secret : new JsonArray(new JsonObject { ["principal"] = Secret });
        }

        if (type == typeof(string) || type == typeof(DateTimeOffset))
        {
            return Name(name, "body-");
        }

        if (type == typeof(bool))
        {
            Named.TryAdd(name, "true");
            return true;
        }

        if (type == typeof(int) || type == typeof(long))
        {
            Named.TryAdd(name, "7");
            return 7;
        }

        if (type == typeof(JsonElement))
        {
            // A policy, which may be named.
            return Name(name, "body-");
        }

        return type.IsGenericType ? new JsonArray(Value(name + "[0]", type.GenericTypeArguments[0], json)) : Object(name + ".", json.GetTypeInfo(type)!, json);
    }
}
