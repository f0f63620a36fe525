namespace Tarn.Server.Control;

/// <summary>The tags of endpoints that are not about a resource, by which the OpenAPI document groups them.</summary>
internal static class Tags
{
    public const string NotImplemented = "Not implemented";

    public const string Console = "Console";

    public const string Health = "Health and metrics";

    public const string Description = "API description";
}
