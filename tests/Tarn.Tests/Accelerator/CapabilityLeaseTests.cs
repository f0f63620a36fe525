using System.Text;
using Microsoft.Extensions.Time.Testing;
using Tarn.Core;
using Tarn.Core.Acceleration;
using Tarn.Core.Blobs;
using Tarn.Core.Cache;
using Tarn.Server.Accelerator.Reading;
using Tarn.Server.Accelerator.Registration;
using Tarn.Server.Accelerator.Upstream;

namespace Tarn.Tests.Accelerator;

/// <summary>Capabilities of a download that goes on, and an upstream that renews them, or does not.</summary>
public sealed class CapabilityLeaseTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly List<string[]> _asked = [];
    private FakeUpstream _upstream = null!;
    private UpstreamPool _pool = null!;
    private NodeClient _node = null!;
    private Func<string[], (int Status, string Body)> _answer = static asked => (200, string.Join('\n', asked.Select(static capability => capability + "x")));

    public ValueTask InitializeAsync()
    {
        _upstream = new FakeUpstream(static exchange => exchange.AnswerAsync(500))
        {
            Node = async exchange =>
            {
                string[] asked = Encoding.ASCII.GetString(await exchange.ReadBodyAsync()).Split('\n');
                _asked.Add(asked);
                (int status, string body) = _answer(asked);
                await exchange.AnswerAsync(status, body);
            },
        };
        var address = UpstreamAddress.Of(_upstream.Url);
        _pool = new UpstreamPool(address, () => UpstreamPool.TlsOf(address, null), 4, _time);
        _node = new NodeClient(_pool, "x-tarn-accelerator: a\r\nx-tarn-call: node\r\n"u8.ToArray(), _time);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _pool.Dispose();
        await _upstream.DisposeAsync();
    }

    [Fact]
    public async Task A_blob_that_is_gone_is_asked_for_no_more_and_the_others_are_renewed()
    {
        _answer = static asked => (200, string.Join('\n', asked.Select(static capability => capability == "c1" ? AcceleratorPaths.Gone : capability + "x")) + "\n");
        await using CapabilityLease lease = LeaseOf(3);
        await PassAsync(lease, 151);
        Assert.Equal(["c0x", null, "c2x"], new[] { lease[0], lease[1], lease[2] });
        await PassAsync(lease, 151);
        Assert.Equal(["c0x", "c2x"], _asked[1]);
        await Assert.ThrowsAsync<FrameUnavailableException>(async () => await new UpstreamBlocks(_node, () => lease[1]).OpenAsync(new FrameKey(BlobId.Create(SystemRandomSource.Instance), 0, 1), CancellationToken.None));
        Assert.Equal(2, _upstream.Requests.Count);
    }

    [Theory]
    [InlineData(503, "")]
    [InlineData(200, "only-one")]
    [InlineData(200, "one\ntwo\nthree\nfour")]
    public async Task A_renewal_that_fails_changes_nothing_and_is_tried_again_soon(int status, string body)
    {
        Func<string[], (int Status, string Body)> renews = _answer;
        _answer = _ => (status, body);
        await using CapabilityLease lease = LeaseOf(3);
        await PassAsync(lease, 151);
        Assert.Equal(["c0", "c1", "c2"], new[] { lease[0], lease[1], lease[2] });
        _answer = renews;
        await PassAsync(lease, (int)CapabilityLease.Pause.TotalSeconds);
        Assert.Equal(["c0x", "c1x", "c2x"], new[] { lease[0], lease[1], lease[2] });
        Assert.Equal(2, _asked.Count);
    }

    [Fact]
    public async Task Many_are_renewed_in_several_requests()
    {
        await using CapabilityLease lease = LeaseOf(600);
        await PassAsync(lease, 151);
        Assert.Equal([256, 256, 88], _asked.Select(static asked => asked.Length));
        Assert.Equal(Enumerable.Range(0, 600).Select(static i => $"c{i}x"), Enumerable.Range(0, 600).Select(i => lease[i]));
    }

    [Fact]
    public async Task A_download_that_has_ended_renews_nothing()
    {
        await LeaseOf(1).DisposeAsync();
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Empty(_upstream.Requests);
    }

    private CapabilityLease LeaseOf(int extents) => new(
        new ReadPlan
        {
            Start = 0,
            Length = extents,
            Bucket = 7,
            Expires = _time.GetUtcNow().AddMinutes(5).ToUnixTimeMilliseconds(),
            Next = null,
            Extents = [.. Enumerable.Range(0, extents).Select(static i => new PlannedExtent { Blob = BlobId.Create(SystemRandomSource.Instance), Offset = 0, Length = 1, From = 0, To = 1, Encoding = PlannedExtent.Plain, Capability = $"c{i}" })],
        },
        _node,
        new ZoneState(_time),
        _time);

    private async Task PassAsync(CapabilityLease lease, int seconds)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        await lease.Renewing;
    }
}
