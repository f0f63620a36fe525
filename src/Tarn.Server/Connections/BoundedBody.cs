using System.Buffers;
using System.IO.Pipelines;

namespace Tarn.Server.Connections;

/// <summary>Reads a body into memory, within a limit of its length.</summary>
internal static class BoundedBody
{
    /// <param name="body">The body.</param>
    /// <param name="most">Its maximum length, in bytes.</param>
    /// <param name="cancellationToken">Cancels the read: the limit of its time.</param>
    /// <returns>The body; null if it is longer.</returns>
    public static async ValueTask<byte[]?> ReadAsync(PipeReader body, int most, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult read = await body.ReadAsync(cancellationToken);
            if (read.Buffer.Length > most)
            {
                return null;
            }

            if (read.IsCompleted)
            {
                byte[] whole = read.Buffer.ToArray();
                body.AdvanceTo(read.Buffer.End);
                return whole;
            }

            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}
