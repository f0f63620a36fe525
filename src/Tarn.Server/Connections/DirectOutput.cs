using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Tarn.S3.Reading;

namespace Tarn.Server.Connections;

/// <summary>Gives connections an output of our own, and offers it to whoever sends files.</summary>
internal static class DirectOutput
{
    /// <summary>Replaces the output of a connection that was accepted, before anything uses it.</summary>
    public static void Install(ConnectionContext connection, TimeProvider time)
    {
        if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket || connection.Features.Get<IMemoryPoolFeature>() is not { } memory || !SocketCalls.TryMakeNonBlocking(socket.SafeHandle))
        {
            return;
        }

        var output = new SocketOutput(connection, socket, connection.Transport.Output, memory.MemoryPool, time);
        connection.Transport = new Duplex(connection.Transport.Input, output);
        connection.Features.Set<IFileOutput>(output);
    }

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
