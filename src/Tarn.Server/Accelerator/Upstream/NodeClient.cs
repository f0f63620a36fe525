using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;
using System.Text;

namespace Tarn.Server.Accelerator.Upstream;

/// <summary>The upstream answered a request of the accelerator's own with an error.</summary>
internal sealed class NodeRefusedException(int status, string? code)
    : UpstreamException(string.Create(CultureInfo.InvariantCulture, $"The upstream answers {status} {code}"))
{
    public int Status => status;

    /// <summary>The code of S3's error; null if the answer has none.</summary>
    public string? Code => code;
}

/// <summary>Sends the accelerator's own requests.</summary>
/// <param name="pool">The connections.</param>
/// <param name="lines">The lines of the envelope, each with its end; none where there is no upstream to know them.</param>
/// <param name="time">The clock.</param>
/// <param name="answerTime">How long an answer may take, and how long it may pause; null: <see cref="AnswerTime"/>.</param>
internal sealed partial class NodeClient(UpstreamPool pool, ReadOnlyMemory<byte> lines, TimeProvider time, TimeSpan? answerTime = null)
{
    /// <summary>How long an answer of the upstream may take, and how long it may pause.</summary>
    public static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(30);

    private const int MaxError = 16 * 1024;

    /// <summary>Sends a request with a body, and returns the body of the answer.</summary>
    /// <param name="path">The path.</param>
    /// <param name="body">The body.</param>
    /// <param name="limit">The maximum length of the answer, in bytes.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="NodeRefusedException">The answer is an error.</exception>
    /// <exception cref="UpstreamException">There is no answer.</exception>
    public async Task<byte[]> PostAsync(string path, ReadOnlyMemory<byte> body, int limit, CancellationToken cancellationToken)
    {
        using Limit limited = CreateLimit(cancellationToken);
        try
        {
            using UpstreamExchange exchange = await SendAsync("POST", path, [], body, limited);
            return await exchange.Body!.ReadAllAsync(limit, limited.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new UpstreamException("The upstream takes too long.");
        }
    }

    /// <summary>Sends a GET, and returns the exchange in front of the answer's body.</summary>
    /// <param name="path">The path.</param>
    /// <param name="headers">Headers.</param>
    /// <param name="limit">Limits how long it takes; the caller's.</param>
    /// <exception cref="NodeRefusedException">The answer is an error.</exception>
    /// <exception cref="UpstreamException">There is no answer.</exception>
    public Task<UpstreamExchange> GetAsync(string path, IReadOnlyList<KeyValuePair<string, string>> headers, Limit limit) => SendAsync("GET", path, headers, default, limit);

    /// <summary>Creates a limit for an answer and for its pauses.</summary>
    public Limit CreateLimit(CancellationToken cancellationToken) => new(time, answerTime ?? AnswerTime, cancellationToken);

    /// <summary>Sends a request, once more if a kept connection turns out to be closed: none of them does anything that could not be done twice.</summary>
    private async Task<UpstreamExchange> SendAsync(string method, string path, IReadOnlyList<KeyValuePair<string, string>> headers, ReadOnlyMemory<byte> body, Limit limit)
    {
        byte[] request = Compose(method, path, headers, body.Span);
        for (bool isFresh = false; ; isFresh = true)
        {
            // The pool has a limit of its own for how long it is waited for.
            limit.Suspend();
            UpstreamExchange exchange = await UpstreamExchange.BeginAsync(pool, method, isFresh, limit.Token, limit.Begin);
            try
            {
                await exchange.WriteAsync(request, limit.Token);
                exchange.IsSent = true;
                while ((await exchange.ReadHeadAsync(limit.Token)).Status < StatusCodes.Status200OK)
                {
                    // An interim answer.
                }

                if (exchange.Head!.Status != StatusCodes.Status200OK)
                {
                    string text = Encoding.UTF8.GetString(await exchange.Body!.ReadAllAsync(MaxError, limit.Token));
                    throw new NodeRefusedException(exchange.Head.Status, ErrorCode().Match(text) is { Success: true } match ? match.Groups[1].Value : null);
                }

                return exchange;
            }
            catch (UpstreamException) when (!isFresh && exchange.MayBeStale)
            {
                exchange.Dispose();
            }
            catch
            {
                exchange.Dispose();
                throw;
            }
        }
    }

    private byte[] Compose(string method, string path, IReadOnlyList<KeyValuePair<string, string>> headers, ReadOnlySpan<byte> body)
    {
        var request = new ArrayBufferWriter<byte>(1024 + body.Length);
        RequestHead.Begin(request, method, path);
        request.Write(lines.Span);
        RequestHead.Line(request, "Host", pool.Address.Authority);
        foreach ((string name, string value) in headers)
        {
            RequestHead.Line(request, name, value);
        }

        if (method != "GET")
        {
            RequestHead.Line(request, "Content-Length", body.Length.ToString(CultureInfo.InvariantCulture));
        }

        request.Write("\r\n"u8);
        request.Write(body);
        return request.WrittenSpan.ToArray();
    }

    [GeneratedRegex("<Code>([A-Za-z0-9]{1,64})</Code>")]
    private static partial Regex ErrorCode();

    /// <summary>Cancels what pauses for too long.</summary>
    internal sealed class Limit : IDisposable
    {
        private readonly TimeProvider _time;
        private readonly TimeSpan _answerTime;
        private readonly CancellationTokenSource _source;
        private readonly CancellationTokenRegistration _outer;
        private long _began;

        public Limit(TimeProvider time, TimeSpan answerTime, CancellationToken cancellationToken)
        {
            (_time, _answerTime, _began) = (time, answerTime, time.GetTimestamp());
            _source = new CancellationTokenSource(answerTime, time);
            _outer = cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
        }

        public CancellationToken Token => _source.Token;

        /// <summary>How long it is since the other side was first waited for.</summary>
        public TimeSpan Elapsed => _time.GetElapsedTime(_began);

        /// <summary>Does not count while this side waits for itself.</summary>
        public void Suspend() => _source.CancelAfter(Timeout.InfiniteTimeSpan);

        /// <summary>Begins to count: the other side is waited for.</summary>
        public void Begin()
        {
            _began = _time.GetTimestamp();
            Restart();
        }

        /// <summary>Begins to count anew.</summary>
        public void Restart() => _source.CancelAfter(_answerTime);

        public void Dispose()
        {
            _outer.Dispose();
            _source.Dispose();
        }
    }
}
