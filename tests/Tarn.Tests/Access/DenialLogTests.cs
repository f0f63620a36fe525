using Tarn.S3.Access;

namespace Tarn.Tests.Access;

public sealed class DenialLogTests
{
    [Fact]
    public void The_oldest_gives_way_and_the_first_of_a_request_stays()
    {
        var log = new DenialLog(2);
        log.Add(Of("1", "first"));
        log.Add(Of("1", "second"));
        log.Add(Of("2", "x"));
        Assert.True(log.TryFind("1", out Denial? found));
        Assert.Equal("first", found.Reason);
        log.Add(Of("3", "x"));
        Assert.False(log.TryFind("1", out _));
        Assert.Equal(["3", "2"], log.List().Select(denial => denial.RequestId));
    }

    private static Denial Of(string id, string reason) => new(id, default, DenialKind.Other, reason);
}
