namespace Tarn.Server.Control;

/// <summary>Marks endpoints whose requests change nothing although they are not GET. All others are in the audit log.</summary>
internal sealed record ChangesNothing
{
    public static ChangesNothing Instance { get; } = new();
}

/// <summary>Marks endpoints whose GET requests make something, as programs expect it of them; they are in the audit log.</summary>
internal sealed record ChangesSomething
{
    public static ChangesSomething Instance { get; } = new();
}

/// <summary>Marks endpoints.</summary>
internal static class Reading
{
    /// <summary>Marks the endpoint as one that changes nothing.</summary>
    public static RouteHandlerBuilder ForReading(this RouteHandlerBuilder builder) => builder.WithMetadata(ChangesNothing.Instance);
}
