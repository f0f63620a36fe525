using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.Core.Telemetry;

namespace Tarn.S3.Auth.Bodies;

/// <summary>
/// The transport under an upload body: enforces the stall timeout and a minimum rate,
/// and turns every failure of the connection into the error that S3 has for it.
/// </summary>
/// <param name="reader">The body as it arrives.</param>
/// <param name="time">The clock.</param>
/// <param name="stallTimeout">Longest wait for the next byte.</param>
public sealed class BodyPipe(PipeReader reader, TimeProvider time, TimeSpan stallTimeout)
{
    /// <summary>
    /// The minimum rate of an upload in bytes per second, averaged over each minute spent waiting for it. A client that sends one byte
    /// before each stall timeout would otherwise hold its connection forever. Time in which the server itself is slow does not count.
    /// </summary>
    public const int MinimumRate = 1024;

    /// <summary>How much time must be spent waiting before the rate is checked; the next check starts from zero.</summary>
    public static readonly TimeSpan RateWindow = TimeSpan.FromMinutes(1);

    private ITimer? _timer;
    private bool _stalled;
    private ReadOnlySequence<byte> _lent;
    private bool _reading;
    private long _left;
    private long _arrived;
    private TimeSpan _waited;

    /// <summary>Bytes that have arrived so far.</summary>
    public long Received { get; private set; }

    /// <summary>Reads what has arrived; completed at the end of the body.</summary>
    /// <exception cref="S3Exception">RequestTimeout, IncompleteBody, EntityTooLarge.</exception>
    public ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Bytes that have already arrived need no timer: the common case with a fast client.
            return reader.TryRead(out var ready) ? new(Take(ready)) : WaitAsync(cancellationToken);
        }
        catch (Exception failure) when (Translate(failure, cancellationToken) is { } refusal)
        {
            throw refusal;
        }
    }

    /// <summary>Marks what was read last as consumed up to a position.</summary>
    public void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <summary>Marks what was read last as consumed up to a position, and as examined up to another.</summary>
    public void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _left = _lent.IsEmpty ? 0 : _lent.Slice(consumed).Length;
        _lent = default;
        _reading = false;
        reader.AdvanceTo(consumed, examined);
    }

    /// <summary>
    /// Ends a read that is still open and discards its result. Kestrel cannot drain the rest of a body while it is being read, and
    /// reports that as an error.
    /// </summary>
    public void Abandon()
    {
        if (_reading)
        {
            AdvanceTo(_lent.End);
        }
    }

    private async ValueTask<ReadResult> WaitAsync(CancellationToken cancellationToken)
    {
        _timer ??= time.CreateTimer(static state => ((BodyPipe)state!).Stall(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(stallTimeout, Timeout.InfiniteTimeSpan);
        var started = time.GetTimestamp();
        using StageTimer timer = RequestTimes.Measure(RequestStage.Receive, "receive");
        try
        {
            var result = Take(await reader.ReadAsync(cancellationToken).ConfigureAwait(false));
            ThrowIfTooSlow(time.GetElapsedTime(started), result.IsCompleted);
            return result;
        }
        catch (Exception failure) when (Translate(failure, cancellationToken) is { } refusal)
        {
            throw refusal;
        }
        finally
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private void Stall()
    {
        Volatile.Write(ref _stalled, true);
        reader.CancelPendingRead();
    }

    private ReadResult Take(ReadResult result)
    {
        _lent = result.Buffer;
        _reading = true;
        if (result.IsCanceled && Volatile.Read(ref _stalled))
        {
            throw new S3Exception(S3Error.RequestTimeout);
        }

        // What was examined but not consumed is returned again.
        long arrived = result.Buffer.Length - _left;
        _arrived += arrived;
        Received += arrived;
        return result;
    }

    private void ThrowIfTooSlow(TimeSpan waited, bool ended)
    {
        _waited += waited;
        if (_waited < RateWindow || ended)
        {
            return;
        }

        if (_arrived < _waited.TotalSeconds * MinimumRate)
        {
            throw new S3Exception(S3Error.RequestTimeout);
        }

        _waited = default;
        _arrived = 0;
    }

    /// <summary>The refusal for a transport failure; null for anything else, including the caller's own cancellation.</summary>
    private static S3Exception? Translate(Exception failure, CancellationToken cancellationToken) => failure switch
    {
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } => new(S3Error.RequestTimeout, inner: failure),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => new(S3Error.EntityTooLarge, inner: failure),
        IOException => new(S3Error.IncompleteBody, inner: failure),
        OperationCanceledException when !cancellationToken.IsCancellationRequested => new(S3Error.IncompleteBody, inner: failure),
        _ => null,
    };
}
