using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;

namespace Tarn.S3.Auth.Bodies;

/// <summary>
/// The transport under an upload body: waits for bytes no longer than the stall timeout, nor for fewer than a slow line brings,
/// and turns every way in which a connection fails into the refusal that S3 gives for it.
/// </summary>
internal sealed class BodyPipe(PipeReader reader, TimeProvider time, TimeSpan stallTimeout)
{
    /// <summary>
    /// Bytes per second that an upload must bring, on average over each minute spent waiting for it. A client that sends one byte
    /// before each stall timeout would otherwise hold its connection for ever. Time in which the server itself is slow does not count.
    /// </summary>
    public const int MinimumRate = 1024;

    /// <summary>How long an upload is waited for before its rate is looked at, again and again.</summary>
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

    /// <summary>What has arrived; completed when nothing more will.</summary>
    /// <exception cref="S3Exception">RequestTimeout, IncompleteBody, EntityTooLarge.</exception>
    public ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Bytes that are there already need no timer: the common case while a fast client uploads.
            return reader.TryRead(out var ready) ? new(Take(ready)) : WaitAsync(cancellationToken);
        }
        catch (Exception failure) when (Translate(failure, cancellationToken) is { } refusal)
        {
            throw refusal;
        }
    }

    public void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _left = _lent.IsEmpty ? 0 : _lent.Slice(consumed).Length;
        _lent = default;
        _reading = false;
        reader.AdvanceTo(consumed, examined);
    }

    /// <summary>
    /// Ends a read that is still open and drops what it brought. Kestrel cannot drain the rest of a body while it is being read, and
    /// reports that as an error of its own.
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

        // What was looked at and left in the pipe comes again.
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

    /// <summary>The refusal for a failure of the transport; null for anything else, the caller's own cancellation included.</summary>
    private static S3Exception? Translate(Exception failure, CancellationToken cancellationToken) => failure switch
    {
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } => new(S3Error.RequestTimeout, inner: failure),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => new(S3Error.EntityTooLarge, inner: failure),
        IOException => new(S3Error.IncompleteBody, inner: failure),
        OperationCanceledException when !cancellationToken.IsCancellationRequested => new(S3Error.IncompleteBody, inner: failure),
        _ => null,
    };
}
