namespace Tarn.Server.Control;

/// <summary>The tags under which the OpenAPI document groups endpoints that are not about a resource.</summary>
internal static class Tags
{
    public const string NotBuilt = "Not built";

    public const string Health = "Health and metrics";

    public const string Description = "API description";
}
