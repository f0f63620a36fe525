using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Tarn.Core.KeyValue;
using Tarn.Server.Background;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
using Tarn.TestKit.Stores;

namespace Tarn.Tests.Hosting;

/// <summary>In which order a server ends: requests, background work, engines.</summary>
public sealed class ShutdownTests
{
    private readonly ConcurrentQueue<string> _events = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Engines_close_when_requests_are_answered_and_work_has_ended()
    {
        var work = new Work(_events);
        var reached = new TaskCompletionSource();
        var proceed = new TaskCompletionSource();
        var rows = new HookedKeyValueStore(new MemoryKeyValueStore());
        InProcessServer server = await InProcessServer.StartAsync(
            new InProcessSetup
            {
                Metadata = new ClosingStore(rows, _events),
                More = builder => builder.Services.AddHostedService(_ => work),
            },
            Token);
        using var client = new RawS3Client(new TarnEndpoint(new Uri(server.S3Url + "/"), InProcessServer.RootAccessKey, InProcessServer.RootSecretKey));
        await client.CreateBucketAsync("bucket");
        rows.BeforeCommit = async _ =>
        {
            reached.SetResult();
            await proceed.Task;
            _events.Enqueue("commit");
        };
        Task<RawS3Response> put = client.PutAsync("bucket", "key", "content"u8.ToArray());
        await reached.Task.WaitAsync(Token);
        await work.Begun.WaitAsync(Token);

        // As a signal does it: the host stops, then everything is disposed of in the reverse order of its making.
        var stopping = new TaskCompletionSource();
        server.Get<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
        Task ended = EndAsync(server);
        await stopping.Task.WaitAsync(Token);
        Assert.Empty(_events);
        Assert.False(ended.IsCompleted);
        proceed.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await put).Status);
        await ended.WaitAsync(Token);
        Assert.Equal(["commit", "work", "closed"], _events);
    }

    private static async Task EndAsync(InProcessServer server)
    {
        await server.Host.WaitForShutdownAsync(new CancellationToken(canceled: true));
        await server.DisposeAsync();
    }

    private sealed class Work(ConcurrentQueue<string> events) : BackgroundWork(NullLogger.Instance)
    {
        private readonly TaskCompletionSource _begun = new();

        public Task Begun => _begun.Task;

        protected override async Task RunAsync(CancellationToken stopping)
        {
            _begun.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, stopping);
            }
            finally
            {
                // Later than a caller that did not wait would have continued.
                await Task.Yield();
                events.Enqueue("work");
            }
        }

        protected override void LogFailed(Exception e) => throw new InvalidOperationException("It does not fail.", e);
    }

    private sealed class ClosingStore(IKeyValueStore inner, ConcurrentQueue<string> events) : IKeyValueStore
    {
        public ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken) => inner.GetAsync(keys, cancellationToken);

        public ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken) => inner.GetAsync(key, cancellationToken);

        public ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken) =>
            inner.ScanAsync(from, to, limit, reverse, cancellationToken);

        public ValueTask<IKeyValueSnapshot> OpenSnapshotAsync(CancellationToken cancellationToken) => inner.OpenSnapshotAsync(cancellationToken);

        public ValueTask<bool> CommitAsync(KeyValueBatch batch, CancellationToken cancellationToken) => inner.CommitAsync(batch, cancellationToken);

        public ValueTask DisposeAsync()
        {
            events.Enqueue("closed");
            return inner.DisposeAsync();
        }
    }
}
