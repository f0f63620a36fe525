using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Tarn.Core;
using Tarn.Core.Acceleration;
using Tarn.Core.Blobs;
using Tarn.Core.Hashing;

namespace Tarn.Tests.Accelerator;

/// <summary>
/// A server of one object for the tests of accelerators: plans GETs that may be planned, and gives blocks, where a test can make anything go wrong. The object is a run
/// of a blob, some bytes from its beginning.
/// </summary>
internal sealed class PlanningUpstream : IAsyncDisposable
{
    public const string RequestId = "0123456789ABCDEF";

    private readonly FakeUpstream _upstream;

    /// <param name="length">Bytes of the object.</param>
    /// <param name="offset">Where in the blob it begins.</param>
    public PlanningUpstream(int length, long offset = 1000)
    {
        Offset = offset;
        Object = new byte[length];
        new Random(1).NextBytes(Object);
        _upstream = new FakeUpstream(ServeAsync) { Node = NodeAsync };
    }

    public Uri Url => _upstream.Url;

    public FakeUpstream Wire => _upstream;

    public byte[] Object { get; }

    public long Offset { get; }

    public BlobId Blob { get; } = BlobId.Create(SystemRandomSource.Instance);

    /// <summary>The most bytes in a plan.</summary>
    public int PlanLength { get; set; } = int.MaxValue;

    public DateTimeOffset Expires { get; set; } = DateTimeOffset.UtcNow.AddMinutes(5);

    /// <summary>Changes a plan before it is sent, as text.</summary>
    public Func<string, string> ChangePlan { get; set; } = static plan => plan;

    /// <summary>The version in the header of a plan.</summary>
    public string Version { get; set; } = "1";

    /// <summary>Called before blocks are answered; true: it has answered.</summary>
    public Func<FakeExchange, BlockRequest, Task<bool>> BeforeBlocks { get; set; } = static (_, _) => Task.FromResult(false);

    /// <summary>The answer to a continuation, in place of a plan; null: the plan.</summary>
    public (int Status, string Body)? Continuation { get; set; }

    /// <summary>The runs of blocks that were asked for.</summary>
    public ConcurrentQueue<BlockRequest> Blocks { get; } = new();

    /// <summary>Other requests of the accelerator's own.</summary>
    public ConcurrentQueue<(string Target, string Body)> Node { get; } = new();

    /// <summary>The answer to a registration.</summary>
    public RegistrationAnswer Registered { get; set; } = new() { Heartbeat = 3600, Now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), ZoneKeys = [], Peers = [], Clears = [] };

    /// <summary>How clients' requests were marked.</summary>
    public string[] Calls => [.. _upstream.OfClients.Select(static request => request["x-tarn-call"]!.Split(';')[0])];

    public ValueTask DisposeAsync() => _upstream.DisposeAsync();

    private async Task ServeAsync(FakeExchange exchange)
    {
        bool resolves = exchange["x-tarn-call"]!.StartsWith("resolve", StringComparison.Ordinal);
        (int from, int to) = RangeOf(exchange["Range"]);
        string headers = $"ETag: \"e\"\r\nx-amz-request-id: {RequestId}\r\nx-amz-meta-a: b\r\nContent-Type: text/plain\r\n"
            + (exchange["Range"] is null ? "" : $"Content-Range: bytes {from}-{to - 1}/{Object.Length}\r\n");
        int status = exchange["Range"] is null ? 200 : 206;
        if (exchange.Method == "HEAD")
        {
            await exchange.SendAsync($"HTTP/1.1 {status} OK\r\n{headers}{(resolves ? $"x-tarn-continuation: {0}-{Object.Length}\r\n" : "")}Content-Length: {to - from}\r\n\r\n");
        }
        else if (resolves)
        {
            string plan = ChangePlan(PlanOf(from, to));
            await exchange.AnswerAsync(status, plan, $"{headers}x-tarn-plan: {Version}\r\nx-tarn-length: {to - from}\r\n");
        }
        else
        {
            await exchange.SendAsync($"HTTP/1.1 {status} OK\r\n{headers}Content-Length: {to - from}\r\n\r\n");
            await exchange.SendAsync(Object.AsMemory(from, to - from));
        }
    }

    private async Task NodeAsync(FakeExchange exchange)
    {
        if (BlockRequest.TryParse(exchange.Target, out BlockRequest request))
        {
            Blocks.Enqueue(request);
            if (!await BeforeBlocks(exchange, request))
            {
                await exchange.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {BlockFrames.StreamLength(request.Start, request.Length)}\r\n\r\n");
                await exchange.SendAsync(StreamOf(request));
            }

            return;
        }

        string body = Encoding.UTF8.GetString(await exchange.ReadBodyAsync());
        Node.Enqueue((exchange.Target, body));
        if (exchange.Target == AcceleratorPaths.Continue && Continuation is { } instead)
        {
            await exchange.AnswerAsync(instead.Status, instead.Body);
            return;
        }

        string answer = exchange.Target switch
        {
            AcceleratorPaths.Register => Encoding.UTF8.GetString(Registered.Encode()),
            AcceleratorPaths.Renew => string.Join('\n', body.Split('\n').Select(static capability => capability + "x")),
            _ => PlanOf(int.Parse(body.Split('-')[0], CultureInfo.InvariantCulture), int.Parse(body.Split('-')[1], CultureInfo.InvariantCulture)),
        };
        await exchange.AnswerAsync(200, answer);
    }

    /// <summary>A run of blocks with their checksums.</summary>
    public byte[] StreamOf(BlockRequest request)
    {
        var all = new MemoryStream();
        byte[] checksum = new byte[BlockFrames.ChecksumSize];
        for (long at = request.Start; at < request.Start + request.Length;)
        {
            int length = BlockFrames.LengthAt(at, request.Start + request.Length);
            ReadOnlySpan<byte> block = Object.AsSpan((int)(at - Offset), length);
            BlockFrames.WriteChecksum(checksum, Crc.Crc64Nvme.Update(Crc.Crc64Nvme.Mask, block) ^ Crc.Crc64Nvme.Mask);
            all.Write(checksum);
            all.Write(block);
            at += length;
        }

        return all.ToArray();
    }

    private string PlanOf(int from, int to)
    {
        int end = (int)Math.Min(to, (long)from + PlanLength);
        return Encoding.UTF8.GetString(new ReadPlan
        {
            Start = from,
            Length = end - from,
            Bucket = 7,
            Expires = Expires.ToUnixTimeMilliseconds(),
            Next = end < to ? $"{end}-{to}" : null,
            Extents = [new PlannedExtent { Blob = Blob, Offset = Offset, Length = Object.Length, From = Offset + from, To = Offset + end, Encoding = "plain", Capability = "capability" }],
        }.Encode());
    }

    private (int From, int To) RangeOf(string? range)
    {
        if (range is null)
        {
            return (0, Object.Length);
        }

        string[] ends = range["bytes=".Length..].Split('-');
        return (int.Parse(ends[0], CultureInfo.InvariantCulture), Math.Min(Object.Length, int.Parse(ends[1], CultureInfo.InvariantCulture) + 1));
    }
}
