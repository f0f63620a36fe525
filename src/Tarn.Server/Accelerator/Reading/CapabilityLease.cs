using System.Text;
using Tarn.Core.Acceleration;
using Tarn.Server.Accelerator.Registration;
using Tarn.Server.Accelerator.Upstream;

namespace Tarn.Server.Accelerator.Reading;

/// <summary>
/// The capabilities of a plan, renewed while a download goes on. That needs the upstream, and asks no policy: a download that has begun may finish. Meanwhile the blobs are
/// held against reclaim.
/// </summary>
internal sealed class CapabilityLease : IAsyncDisposable
{
    /// <summary>How long after a failed renewal it is tried again.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>The longest time between two renewals: half of what a capability lives.</summary>
    private static readonly TimeSpan Longest = BlobCapability.MaxLife / 2;

    private readonly NodeClient _node;
    private readonly ZoneState _zone;
    private readonly CancellationTokenSource _ended = new();
    private readonly string[] _capabilities;
    private readonly ITimer _timer;
    private Task _renewing = Task.CompletedTask;

    /// <param name="plan">The plan.</param>
    /// <param name="node">Sends the renewals.</param>
    /// <param name="zone">Knows the server's time.</param>
    /// <param name="time">The clock.</param>
    public CapabilityLease(ReadPlan plan, NodeClient node, ZoneState zone, TimeProvider time)
    {
        (_node, _zone) = (node, zone);
        _capabilities = [.. plan.Extents.Select(static extent => extent.Capability)];
        TimeSpan left = DateTimeOffset.FromUnixTimeMilliseconds(plan.Expires) - zone.ServerTime;
        _timer = time.CreateTimer(static lease => ((CapabilityLease)lease!).Renew(), this, Within(left / 2), Timeout.InfiniteTimeSpan);
    }

    /// <summary>The capability of an extent, as it is now; null if the blob is gone.</summary>
    public string? this[int extent] => Volatile.Read(ref _capabilities[extent]);

    /// <summary>The renewal that is going on, or the last one.</summary>
    internal Task Renewing => _renewing;

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        await _ended.CancelAsync();
        await _renewing;
        _ended.Dispose();
    }

    private static TimeSpan Within(TimeSpan wanted) => wanted < TimeSpan.Zero ? TimeSpan.Zero : wanted > Longest ? Longest : wanted;

    private void Renew()
    {
        if (!_ended.IsCancellationRequested)
        {
            _renewing = RenewAsync();
        }
    }

    private async Task RenewAsync()
    {
        TimeSpan next = Pause;
        try
        {
            for (int from = 0; from < _capabilities.Length; from += AcceleratorPaths.MaxRenewals)
            {
                await RenewAsync(from, Math.Min(_capabilities.Length, from + AcceleratorPaths.MaxRenewals));
            }

            next = Longest;
        }
        catch (UpstreamException)
        {
            // Reads go on with what is still valid, and it is tried again.
        }
        catch (OperationCanceledException)
        {
            return;
        }

        try
        {
            _timer.Change(next, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The download has ended meanwhile.
        }
    }

    private async Task RenewAsync(int from, int to)
    {
        int[] left = [.. Enumerable.Range(from, to - from).Where(i => _capabilities[i] is not null)];
        if (left.Length == 0)
        {
            return;
        }

        string text = string.Join('\n', left.Select(i => _capabilities[i]));
        byte[] answer = await _node.PostAsync(AcceleratorPaths.Renew, Encoding.ASCII.GetBytes(text), (BlobCapability.MaxTextLength + 2) * left.Length, _ended.Token);
        string[] renewed = Encoding.ASCII.GetString(answer).TrimEnd('\n').Split('\n');
        if (renewed.Length != left.Length)
        {
            throw new UpstreamException("The upstream renewed another number of capabilities than it was asked for.");
        }

        for (int i = 0; i < left.Length; i++)
        {
            Volatile.Write(ref _capabilities[left[i]], renewed[i] == AcceleratorPaths.Gone ? null! : renewed[i].TrimEnd('\r'));
        }
    }
}
