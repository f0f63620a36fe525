namespace Tarn.Server.Control;

/// <summary>Marks endpoints that read the body themselves as it arrives (<see cref="StreamedBodies"/>), whatever its length.</summary>
internal sealed record StreamsBody
{
    private static readonly StreamsBody Instance = new();

    /// <summary>Marks an endpoint, and declares what may be answered to such a body.</summary>
    public static void Mark(RouteHandlerBuilder builder) => builder.WithMetadata(Instance).Refuses(
        StatusCodes.Status400BadRequest, StatusCodes.Status408RequestTimeout, StatusCodes.Status413PayloadTooLarge, StatusCodes.Status429TooManyRequests,
        StatusCodes.Status507InsufficientStorage);
}
