namespace Tarn.Server.Accelerator.Upstream;

/// <summary>The upstream cannot be reached, has no room, or does not speak as it should. The client's request gets 503, unless its answer has begun.</summary>
internal class UpstreamException : IOException
{
    public UpstreamException(string message) : base(message) { }

    public UpstreamException(string message, Exception inner) : base(message, inner) { }
}

/// <summary>This side has no connection left, which says nothing of the other one.</summary>
internal sealed class ConnectionsInUseException() : UpstreamException("All connections to the upstream are in use.");

/// <summary>The upstream does not accept what an accelerator says of itself or of its client.</summary>
internal sealed class EnvelopeRefusedException() : UpstreamException("It accepts neither the token nor who it is used for, or not this client's network.");
