namespace Tarn.Server.Control;

/// <summary>Refuses a request to the control API. The message is sent to the requester.</summary>
internal sealed class ControlRefusalException(int status, string message) : Exception(message)
{
    /// <summary>The HTTP status of the answer.</summary>
    public int Status => status;

    public static ControlRefusalException BadRequest(string message) => new(StatusCodes.Status400BadRequest, message);

    public static ControlRefusalException Unauthorized(string message) => new(StatusCodes.Status401Unauthorized, message);

    public static ControlRefusalException NotImplemented(string message) => new(StatusCodes.Status501NotImplemented, message);

    public static ControlRefusalException Forbidden(string message) => new(StatusCodes.Status403Forbidden, message);

    public static ControlRefusalException NotFound(string message) => new(StatusCodes.Status404NotFound, message);
}
