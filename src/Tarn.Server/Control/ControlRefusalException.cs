namespace Tarn.Server.Control;

/// <summary>A request to the control API is refused. The message is for the person who sent it.</summary>
internal sealed class ControlRefusalException(int status, string message) : Exception(message)
{
    /// <summary>HTTP status of the answer.</summary>
    public int Status => status;

    public static ControlRefusalException BadRequest(string message) => new(StatusCodes.Status400BadRequest, message);

    public static ControlRefusalException Unauthorized(string message) => new(StatusCodes.Status401Unauthorized, message);

    public static ControlRefusalException NotBuilt(string message) => new(StatusCodes.Status501NotImplemented, message);

    public static ControlRefusalException Forbidden(string message) => new(StatusCodes.Status403Forbidden, message);

    public static ControlRefusalException NotFound(string message) => new(StatusCodes.Status404NotFound, message);
}
