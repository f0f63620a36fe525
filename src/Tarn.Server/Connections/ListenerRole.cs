namespace Tarn.Server.Connections;

/// <summary>A connection feature: the listener that accepted the connection.</summary>
internal sealed class ListenerRole
{
    public static readonly ListenerRole S3 = new();
    public static readonly ListenerRole Control = new();

    /// <summary>Of an accelerator, for the others of its zone.</summary>
    public static readonly ListenerRole Peers = new();

    private ListenerRole() { }
}
