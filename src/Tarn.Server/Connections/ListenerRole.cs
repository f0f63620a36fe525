namespace Tarn.Server.Connections;

/// <summary>A connection feature: the listener that accepted the connection.</summary>
internal sealed class ListenerRole
{
    public static readonly ListenerRole S3 = new();
    public static readonly ListenerRole Control = new();
    public static readonly ListenerRole Accelerators = new();

    /// <summary>Of an accelerator, for the others of its zone.</summary>
    public static readonly ListenerRole Peers = new();

    private ListenerRole() { }

    /// <summary>Whether a request came in by a listener that serves S3: to clients, or to accelerators for theirs.</summary>
    public static bool ServesS3(HttpContext http) => ServesS3(http.Features);

    /// <inheritdoc cref="ServesS3(HttpContext)"/>
    public static bool ServesS3(Microsoft.AspNetCore.Http.Features.IFeatureCollection features) => features.Get<ListenerRole>() is { } role && (ReferenceEquals(role, S3) || ReferenceEquals(role, Accelerators));
}
