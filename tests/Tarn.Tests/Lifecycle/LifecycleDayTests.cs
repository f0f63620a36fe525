using Tarn.Core.Lifecycle;

namespace Tarn.Tests.Lifecycle;

public class LifecycleDayTests
{
    /// <summary>The first row is the example of the Amazon S3 User Guide, "Understanding object expiration".</summary>
    [Theory]
    [InlineData("2014-01-15T10:30:00Z", 3, "2014-01-19T00:00:00Z")]
    [InlineData("2014-01-15T00:00:00Z", 3, "2014-01-19T00:00:00Z")]
    [InlineData("2014-01-15T23:59:59Z", 1, "2014-01-17T00:00:00Z")]
    [InlineData("2012-02-28T12:00:00Z", 1, "2012-03-01T00:00:00Z")]
    [InlineData("2014-01-15T23:30:00-05:00", 1, "2014-01-18T00:00:00Z")]
    [InlineData("1969-12-30T12:00:00Z", 1, "1970-01-01T00:00:00Z")]
    public void Rounds_up_to_midnight(string time, int days, string due) =>
        Assert.Equal(DateTimeOffset.Parse(due, null), LifecycleDay.Real.After(DateTimeOffset.Parse(time, null), days));

    [Fact]
    public void Short_days_begin_at_their_multiples()
    {
        var day = new LifecycleDay(TimeSpan.FromSeconds(10));
        DateTimeOffset At(double seconds) => DateTimeOffset.UnixEpoch.AddSeconds(seconds);
        Assert.Equal(At(30), day.After(At(11), 1));
        Assert.Equal(At(40), day.After(At(20), 1));
        Assert.Equal((1, 1, 2, -1), (day.Number(At(10)), day.Number(At(19.9)), day.Number(At(20)), day.Number(At(-0.1))));
    }

    [Fact]
    public void The_end_of_time_is_never_reached() =>
        Assert.Equal(DateTimeOffset.MaxValue, LifecycleDay.Real.After(DateTimeOffset.UnixEpoch, int.MaxValue));
}
