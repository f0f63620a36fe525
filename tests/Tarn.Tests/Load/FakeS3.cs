using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tarn.Tests.Load;

/// <summary>Just enough of an S3 server to run the load generator against: objects in memory, no authentication, chunked listings.</summary>
internal sealed class FakeS3 : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<string, byte[]> _objects = new(StringComparer.Ordinal);

    public FakeS3()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Endpoint => $"http://{_listener.LocalEndpoint}";

    public ConcurrentDictionary<string, byte[]> Objects => _objects;

    /// <summary>Targets of GETs that found an object.</summary>
    public ConcurrentQueue<string> Reads { get; } = new();

    /// <summary>Changes each body before it is kept, to see whether anyone notices.</summary>
    public bool Corrupts { get; init; }

    /// <summary>Closes each connection, unannounced, after so many requests.</summary>
    public int RequestsPerConnection { get; init; } = int.MaxValue;

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        await Task.Yield();
        using (client)
        using (NetworkStream stream = client.GetStream())
        {
            for (int served = 0; served < RequestsPerConnection; served++)
            {
                string head = await ReadHeadAsync(stream);
                if (head.Length == 0)
                {
                    return;
                }

                string[] first = head.Split("\r\n")[0].Split(' ');
                string? length = head.Split("\r\n").FirstOrDefault(l => l.StartsWith("Content-Length:", StringComparison.Ordinal));
                byte[] body = new byte[int.Parse(length?[15..] ?? "0", System.Globalization.CultureInfo.InvariantCulture)];
                await stream.ReadExactlyAsync(body);
                await stream.WriteAsync(Answer(first[0], first[1], body));
            }
        }
    }

    private static async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one) == 0)
            {
                return "";
            }

            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    private byte[] Answer(string method, string target, byte[] body)
    {
        if (target.Contains("list-type=2", StringComparison.Ordinal))
        {
            return List(target);
        }

        switch (method)
        {
            case "PUT" when target.EndsWith("?tagging=", StringComparison.Ordinal):
                return _objects.ContainsKey(target[..target.IndexOf('?', StringComparison.Ordinal)])
                    ? Response(200, [])
                    : Response(404, "<Error><Code>NoSuchKey</Code></Error>"u8.ToArray());
            case "PUT":
                if (Corrupts && body.Length > 0)
                {
                    body[^1] ^= 1;
                }

                _objects[target] = body;
                return Response(200, []);
            case "DELETE":
                _objects.TryRemove(target, out _);
                return Encoding.ASCII.GetBytes("HTTP/1.1 204 No Content\r\n\r\n");
            default:
                if (method == "GET" && _objects.ContainsKey(target))
                {
                    Reads.Enqueue(target);
                }

                return _objects.TryGetValue(target, out byte[]? found)
                    ? Response(200, found, method == "HEAD")
                    : Response(404, "<Error><Code>NoSuchKey</Code></Error>"u8.ToArray(), method == "HEAD");
        }
    }

    private byte[] List(string target)
    {
        Dictionary<string, string> query = target[(target.IndexOf('?') + 1)..].Split('&').Select(p => p.Split('='))
            .ToDictionary(p => p[0], p => Uri.UnescapeDataString(p[1]), StringComparer.Ordinal);
        string after = query.GetValueOrDefault("continuation-token", "").Replace("&", "", StringComparison.Ordinal);
        string[] keys = [.. _objects.Keys.Where(k => k.Count(c => c == '/') > 1 && string.CompareOrdinal(k, after) > 0).Order(StringComparer.Ordinal)];
        int most = int.Parse(query["max-keys"], System.Globalization.CultureInfo.InvariantCulture);
        var page = new StringBuilder("<ListBucketResult>");
        foreach (string key in keys.Take(most))
        {
            page.Append("<Contents><Key>").Append(key).Append("</Key></Contents>");
        }

        if (keys.Length > most)
        {
            // A character that XML escapes, so that a client that forgets to unescape loses its place.
            page.Append("<NextContinuationToken>&amp;").Append(keys[most - 1]).Append("</NextContinuationToken>");
        }

        page.Append("</ListBucketResult>");
        string half = page.ToString(0, page.Length / 2);
        string rest = page.ToString(half.Length, page.Length - half.Length);
        return Encoding.ASCII.GetBytes(
            $"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{half.Length:x}\r\n{half}\r\n{rest.Length:x}\r\n{rest}\r\n0\r\n\r\n");
    }

    private static byte[] Response(int status, byte[] body, bool headOnly = false) =>
        [.. Encoding.ASCII.GetBytes($"HTTP/1.1 {status} X\r\nContent-Length: {body.Length}\r\n\r\n"), .. headOnly ? [] : body];
}
