using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.S3.Requests;
using Tarn.Server.Configuration;
using Tarn.Server.Connections;
using Tarn.Tests.Server;

namespace Tarn.Tests.Connections;

public sealed class CapacityTests
{
    [Theory]
    [InlineData(700, 87, 110, 36)]
    [InlineData(1024, 128, 216, 72)]
    [InlineData(65536, 512, 32096, 256)]
    [InlineData(long.MaxValue, 512, 523616, 256)]
    public void Descriptors_are_shared_out_with_two_for_each_connection(long limit, int metadata, int s3, int control)
    {
        DescriptorBudget budget = DescriptorBudget.Of(limit);
        Assert.Equal((metadata, s3, control), (budget.MetadataFiles, budget.S3Connections, budget.ControlConnections));
        Assert.True(budget.Limit - metadata - (2 * (s3 + control)) >= 256 + 64);
        Assert.Equal(limit < 4096, budget.IsLow);
        Assert.Throws<StartupException>(() => DescriptorBudget.Of(400));
    }

    [Fact]
    public async Task A_request_without_room_waits_for_another_to_end()
    {
        using var budget = new RequestBudget("test", 2, 2 << 20, TimeProvider.System);
        Assert.True(budget.TryEnter(1 << 20));
        Assert.True(budget.TryEnter(1 << 20));
        Assert.False(budget.TryEnter(0));
        Task<bool> first = budget.WaitAsync(1 << 20, CancellationToken.None).AsTask();
        Task<bool> second = budget.WaitAsync(1 << 20, CancellationToken.None).AsTask();
        Assert.False(first.IsCompleted);
        budget.Leave(1 << 20);
        Assert.True(await await Task.WhenAny(first, second));
        budget.Leave(1 << 20);
        Assert.True(await first && await second);
    }

    [Fact]
    public async Task A_request_whose_client_leaves_gives_up_its_place()
    {
        using var budget = new RequestBudget("test", 1, 1 << 20, TimeProvider.System);
        Assert.True(budget.TryEnter(1));
        using var gone = new CancellationTokenSource();
        Task<bool> waiting = budget.WaitAsync(1, gone.Token).AsTask();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        budget.Leave(1);
        Assert.True(budget.TryEnter(1));
    }

    [Fact]
    public async Task Room_that_is_offered_to_a_request_whose_client_leaves_goes_to_the_next()
    {
        for (int round = 0; round < 30_000; round++)
        {
            using var budget = new RequestBudget("test", 1, 1 << 20, TimeProvider.System);
            Assert.True(budget.TryEnter(1));
            using var gone = new CancellationTokenSource();
            Task<bool> leaving = budget.WaitAsync(1, gone.Token).AsTask();
            Task<bool> next = budget.WaitAsync(1, CancellationToken.None).AsTask();
            await Task.WhenAll(Task.Run(gone.Cancel, TestContext.Current.CancellationToken), Task.Run(() => budget.Leave(1), TestContext.Current.CancellationToken));
            try
            {
                if (await leaving)
                {
                    budget.Leave(1);
                }
            }
            catch (OperationCanceledException)
            {
                // The other of two possible outcomes.
            }

            Assert.True(await next, $"round {round}");
        }
    }

    [Fact]
    public void A_lack_of_descriptors_is_SlowDown_wherever_it_comes_from()
    {
        Exception[] shortages =
        [
            new IOException("open", 24), new IOException("open", 23), new IOException("x", new System.ComponentModel.Win32Exception(24)),
            new System.Net.Sockets.SocketException(24), new InvalidOperationException("x", new IOException("open", 24)),
        ];
        Assert.All(shortages, e =>
        {
            S3Exception refusal = Refusal.Of(e);
            Assert.Equal(S3Error.SlowDown, refusal.Error);
            Assert.Contains(new("Retry-After", "1"), refusal.Headers);
        });
        Assert.Equal(S3Error.InternalError, Refusal.Of(new IOException("other", 5)).Error);
    }

    [Theory]
    [InlineData("--max-connections", "0")]
    [InlineData("--max-connections", "many")]
    [InlineData("--request-memory", "-1")]
    [InlineData("--drain-delay", "3601")]
    [InlineData("--s3-health-path", "health")]
    [InlineData("--s3-health-path", "/")]
    [InlineData("--s3-health-path", "/a/")]
    [InlineData("--s3-health-path", "/a?b")]
    public void Settings_that_are_wrong_are_refused(string flag, string value) =>
        Assert.Contains(value, Bound.Refusal(new() { [flag] = [value] }), StringComparison.Ordinal);

    [Fact]
    public void Settings_are_bound()
    {
        ServerOptions options = Bound.From(new()
        {
            ["--max-connections"] = ["50"], ["--request-memory"] = ["16"], ["--drain-delay"] = ["7"], ["--s3-health-path"] = ["/minio/health"],
        });
        Assert.Equal((50, 16L << 20, TimeSpan.FromSeconds(7), "/minio/health"), (options.MaxConnections, options.RequestMemory, options.DrainDelay, options.S3HealthPath));
        ServerOptions defaults = Bound.From();
        Assert.Equal((null, null, TimeSpan.Zero, null), (defaults.MaxConnections, defaults.RequestMemory, defaults.DrainDelay, defaults.S3HealthPath));
    }

    [Fact]
    public void A_body_is_counted_by_its_length_up_to_what_it_can_pin()
    {
        using var budget = new RequestBudget("test", 1, 100 << 20, TimeProvider.System);
        var http = new DefaultHttpContext();
        long none = budget.CostOf(http);
        http.Request.ContentLength = 1000;
        Assert.Equal(none + 1000, budget.CostOf(http));
        http.Request.ContentLength = 5L << 30;
        Assert.Equal(none + (1536 << 10), budget.CostOf(http));
        using var small = new RequestBudget("test", 1, 1 << 10, TimeProvider.System);
        Assert.Equal(1 << 10, small.CostOf(http));
    }
}
