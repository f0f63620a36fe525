namespace Tarn.Server.Connections;

/// <summary>A connection feature that says by which listener it came in.</summary>
internal sealed class ListenerRole
{
    public static readonly ListenerRole S3 = new();
    public static readonly ListenerRole Control = new();

    private ListenerRole() { }
}
