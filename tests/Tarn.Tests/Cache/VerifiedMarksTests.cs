using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Cache;

namespace Tarn.Tests.Cache;

public sealed class VerifiedMarksTests
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private VerifiedMarks _marks;

    [Fact]
    public void Blocks_are_trusted_one_by_one_and_forgotten_together()
    {
        Add(1, 2);
        Add(15, 15);
        Assert.True(Has(1, 2));
        Assert.True(Has(15, 15));
        Assert.False(Has(0, 1));
        Assert.False(Has(2, 3));
        Assert.False(Has(0, 15));
        _marks.Forget();
        Assert.False(Has(1, 1));
        Add(0, 15);
        Assert.True(Has(0, 15));
    }

    [Fact]
    public void A_block_is_trusted_for_one_lifetime_and_for_no_more_than_two()
    {
        for (int seconds = 0; seconds < 300; seconds += 7)
        {
            _clock.Advance(TimeSpan.FromSeconds(307));
            Add(3, 3);
            _clock.Advance(VerifiedMarks.Lifetime - TimeSpan.FromSeconds(1));
            Assert.True(Has(3, 3));
            Add(4, 4);
            Assert.True(Has(3, 4));
            _clock.Advance(VerifiedMarks.Lifetime + TimeSpan.FromSeconds(1));
            Assert.False(Has(3, 3));
        }
    }

    [Fact]
    public void What_was_read_before_the_blocks_were_forgotten_is_not_trusted()
    {
        ulong begun = _marks.Begin();
        _marks.Forget();
        _marks.Add(begun, VerifiedMarks.Bits(0, 3), VerifiedMarks.Period(_clock));
        Assert.False(Has(0, 0));
    }

    private void Add(int first, int last) => _marks.Add(_marks.Begin(), VerifiedMarks.Bits(first, last), VerifiedMarks.Period(_clock));

    private bool Has(int first, int last) => _marks.Has(VerifiedMarks.Bits(first, last), VerifiedMarks.Period(_clock));
}
