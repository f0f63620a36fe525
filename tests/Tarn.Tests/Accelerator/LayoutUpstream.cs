using System.Globalization;
using System.Text;
using Tarn.Core.Acceleration;
using Tarn.Core.Blobs;
using Tarn.Tests.Cache;

namespace Tarn.Tests.Accelerator;

/// <summary>
/// A server of objects that are random runs of a few blobs, and that are overwritten all the time: runs of different objects overlap, begin anywhere, and are of any length. It gives no byte without
/// the capability of the run that the plan named.
/// </summary>
internal sealed class LayoutUpstream : IAsyncDisposable
{
    private const int Blobs = 6, BlobLength = 5 << 20;

    private readonly Lock _gate = new();
    private readonly Random _random;
    private readonly Dictionary<string, Version> _keys = [];
    private readonly List<Version> _versions = [];
    private readonly FakeUpstream _upstream;

    public LayoutUpstream(int seed)
    {
        _random = new Random(seed);
        _upstream = new FakeUpstream(ServeAsync) { Node = NodeAsync };
    }

    public Uri Url => _upstream.Url;

    /// <summary>In how many of 100 answers with blocks something is wrong.</summary>
    public int Failing { get; set; }

    /// <summary>Gives a key another version, and returns its bytes.</summary>
    public byte[] Write(string key)
    {
        lock (_gate)
        {
            var runs = new List<(BlobId Blob, long Offset, int Length)>();
            for (int i = _random.Next(1, 6); i > 0; i--)
            {
                int length = _random.Next(4) switch { 0 => _random.Next(1, 100), 1 => 65_536 * _random.Next(1, 20), 2 => 1 << 20, _ => _random.Next(1, 2 << 20) };
                int offset = _random.Next(3) == 0 ? 65_536 * _random.Next(40) : _random.Next(BlobLength - length);
                runs.Add((BlobContent.Blob(_random.Next(Blobs)), offset, length));
            }

            // Some versions share the runs of the one before.
            if (_keys.TryGetValue(key, out Version? before) && _random.Next(2) == 0)
            {
                runs.AddRange(before.Runs.Take(2));
            }

            var version = new Version(_versions.Count, runs, _random.Next(3) == 0 ? _random.Next(1, 1 << 20) : 1 << 30);
            _versions.Add(version);
            _keys[key] = version;
            return [.. runs.SelectMany(static run => BlobContent.Of(run.Blob, run.Offset, run.Length))];
        }
    }

    public ValueTask DisposeAsync() => _upstream.DisposeAsync();

    private async Task ServeAsync(FakeExchange exchange)
    {
        Version version;
        lock (_gate)
        {
            version = _keys[exchange.Target];
        }

        long from = 0, to = version.Length;
        if (exchange["Range"] is { } range)
        {
            string[] ends = range["bytes=".Length..].Split('-');
            (from, to) = (long.Parse(ends[0], CultureInfo.InvariantCulture), long.Parse(ends[1], CultureInfo.InvariantCulture) + 1);
        }

        string headers = string.Create(CultureInfo.InvariantCulture, $"ETag: \"{version.Number}\"\r\n{(exchange["Range"] is null ? "" : $"Content-Range: bytes {from}-{to - 1}/{version.Length}\r\n")}");
        int status = exchange["Range"] is null ? 200 : 206;
        if (exchange["x-tarn-call"]!.StartsWith("resolve", StringComparison.Ordinal))
        {
            await exchange.AnswerAsync(status, PlanOf(version, from, to), string.Create(CultureInfo.InvariantCulture, $"{headers}x-tarn-plan: 1\r\nx-tarn-length: {to - from}\r\n"));
            return;
        }

        await exchange.SendAsync(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} OK\r\n{headers}Content-Length: {to - from}\r\n\r\n"));
        await exchange.SendAsync(version.Runs.SelectMany(static run => BlobContent.Of(run.Blob, run.Offset, run.Length)).Skip((int)from).Take((int)(to - from)).ToArray());
    }

    private async Task NodeAsync(FakeExchange exchange)
    {
        if (!BlockRequest.TryParse(exchange.Target, out BlockRequest request))
        {
            string[] continued = Encoding.ASCII.GetString(await exchange.ReadBodyAsync()).Split('-');
            Version version;
            lock (_gate)
            {
                version = _versions[int.Parse(continued[0], CultureInfo.InvariantCulture)];
            }

            await exchange.AnswerAsync(200, PlanOf(version, long.Parse(continued[1], CultureInfo.InvariantCulture), long.Parse(continued[2], CultureInfo.InvariantCulture)));
            return;
        }

        string[] entitled = exchange["x-tarn-capability"]!.Split('.');
        long offset = long.Parse(entitled[1], CultureInfo.InvariantCulture), end = offset + long.Parse(entitled[2], CultureInfo.InvariantCulture);
        if (entitled[0] != request.Blob.ToString() || request.Start < offset || request.Start + request.Length > end)
        {
            await exchange.AnswerAsync(403);
            return;
        }

        int failure;
        lock (_gate)
        {
            failure = _random.Next(100) < Failing ? _random.Next(4) : 4;
        }

        byte[] stream = BlockStreams.Of(request);
        switch (failure)
        {
            case 0:
                await exchange.AnswerAsync(503);
                return;
            case 1:
                exchange.Close();
                return;
            case 2:
                stream[stream.Length / 2] ^= 4;
                break;
        }

        await exchange.SendAsync(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 200 OK\r\nContent-Length: {stream.Length}\r\n\r\n"));
        await exchange.SendAsync(failure == 3 ? stream.AsMemory(0, stream.Length / 2) : stream);
        if (failure == 3)
        {
            exchange.Close();
        }
    }

    private static string PlanOf(Version version, long from, long to)
    {
        long end = Math.Min(to, from + version.PlanLength), at = 0;
        var extents = new List<PlannedExtent>();
        foreach ((BlobId blob, long offset, int length) in version.Runs)
        {
            long first = Math.Max(from, at), last = Math.Min(end, at + length);
            if (first < last)
            {
                extents.Add(new PlannedExtent
                {
                    Blob = blob, Offset = offset, Length = length, From = offset + first - at, To = offset + last - at, Encoding = PlannedExtent.Plain, Capability = string.Create(CultureInfo.InvariantCulture, $"{blob}.{offset}.{length}"),
                });
            }

            at += length;
        }

        return Encoding.UTF8.GetString(new ReadPlan
        {
            Start = from,
            Length = end - from,
            Bucket = 7,
            Expires = DateTimeOffset.UtcNow.AddMinutes(5).ToUnixTimeMilliseconds(),
            Next = end < to ? string.Create(CultureInfo.InvariantCulture, $"{version.Number}-{end}-{to}") : null,
            Extents = extents,
        }.Encode());
    }

    private sealed record Version(int Number, List<(BlobId Blob, long Offset, int Length)> Runs, int PlanLength)
    {
        public long Length { get; } = Runs.Sum(static run => (long)run.Length);
    }
}

/// <summary>Runs of blobs of <see cref="BlobContent"/> as they travel.</summary>
internal static class BlockStreams
{
    /// <summary>The blocks of a run, each behind its checksum.</summary>
    public static byte[] Of(BlockRequest request)
    {
        var all = new MemoryStream();
        byte[] checksum = new byte[BlockFrames.ChecksumSize];
        for (long at = request.Start, end = request.Start + request.Length; at < end; at += BlockFrames.LengthAt(at, end))
        {
            byte[] block = BlobContent.Of(request.Blob, at, BlockFrames.LengthAt(at, end));
            BlockFrames.WriteChecksum(checksum, BlobContent.Checksum(block));
            all.Write(checksum);
            all.Write(block);
        }

        return all.ToArray();
    }
}
