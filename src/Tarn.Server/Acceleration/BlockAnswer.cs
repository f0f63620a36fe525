using System.Buffers;
using System.Diagnostics.Metrics;
using System.IO.Pipelines;
using Tarn.Core.Acceleration;
using Tarn.Core.Errors;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Acceleration;

/// <summary>Sends blocks of blobs to accelerators: what a capability entitles to and nothing else, each block with its checksum.</summary>
internal sealed class BlockAnswer(BlockSource blocks, CapabilityRenewal capabilities)
{
    /// <summary>Bytes that are handed to the connection at once.</summary>
    private const int FlushSize = 256 * 1024;

    private static readonly Counter<long> Sent = ServerTelemetry.Meter.CreateCounter<long>(
        "tarn.accelerators.block_bytes", unit: "By", description: "Bytes of blobs sent to accelerators.");

    /// <summary>Answers a request for blocks.</summary>
    /// <exception cref="S3Exception">AccessDenied, NoSuchBlock.</exception>
    /// <exception cref="IOException">The bytes are damaged.</exception>
    public async Task SendAsync(HttpContext http, NodeCall call, BlockRequest wanted)
    {
        if (http.Request.Headers[AcceleratorHeaders.Capability] is not [{ } text])
        {
            throw new S3Exception(S3Error.AccessDenied, $"The request needs one header {AcceleratorHeaders.Capability}");
        }

        (CapabilityStatus status, BlobCapability? capability) = await capabilities.VerifyAsync(text, call.Envelope.Zone, http.RequestAborted);
        if (capability?.Covers(wanted.Blob, wanted.Start, wanted.Length) != true)
        {
            throw new S3Exception(S3Error.AccessDenied, status switch
            {
                CapabilityStatus.Valid => "The capability is for other bytes",
                CapabilityStatus.Expired => "The capability has expired",
                CapabilityStatus.OtherZone => "The capability is for another zone",
                _ => "The capability is not genuine",
            });
        }

        long end = wanted.Start + wanted.Length;
        await using OpenBlocks open = await blocks.OpenAsync(wanted.Blob, end, http.RequestAborted) ?? throw new S3Exception(S3Error.NoSuchBlock);
        PipeWriter output = http.Response.BodyWriter;
        int waiting = await BeginAsync(http, open, wanted);
        for (long at = wanted.Start + waiting - BlockFrames.ChecksumSize; at < end;)
        {
            int length = BlockFrames.LengthAt(at, end);
            Memory<byte> frame = output.GetMemory(BlockFrames.ChecksumSize + length)[..(BlockFrames.ChecksumSize + length)];
            await FillAsync(open, at, frame, http.RequestAborted);
            output.Advance(frame.Length);
            at += length;
            waiting += frame.Length;
            if (waiting >= FlushSize)
            {
                FlushResult flushed = await output.FlushAsync(http.RequestAborted);
                Sent.Add(waiting);
                waiting = 0;
                if (flushed.IsCompleted)
                {
                    return;
                }
            }
        }

        await output.FlushAsync(http.RequestAborted);
        Sent.Add(waiting);
    }

    /// <summary>Begins the answer with the first block, once it is known that there is one to send: until then the request can be refused.</summary>
    /// <returns>Bytes that wait to be handed to the connection.</returns>
    private static async ValueTask<int> BeginAsync(HttpContext http, OpenBlocks open, BlockRequest wanted)
    {
        int length = BlockFrames.ChecksumSize + BlockFrames.LengthAt(wanted.Start, wanted.Start + wanted.Length);
        byte[] rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            await FillAsync(open, wanted.Start, rented.AsMemory(0, length), http.RequestAborted);
            http.Response.ContentLength = BlockFrames.StreamLength(wanted.Start, wanted.Length);
            http.Response.ContentType = "application/octet-stream";
            await http.Response.StartAsync(http.RequestAborted);
            http.Response.BodyWriter.Write(rented.AsSpan(0, length));
            return length;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static async ValueTask FillAsync(OpenBlocks open, long at, Memory<byte> frame, CancellationToken cancellationToken)
    {
        ulong checksum = await open.ReadAsync(at, frame[BlockFrames.ChecksumSize..], cancellationToken);
        BlockFrames.WriteChecksum(frame.Span, checksum);
    }
}
