using Tarn.Core.Identity;
using Tarn.S3.Telemetry;
using Tarn.Server.Requests;

namespace Tarn.Tests.Requests;

public sealed class RequestWatchersTests
{
    [Fact]
    public void A_watcher_that_does_not_keep_up_loses_requests_and_learns_how_many()
    {
        var watchers = new RequestWatchers();
        using RequestWatcher slow = watchers.TryWatch("acme", new RequestFilter())!;
        using RequestWatcher quick = watchers.TryWatch("acme", new RequestFilter())!;
        int taken = 0;
        for (int i = 0; i < RequestWatcher.Capacity + 7; i++)
        {
            watchers.Add(Request(200));
            taken += quick.Requests.TryRead(out _) ? 1 : 0;
        }

        Assert.Equal((RequestWatcher.Capacity + 7, 0L), (taken, quick.TakeLost()));
        Assert.Equal(7, slow.TakeLost());
        Assert.Equal(0, slow.TakeLost());
        int kept = 0;
        while (slow.Requests.TryRead(out _))
        {
            kept++;
        }

        Assert.Equal(RequestWatcher.Capacity, kept);
    }

    [Fact]
    public void Their_number_is_bounded_in_all_and_for_each_organization()
    {
        var watchers = new RequestWatchers();
        var watching = new List<RequestWatcher?>();
        for (int organization = 0; organization < 10; organization++)
        {
            for (int i = 0; i < 10; i++)
            {
                watching.Add(watchers.TryWatch(organization.ToString(System.Globalization.CultureInfo.InvariantCulture), new RequestFilter()));
            }
        }

        Assert.Equal(RequestWatchers.MaxWatchers - RequestWatchers.Reserved, watching.Count(watcher => watcher is not null));
        using RequestWatcher? operators = watchers.TryWatch(Organizations.Root, new RequestFilter());
        Assert.NotNull(operators);
        Assert.Null(watchers.TryWatch(Organizations.Root, new RequestFilter()));
        Assert.Equal(RequestWatchers.MaxOfOne, watching.Take(10).Count(watcher => watcher is not null));
        watching[0]!.Dispose();
        watchers.Add(Request(200));
        Assert.Equal(0, watching[0]!.Requests.Count);
        Assert.Equal(1, watching[1]!.Requests.Count);
        operators.Dispose();
        Assert.NotNull(watchers.TryWatch("9", new RequestFilter()));
    }

    private static FinishedRequest Request(int status) => new() { Method = "GET", Started = default, Status = status, Total = TimeSpan.Zero, RequestId = "1" };
}
