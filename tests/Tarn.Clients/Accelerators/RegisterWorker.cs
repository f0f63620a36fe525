using System.Globalization;
using System.Net.Sockets;
using Tarn.TestKit.Histories;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Accelerators;

/// <summary>Writes and reads the keys of all workers at one endpoint, and records what it sees; looks at each byte of each answer.</summary>
/// <param name="number">Its number.</param>
/// <param name="seed">Decides what it does.</param>
/// <param name="endpoint">The only place where it sends requests.</param>
/// <param name="keys">The keys.</param>
/// <param name="history">Where operations are recorded.</param>
internal sealed class RegisterWorker(int number, int seed, TarnEndpoint endpoint, IReadOnlyList<string> keys, RegisterHistory history)
{
#pragma warning disable CA5394 // A reproducible choice.
    private readonly Random _random = new(HashCode.Combine(seed, number));
    private int _writes;

    /// <summary>Answers by what was asked for.</summary>
    public Dictionary<string, int> Answered { get; } = [];

    /// <summary>Requests without an answer that says anything.</summary>
    public int Failed { get; private set; }

    /// <summary>Works until it is told to stop.</summary>
    /// <param name="served">Called after each answer.</param>
    /// <param name="up">Waits until everything serves, after a request that was not answered.</param>
    /// <param name="stop">Ends it, between two requests.</param>
    public async Task RunAsync(Action served, Func<Task> up, CancellationToken stop)
    {
        // A connection for each request: what is kept may turn out to be closed, and then a client sends again what may have been done.
        var client = new RawClient(endpoint);
        while (!stop.IsCancellationRequested)
        {
            string key = keys[_random.Next(keys.Count)];
            string kind = _random.Next(100) switch { < 25 => "PUT", < 32 => "DELETE", < 50 => "HEAD", < 65 => "range", _ => "GET" };
            bool isAnswered = kind is "PUT" or "DELETE" ? await WriteAsync(client, key, kind == "PUT") : await ReadAsync(client, key, kind);
            if (!isAnswered)
            {
                Failed++;
                await up();
                continue;
            }

            Answered[kind] = Answered.GetValueOrDefault(kind) + 1;
            served();
        }
    }

    private async Task<bool> WriteAsync(RawClient client, string key, bool puts)
    {
        WrittenValue? value = puts ? WrittenValue.Of(number, _writes++, _random.Next(12) == 0 ? 2_500_000 : _random.Next(20_000, 400_000)) : null;
        long began = history.Next();
        RawResponse? answer;
        try
        {
            (string head, _) = client.Head(puts ? "PUT" : "DELETE", Target(key), value is null ? null : [(WrittenValue.Header, value.Name)], value?.Bytes());
            answer = await client.TryExchangeAsync(puts ? "PUT" : "DELETE", head, value?.Bytes());
        }
        catch (SocketException)
        {
            // Nobody listens: it was not sent.
            return false;
        }
        catch (OperationCanceledException)
        {
            answer = null;
        }

        // Without an answer, it may have taken effect, or may do so yet.
        bool isDone = answer is { Status: 200 or 204 };
        Assert.True(isDone || answer is not { Status: < 500 }, $"{key}: {answer?.Status} {answer?.Text}");
        history.Add(key, new RegisterOperation(true, value?.Name, began, isDone ? history.Next() : RegisterOperation.Never));
        return isDone;
    }

    private async Task<bool> ReadAsync(RawClient client, string key, string kind)
    {
        int from = _random.Next(15_000), to = from + _random.Next(400_000);
        string method = kind == "HEAD" ? "HEAD" : "GET";
        long began = history.Next();
        RawResponse? answer;
        try
        {
            (string head, _) = client.Head(method, Target(key), kind == "range" ? [("Range", string.Create(CultureInfo.InvariantCulture, $"bytes={from}-{to}"))] : null, null);
            answer = await client.TryExchangeAsync(method, head);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return false;
        }

        long ended = history.Next();
        if (answer is null or { Status: >= 500 })
        {
            return false;
        }

        if (answer.Status == 404)
        {
            Assert.True(kind == "HEAD" || answer.Element("Code") == "NoSuchKey", answer.Text);
            history.Add(key, new RegisterOperation(false, null, began, ended));
            return true;
        }

        answer.Expect(kind == "range" ? 206 : 200);
        var value = new WrittenValue(answer[WrittenValue.Header]!);
        byte[] whole = value.Bytes();
        if (kind == "HEAD")
        {
            Assert.Equal(whole.Length, int.Parse(answer["Content-Length"]!, CultureInfo.InvariantCulture));
        }
        else
        {
            ReadOnlySpan<byte> wanted = kind == "range" ? whole.AsSpan(from..Math.Min(to + 1, whole.Length)) : whole;
            Assert.True(wanted.SequenceEqual(answer.Body), $"{kind} {key}: {answer.Body.Length} bytes that are not those of {value.Name}, whose name they came with");
        }

        history.Add(key, new RegisterOperation(false, value.Name, began, ended));
        return true;
    }

    private static string Target(string key) => $"/{AcceleratedZone.Bucket}/{RawClient.Escape(key)}";
#pragma warning restore CA5394
}
