using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Tarn.Core.Acceleration;
using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Storage;
using Tarn.S3.Telemetry;
using Tarn.Server.Configuration;
using Tarn.TestKit.Clocks;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
using Tarn.TestKit.Signing;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Acceleration;

/// <summary>A whole server with a listener for accelerators, and a client that speaks as an accelerator does, byte by byte.</summary>
internal sealed class AcceleratedServer : IAsyncDisposable
{
    public const string Zone = "rack-7";

    public const string OtherZone = "other";
    public const string Client = "for=192.0.2.7:50000;tls=0";
    public const string Forward = "forward;" + Client, Resolve = "resolve;" + Client;

    private readonly Ended _ended;

    private AcceleratedServer(InProcessServer server, ShiftedTimeProvider clock, string token, Ended ended)
    {
        _ended = ended;
        Inner = server;
        Clock = clock;
        TokenText = token;
        Endpoint = new TarnEndpoint(new Uri(server.Host.AcceleratorsUrl!), InProcessServer.RootAccessKey, InProcessServer.RootSecretKey);
        Direct = new TarnEndpoint(new Uri(server.S3Url), InProcessServer.RootAccessKey, InProcessServer.RootSecretKey);
    }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public InProcessServer Inner { get; }

    public ShiftedTimeProvider Clock { get; }

    /// <summary>The token of an accelerator without limits.</summary>
    public string TokenText { get; }

    /// <summary>A token of another zone.</summary>
    private string _other = "";

    public TarnEndpoint Endpoint { get; }

    public TarnEndpoint Direct { get; }

    public ObjectStore Objects => Inner.Get<ObjectStore>();

    public AcceleratorTokens Tokens => Inner.Get<AcceleratorTokens>();

    public static async Task<AcceleratedServer> StartAsync(
        Func<ServerOptions, ServerOptions>? options = null, IKeyValueStore? rows = null, IBlobStore? blobs = null, ShiftedTimeProvider? clock = null, string? token = null)
    {
        clock ??= new ShiftedTimeProvider();
        ServerOptions wanted = InProcessServer.Options with { Accelerators = InProcessServer.Options.S3 };
        var ended = new Ended();
        InProcessServer server = await InProcessServer.StartAsync(
            new InProcessSetup { Options = options?.Invoke(wanted) ?? wanted, Time = clock, Metadata = rows ?? new MemoryKeyValueStore(), Blobs = blobs, More = builder => builder.Services.AddSingleton<IFinishedRequestSink>(ended) }, Token);
        AcceleratorTokens tokens = server.Get<AcceleratorTokens>();
        token ??= (await tokens.CreateAsync("test", Zone, AddressList.Any, [], "arn:test", Token)).Text;
        return new AcceleratedServer(server, clock, token, ended) { _other = (await tokens.CreateAsync("other", OtherZone, AddressList.Any, [], "arn:test", Token)).Text };
    }

    /// <summary>The first header line of an accelerator.</summary>
    public string Envelope(string? token = null, string name = "gpu-1", string zone = Zone, params string[] domains) =>
        new AcceleratorEnvelope { Token = token ?? (zone == OtherZone ? _other : TokenText), Name = name, Zone = zone, Domains = domains }.Format();

    public TimedSigner Signer(string? key = null, string? secret = null) => new RawClient(Endpoint).Signer(Clock.GetUtcNow(), secret, key);

    /// <summary>Sends a client's signed request through an accelerator.</summary>
    public async Task<RawResponse> SendAsync(
        string call, string method, string target, IEnumerable<(string Name, string Value)>? headers = null, byte[]? body = null, string? host = null, TimedSigner? signer = null, string? envelope = null)
    {
        (string head, _) = new RawClient(Endpoint).Head(method, target, headers, body, host: host, signer: signer ?? Signer());
        return await ExchangeAsync(method, With(head, envelope ?? Envelope(), call), body);
    }

    /// <summary>Sends an anonymous client's request through an accelerator.</summary>
    public Task<RawResponse> SendUnsignedAsync(string call, string method, string target, string? envelope = null, params (string Name, string Value)[] headers) =>
        ExchangeAsync(method, With(RawClient.Lines(method, target, [("Host", "acc.test"), .. headers]), envelope ?? Envelope(), call), null);

    /// <summary>Sends a request of the accelerator's own.</summary>
    public Task<RawResponse> NodeAsync(string method, string target, string? body = null, string? capability = null, string? envelope = null)
    {
        List<(string, string)> headers = [("Host", "upstream")];
        if (capability is not null)
        {
            headers.Add((AcceleratorHeaders.Capability, capability));
        }

        if (body is not null)
        {
            headers.Add(("Content-Length", body.Length.ToString(CultureInfo.InvariantCulture)));
        }

        return ExchangeAsync(method, With(RawClient.Lines(method, target, headers), envelope ?? Envelope(), "node"), body is null ? null : Encoding.Latin1.GetBytes(body));
    }

    /// <summary>Sends a head as it is.</summary>
    public Task<RawResponse> ExchangeAsync(string method, string head, byte[]? body) => new RawClient(Endpoint).ExchangeAsync(method, head, body);

    /// <summary>A head with the lines of an accelerator before those of its client.</summary>
    public static string With(string head, string envelope, string call)
    {
        int at = head.IndexOf("\r\n", StringComparison.Ordinal) + 2;
        return head[..at] + $"{AcceleratorHeaders.Accelerator}: {envelope}\r\n{AcceleratorHeaders.Call}: {call}\r\n" + head[at..];
    }

    /// <summary>A request of a client of the S3 listener.</summary>
    public Task<RawResponse> DirectAsync(string method, string target, IEnumerable<(string Name, string Value)>? headers = null, byte[]? body = null) =>
        new RawClient(Direct).SendAsync(method, target, headers, body, signer: Signer());

    public async Task<Bucket> BucketAsync(string name = "bucket")
    {
        if (await Objects.Buckets.FindAsync(StoreFixture.Name(name), Token) is { } found)
        {
            return found;
        }

        (await DirectAsync("PUT", $"/{name}")).Expect(200);
        return (await Objects.Buckets.FindAsync(StoreFixture.Name(name), Token))!;
    }

    public async Task PutAsync(string target, byte[] body)
    {
        await BucketAsync();
        (await DirectAsync("PUT", target, null, body)).Expect(200);
    }

    /// <summary>The plan that a GET is answered with.</summary>
    public async Task<ReadPlan> PlanAsync(string target, params (string Name, string Value)[] headers) => PlanOf(await SendAsync(Resolve, "GET", target, headers));

    public static ReadPlan PlanOf(RawResponse answer)
    {
        Assert.True(answer.Status is 200 or 206, answer.Text);
        Assert.Equal("1", answer[AcceleratorHeaders.Plan]);
        Assert.Equal(PlanStatus.Valid, ReadPlan.TryDecode(answer.Body, out ReadPlan? plan));
        return plan!;
    }

    /// <summary>Reads all that a plan says, and its continuations, block by block.</summary>
    public async Task<byte[]> ReadAsync(ReadPlan plan, Action<ReadPlan>? met = null)
    {
        var bytes = new MemoryStream();
        while (true)
        {
            met?.Invoke(plan);
            foreach (PlannedExtent extent in plan.Extents)
            {
                for (long at = extent.From; at < extent.To;)
                {
                    int length = (int)Math.Min(BlockFrames.MaxRun, extent.To - at);
                    bytes.Write(Unframed((await BlocksAsync(extent.Blob, at, length, extent.Capability)).Expect(200).Body, at, length));
                    at += length;
                }
            }

            if (plan.Next is not { } next)
            {
                return bytes.ToArray();
            }

            Assert.Equal(PlanStatus.Valid, ReadPlan.TryDecode((await NodeAsync("POST", AcceleratorPaths.Continue, next)).Expect(200).Body, out ReadPlan? further));
            Assert.Equal(plan.Start + plan.Length, further!.Start);
            plan = further;
        }
    }

    public Task<RawResponse> BlocksAsync(BlobId blob, long start, int length, string capability, string? envelope = null) =>
        NodeAsync("GET", new BlockRequest(blob, start, length).Path, capability: capability, envelope: envelope);

    /// <summary>The bytes of blocks, each compared with its checksum.</summary>
    public static byte[] Unframed(byte[] stream, long start, int length)
    {
        Assert.Equal(BlockFrames.StreamLength(start, length), stream.Length);
        var bytes = new MemoryStream();
        int read = 0;
        for (long at = start; at < start + length;)
        {
            int size = BlockFrames.LengthAt(at, start + length);
            ulong checksum = BlockFrames.ReadChecksum(stream.AsSpan(read));
            ReadOnlySpan<byte> block = stream.AsSpan(read + BlockFrames.ChecksumSize, size);
            Assert.Equal(Crc.Crc64Nvme.Of(block), checksum);
            bytes.Write(block);
            read += BlockFrames.ChecksumSize + size;
            at += size;
        }

        return bytes.ToArray();
    }

    /// <summary>What the server keeps of the request with an answer.</summary>
    public Task<FinishedRequest> KeptAsync(RawResponse answer) => _ended.Of(answer["x-amz-request-id"]!).Task.WaitAsync(TimeSpan.FromSeconds(60), Token);

    /// <summary>The next request for an operation that ends after this call: one whose id no answer has.</summary>
    public Task<FinishedRequest> NextOfAsync(string operation) => _ended.NextOf(operation).WaitAsync(TimeSpan.FromSeconds(60), Token);

    public ValueTask DisposeAsync() => Inner.DisposeAsync();

    /// <summary>Requests as they end, which may be after their answers have come.</summary>
    private sealed class Ended : IFinishedRequestSink
    {
        private readonly ConcurrentDictionary<string, TaskCompletionSource<FinishedRequest>> _requests = new();

        public TaskCompletionSource<FinishedRequest> Of(string id) => _requests.GetOrAdd(id, static _ => new TaskCompletionSource<FinishedRequest>(TaskCreationOptions.RunContinuationsAsynchronously));

        private readonly ConcurrentDictionary<string, TaskCompletionSource<FinishedRequest>> _next = new();

        public Task<FinishedRequest> NextOf(string operation) => (_next[operation] = new TaskCompletionSource<FinishedRequest>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

        public void Add(FinishedRequest request)
        {
            Of(request.RequestId!).TrySetResult(request);
            if (request.Operation is { } operation && _next.TryGetValue(operation, out TaskCompletionSource<FinishedRequest>? next))
            {
                next.TrySetResult(request);
            }
        }

        public bool ReadsHttp(FinishedRequest request) => true;
    }
}
