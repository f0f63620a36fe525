using Tarn.Core.KeyValue;
using Tarn.Server.Background;
using Tarn.TestKit.Hosting;
using Tarn.Tests.Sharing;

namespace Tarn.Tests.Hosting;

public sealed class BackgroundWorkTests : IDisposable
{
    private readonly KeptLog _log = new("x");

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task What_goes_wrong_is_logged_and_the_work_goes_on()
    {
        await using var work = new Work(_log, (failed, _) =>
        {
            failed(new IOException("once"));
            failed(new IOException("twice"));
            return Task.CompletedTask;
        });
        await RunAsync(work);
        Assert.Equal(["failed: once", "failed: twice"], _log.Lines);
    }

    [Fact]
    public async Task A_failed_store_is_not_said_again()
    {
        await using var work = new Work(_log, (failed, _) =>
        {
            failed(new StoreFailedException("said when it failed"));
            return Task.CompletedTask;
        });
        await RunAsync(work);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task Work_that_ends_by_an_exception_is_logged_and_ends_nothing_else()
    {
        await using var work = new Work(_log, (_, _) => throw new InvalidOperationException("unforeseen"));
        await RunAsync(work);
        Assert.Equal("Work failed unexpectedly and stays stopped until the server is restarted", Assert.Single(_log.Lines));
    }

    [Fact]
    public async Task Work_that_is_stopped_stops_quietly_and_disposal_waits_for_it()
    {
        bool ended = false;
        var begun = new TaskCompletionSource();
        var work = new Work(_log, async (_, stopping) =>
        {
            begun.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, stopping);
            }
            finally
            {
                await Task.Yield();
                ended = true;
            }
        });
        await work.StartAsync(TestContext.Current.CancellationToken);
        await begun.Task.WaitAsync(TestContext.Current.CancellationToken);
        await work.DisposeAsync();
        Assert.True(ended);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task Everything_that_a_server_does_in_the_background_starts_and_stops_with_it()
    {
        await using InProcessServer server = await InProcessServer.StartAsync(new InProcessSetup { Background = true }, TestContext.Current.CancellationToken);
        Assert.Equal(
            ["AccessKeyUseService", "BackupService", "BucketCensusService", "BucketLogService", "DamageRecheckService", "DiskUploadSweepService", "JobService", "LifecycleService", "PolicyAuditService", "ReclaimService", "RecountService", "SampleService", "ScrubService", "ShareLinkSweepService", "TemporaryKeySweepService"],
            ((IEnumerable<Microsoft.Extensions.Hosting.IHostedService>)server.Services.GetService(typeof(IEnumerable<Microsoft.Extensions.Hosting.IHostedService>))!)
                .OfType<BackgroundWork>().Select(work => work.GetType().Name).Order(StringComparer.Ordinal));
    }

    private static async Task RunAsync(Work work)
    {
        await work.StartAsync(TestContext.Current.CancellationToken);
        await work.ExecuteTask!;
    }

    private sealed class Work(KeptLog log, Func<Action<Exception>, CancellationToken, Task> run) : BackgroundWork(log)
    {
        protected override Task RunAsync(CancellationToken stopping) => run(Failed, stopping);

        protected override void LogFailed(Exception e) => log.Lines.Enqueue("failed: " + e.Message);
    }
}
