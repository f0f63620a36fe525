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
            return reader.TryRead(out var ready) && !ready.IsCanceled ? new(ready) : WaitAsync(cancellationToken);
        }
        catch (BadHttpRequestException refused)
        {
            throw Translate(refused);
        }
        catch (IOException reset)
        {
            throw new S3Exception(S3Error.IncompleteBody, inner: reset);
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
            var result = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (result.IsCanceled && Volatile.Read(ref _stalled))
            {
                throw new S3Exception(S3Error.RequestTimeout);
            }

            return result;
        }
        catch (BadHttpRequestException refused)
        {
            throw Translate(refused);
        }
        catch (IOException reset)
        {
            throw new S3Exception(S3Error.IncompleteBody, inner: reset);
        }
        catch (OperationCanceledException aborted) when (!cancellationToken.IsCancellationRequested)
        {
            throw new S3Exception(S3Error.IncompleteBody, inner: aborted);
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

    private static S3Exception Translate(BadHttpRequestException refused) => refused.StatusCode switch
    {
        StatusCodes.Status408RequestTimeout => new S3Exception(S3Error.RequestTimeout, inner: refused),
        StatusCodes.Status413PayloadTooLarge => new S3Exception(S3Error.EntityTooLarge, inner: refused),
        _ => new S3Exception(S3Error.IncompleteBody, inner: refused),
    };
}
