using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;

namespace Tarn.S3.Auth.Bodies;

/// <summary>
/// The transport under an upload body: waits for bytes no longer than the stall timeout and turns every way in which a
/// connection fails into the refusal that S3 gives for it.
/// </summary>
internal sealed class BodyPipe(PipeReader reader, TimeProvider time, TimeSpan stallTimeout)
{
    private ITimer? _timer;
    private bool _stalled;

    /// <summary>What has arrived; completed when nothing more will.</summary>
    public ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Bytes that are there already need no timer: the common case while a fast client uploads.
            return reader.TryRead(out var ready) ? new(InTime(ready)) : WaitAsync(cancellationToken);
        }
        catch (Exception failure) when (Translate(failure, cancellationToken) is { } refusal)
        {
            throw refusal;
        }
    }

    public void AdvanceTo(SequencePosition consumed) => reader.AdvanceTo(consumed);

    public void AdvanceTo(SequencePosition consumed, SequencePosition examined) => reader.AdvanceTo(consumed, examined);

    private async ValueTask<ReadResult> WaitAsync(CancellationToken cancellationToken)
    {
        _timer ??= time.CreateTimer(static state => ((BodyPipe)state!).Stall(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(stallTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            return InTime(await reader.ReadAsync(cancellationToken).ConfigureAwait(false));
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

    private ReadResult InTime(ReadResult result) => result.IsCanceled && Volatile.Read(ref _stalled)
        ? throw new S3Exception(S3Error.RequestTimeout)
        : result;

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
