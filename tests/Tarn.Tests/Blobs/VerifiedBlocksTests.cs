using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Model;

namespace Tarn.Tests.Blobs;

public sealed class VerifiedBlocksTests
{
    private static readonly BlobId Id = Named(1);

    private readonly FakeTimeProvider _clock = new();
    private readonly VerifiedBlocks _verified;

    public VerifiedBlocksTests() => _verified = new VerifiedBlocks(_clock, maxWords: 100);

    [Fact]
    public void Blocks_are_remembered_one_by_one_and_forgotten_together()
    {
        Add(Id, 3, 5);
        Add(Id, 64, 200);
        Assert.True(_verified.Contains(Id, Stamp, 3, 5));
        Assert.True(_verified.Contains(Id, Stamp, 4, 4));
        Assert.True(_verified.Contains(Id, Stamp, 64, 200));
        Assert.False(_verified.Contains(Id, Stamp, 2, 3));
        Assert.False(_verified.Contains(Id, Stamp, 5, 6));
        Assert.False(_verified.Contains(Id, Stamp, 63, 64));
        Assert.False(_verified.Contains(Named(2), Stamp, 3, 3));
        Assert.Equal(Trailer(Id), _verified.Find(Id, Stamp));
        _verified.Remove(Id);
        Assert.False(_verified.Contains(Id, Stamp, 3, 5));
        Assert.Null(_verified.Find(Id, Stamp));
    }

    [Fact]
    public void A_block_is_trusted_for_one_lifetime_and_for_no_more_than_two()
    {
        // Whenever in a generation a block is verified, and however often the registry is asked.
        for (int seconds = 0; seconds < 300; seconds += 7)
        {
            var verified = new VerifiedBlocks(_clock);
            verified.Add(verified.Begin(Named(9), Stamp, Trailer(Named(9))), 0, 0);
            _clock.Advance(TimeSpan.FromSeconds(seconds));
            Assert.True(verified.Contains(Named(9), Stamp, 0, 0));
            verified.Add(verified.Begin(Id, Stamp, Trailer(Id)), 0, 0);
            int trusted = 0;
            while (verified.Contains(Id, Stamp, 0, 0))
            {
                _clock.Advance(TimeSpan.FromSeconds(11));
                trusted += 11;
            }

            Assert.InRange(trusted, 300, 600 + 11);
        }
    }

    [Theory]
    [InlineData(599, true)]
    [InlineData(601, false)]
    public void A_registry_that_nobody_asks_grows_old_all_the_same(int seconds, bool trusted)
    {
        Add(Id, 0, 0);
        _clock.Advance(TimeSpan.FromSeconds(seconds));
        Assert.Equal(trusted, _verified.Contains(Id, Stamp, 0, 0));
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.False(_verified.Contains(Id, Stamp, 0, 0));
    }

    [Fact]
    public void A_block_verified_again_is_trusted_anew()
    {
        Add(Id, 0, 0);
        _clock.Advance(TimeSpan.FromSeconds(400));
        Assert.True(_verified.Contains(Id, Stamp, 0, 0));
        Add(Id, 0, 0);
        _clock.Advance(TimeSpan.FromSeconds(400));
        Assert.True(_verified.Contains(Id, Stamp, 0, 0));
    }

    [Fact]
    public void Forgetting_holds_for_both_generations()
    {
        Add(Id, 0, 0);
        _clock.Advance(TimeSpan.FromSeconds(301));
        Assert.True(_verified.Contains(Id, Stamp, 0, 0));
        Add(Id, 1, 1);
        Assert.True(_verified.Contains(Id, Stamp, 0, 1));
        _verified.Remove(Id);
        Assert.False(_verified.Contains(Id, Stamp, 0, 0));
        Assert.False(_verified.Contains(Id, Stamp, 1, 1));
    }

    [Fact]
    public void The_room_is_limited_and_the_latest_stay()
    {
        // Each blob takes 4 words, so a generation holds 25 of them.
        for (ulong i = 0; i < 1000; i++)
        {
            Add(Named(i), 0, 255);
        }

        int known = Enumerable.Range(0, 1000).Count(i => _verified.Contains(Named((ulong)i), Stamp, 0, 255));
        Assert.InRange(known, 25, 52);
        Assert.True(_verified.Contains(Named(999), Stamp, 0, 255));
    }

    [Fact]
    public void Blocks_of_another_file_or_of_one_that_was_changed_are_not_trusted()
    {
        foreach (BlobStamp other in new BlobStamp[]
        {
            Stamp with { Volume = 9 }, Stamp with { Number = 9 }, Stamp with { Changed = 9 }, Stamp with { TailNumber = 9 }, Stamp with { TailChanged = 9 },
        })
        {
            Add(Id, 0, 5);
            Assert.False(_verified.Contains(Id, other, 0, 0));
            Assert.Null(_verified.Find(Id, other));
            Assert.False(_verified.Contains(Id, Stamp, 0, 0));
            Add(Id, 0, 5);
            _verified.Add(_verified.Begin(Id, other, Trailer(Id)), 7, 7);
            Assert.False(_verified.Contains(Id, Stamp, 0, 0));
            Assert.True(_verified.Contains(Id, other, 7, 7));
            _clock.Advance(TimeSpan.FromSeconds(301));
            Add(Id, 1, 1);
            Assert.False(_verified.Contains(Id, Stamp, 7, 7));
        }
    }

    [Fact]
    public void What_was_read_before_the_blob_was_forgotten_is_not_remembered_after_it()
    {
        VerifiedBlocks.Entry reading = _verified.Begin(Id, Stamp, Trailer(Id));
        _verified.Remove(Id);
        _verified.Add(reading, 0, 5);
        Assert.False(_verified.Contains(Id, Stamp, 0, 0));
        Add(Id, 1, 1);
        Assert.False(_verified.Contains(Id, Stamp, 0, 1));
    }

    private static BlobStamp Stamp => new(1, 2, 3, 4, 5);

    private void Add(BlobId id, long first, long last) => _verified.Add(_verified.Begin(id, Stamp, Trailer(id)), first, last);

    private static BlobId Named(ulong number) => new(new Id128(number, number));

    private static BlobTrailer Trailer(BlobId id) => new(id, 256L * BlobLayout.BlockSize, 0, BlobLayout.BlockSizeLog2, 0, 0);
}
