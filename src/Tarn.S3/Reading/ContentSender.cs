using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Blobs;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Telemetry;
using Tarn.S3.Requests;

namespace Tarn.S3.Reading;

/// <summary>
/// Sends a range of an object. What a source has to verify is verified in the memory that is sent, before it is handed over: nothing of an answer is
/// sent before its first bytes are known to be right, and damage further on ends the connection.
/// </summary>
internal static class ContentSender
{
    /// <summary>Bytes read from a file at a time: a larger copy no longer fits the processor's cache.</summary>
    private const int BlockSize = 256 * 1024;

    /// <summary>Bytes of a file that are sent before the other connections have their turn.</summary>
    private const int FileStep = 1024 * 1024;

    /// <summary>Below so many bytes a copy costs less than the calls that avoid it.</summary>
    private const int MinFileRun = 32 * 1024;

    /// <summary>Sends [offset, offset + length); the answer's Content-Length must be set.</summary>
    /// <param name="http">The request.</param>
    /// <param name="content">The content.</param>
    /// <param name="offset">The range's first byte.</param>
    /// <param name="length">The range's length in bytes.</param>
    /// <param name="sent">Counts the bytes handed to the connection.</param>
    public static async Task SendAsync(HttpContext http, IObjectContent content, long offset, long length, SentBytes sent)
    {
        using StageTimer timer = RequestTimes.Measure(RequestStage.Send, "send");
        PipeWriter output = http.Response.BodyWriter;
        long end = offset + length;
        while (offset < end)
        {
            ContentRun run = await content.RunAsync(offset, end - offset, http.RequestAborted);
            offset += run.Length;
            if (run.Source is null)
            {
                await output.WriteAsync(run.Memory, http.RequestAborted);
                sent.Add(run.Memory.Length);
                continue;
            }

            if (!await SendRunAsync(http, output, run, sent))
            {
                return;
            }

            if (offset < end)
            {
                await GiveWayAsync();
            }
        }
    }

    /// <summary>
    /// Lets the other connections have the thread. Bytes from memory, taken up by the client at once, are sent without any wait, and a few fast
    /// connections would keep all threads: measured with 1 MiB on 32 connections, the slowest hundredth took four to five times as long.
    /// </summary>
    private static YieldAwaitable GiveWayAsync() => Task.Yield();

    private static async ValueTask<int> ReadAsync(ContentRun run, long sent, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using StageTimer timer = RequestTimes.Measure(RequestStage.Blob, "blob read");
        return await run.Source!.ReadAsync(run.Offset + sent, buffer, cancellationToken);
    }

    /// <summary>Sends a run; false when the client has left.</summary>
    private static async ValueTask<bool> SendRunAsync(HttpContext http, PipeWriter output, ContentRun run, SentBytes progress)
    {
        IFileOutput? files = run.Source is IFileSource && run.Length >= MinFileRun ? http.Features.Get<IFileOutput>() : null;
        long sent = 0;
        while (sent < run.Length)
        {
            int step = (int)Math.Min(files is null ? BlockSize : FileStep, run.Length - sent);
            if (files is not null && await ((IFileSource)run.Source!).FileAsync(run.Offset + sent, step) is { } file)
            {
                await AnnounceAsync(http, output, files, file, run.Offset + sent);
            }
            else
            {
                Memory<byte> buffer = output.GetMemory(Math.Min(step, BlockSize))[..Math.Min(step, BlockSize)];
                step = await ReadAsync(run, sent, buffer, http.RequestAborted);
                if (step == 0)
                {
                    throw new IOException("An object is longer than the data it refers to.");
                }
            }

            output.Advance(step);
            sent += step;
            FlushResult flushed = await output.FlushAsync(http.RequestAborted);
            progress.Add(step);
            if (flushed.IsCompleted)
            {
                return false;
            }

            if (sent < run.Length)
            {
                await GiveWayAsync();
            }
        }

        return true;
    }

    private static async ValueTask AnnounceAsync(HttpContext http, PipeWriter output, IFileOutput files, SafeFileHandle file, long offset)
    {
        if (!http.Response.HasStarted)
        {
            await http.Response.StartAsync(http.RequestAborted);
        }

        // Kestrel counts the bytes that the writer is advanced by, but not towards the least rate; the connection watches over the progress of files itself.
        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        output.GetMemory(1);
        files.Announce(file, offset);
    }
}
