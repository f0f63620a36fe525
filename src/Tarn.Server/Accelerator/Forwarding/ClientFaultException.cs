namespace Tarn.Server.Accelerator.Forwarding;

/// <summary>A client's request cannot be sent on, because of the client: it is malformed, or its body is.</summary>
internal sealed class ClientFaultException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The status to answer.</summary>
    public int Status { get; } = inner is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status400BadRequest;
}
