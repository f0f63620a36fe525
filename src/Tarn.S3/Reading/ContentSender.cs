using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Tarn.Core.Blobs;
using Tarn.Core.Objects.Reading;
using Tarn.S3.Requests;

namespace Tarn.S3.Reading;

/// <summary>
/// Sends a range of an object. It gets runs of files, not a stream: the one place where a transport that can send
/// a file range without copying it would do so.
/// </summary>
internal static class ContentSender
{
    /// <summary>Bytes read from a file at a time: a larger copy no longer fits the processor's cache.</summary>
    private const int BlockSize = 256 * 1024;

    /// <summary>Sends [offset, offset + length); the answer's Content-Length must be set.</summary>
    /// <param name="http">The request.</param>
    /// <param name="content">The content.</param>
    /// <param name="offset">The range's first byte.</param>
    /// <param name="length">The range's length in bytes.</param>
    /// <param name="sent">Counts the bytes handed to the connection.</param>
    public static async Task SendAsync(HttpContext http, IObjectContent content, long offset, long length, SentBytes sent)
    {
        PipeWriter output = http.Response.BodyWriter;
        long end = offset + length;
        while (offset < end)
        {
            ContentRun run = await content.RunAsync(offset, end - offset, http.RequestAborted);
            offset += run.Length;
            if (run.Blob is null)
            {
                await output.WriteAsync(run.Memory, http.RequestAborted);
                sent.Add(run.Memory.Length);
                continue;
            }

            await SendBlobAsync(output, run, sent, http.RequestAborted);
        }
    }

    private static async ValueTask SendBlobAsync(PipeWriter output, ContentRun run, SentBytes progress, CancellationToken cancellationToken)
    {
        long sent = 0;
        while (sent < run.Length)
        {
            int wanted = (int)Math.Min(BlockSize, run.Length - sent);
            Memory<byte> buffer = output.GetMemory(wanted)[..wanted];
            int read = await run.Blob!.ReadAsync(run.BlobOffset + sent, buffer, cancellationToken);
            if (read == 0)
            {
                throw BlobReadErrors.Found("A blob is shorter than the object that refers to it.");
            }

            output.Advance(read);
            sent += read;
            FlushResult flushed = await output.FlushAsync(cancellationToken);
            progress.Add(read);
            if (flushed.IsCompleted)
            {
                return;
            }
        }
    }
}
