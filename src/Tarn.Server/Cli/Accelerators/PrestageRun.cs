using System.Net;
using System.Threading.Channels;
using Tarn.Core.Acceleration;

namespace Tarn.Server.Cli.Accelerators;

/// <summary>What became of the objects that were to be staged.</summary>
internal sealed record PrestageResult
{
    /// <summary>Objects that the accelerator has taken on.</summary>
    public required long Objects { get; init; }

    /// <summary>Their bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Objects without bytes, of which there is nothing to stage.</summary>
    public required long Empty { get; init; }

    /// <summary>Objects that were deleted since they were listed.</summary>
    public required long Gone { get; init; }

    /// <summary>Objects that were refused.</summary>
    public required long Failed { get; init; }

    /// <summary>The first of these, each with the reason.</summary>
    public required IReadOnlyList<string> Failures { get; init; }

    /// <summary>Why the command ended before it had asked for all; null if it has.</summary>
    public string? Stopped { get; init; }
}

/// <summary>Asks an accelerator to stage objects: a HEAD of the first byte of each, again while it has no room.</summary>
/// <param name="client">Sends the requests, to the accelerator.</param>
/// <param name="bucket">The bucket.</param>
/// <param name="progress">Is told how far it is.</param>
/// <param name="time">The clock.</param>
internal sealed class PrestageRun(S3Client client, string bucket, PrestageProgress progress, TimeProvider time)
{
    /// <summary>How long it is waited while the accelerator takes on no object at all. A large object may take minutes to stage.</summary>
    public static readonly TimeSpan RoomPatience = TimeSpan.FromMinutes(15);

    /// <summary>How often an object is asked for that gets no answer, or one that the accelerator or the server is not able to decide.</summary>
    public const int Tries = 6;

    /// <summary>Failures that are kept in words.</summary>
    private const int MaxFailures = 100;

    /// <summary>Objects that are listed before their turn, so that the bar knows what there is.</summary>
    private const int Ahead = 100_000;

    private static readonly KeyValuePair<string, string>[] FirstByte = [new("range", "bytes=0-0")];

    private readonly List<string> _failures = [];
    private long _objects, _bytes, _empty, _gone, _failed, _taken;

    /// <summary>Asks for all of them.</summary>
    /// <param name="objects">The objects.</param>
    /// <param name="concurrency">Requests at a time.</param>
    /// <param name="cancellationToken">Ends it; what the accelerator has taken on goes on.</param>
    public async Task<PrestageResult> RunAsync(IAsyncEnumerable<ListedObject> objects, int concurrency, CancellationToken cancellationToken)
    {
        _taken = time.GetTimestamp();
        string? stopped = null;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var listed = Channel.CreateBounded<ListedObject>(new BoundedChannelOptions(Ahead) { SingleWriter = true });
        Task listing = ListAsync(objects, listed.Writer, stop.Token);
        try
        {
            await Parallel.ForEachAsync(
                listed.Reader.ReadAllAsync(stop.Token), new ParallelOptions { MaxDegreeOfParallelism = concurrency, CancellationToken = stop.Token }, async (each, token) => await StageAsync(each, token));
        }
        catch (CliException e)
        {
            stopped = e.Message;
        }
        finally
        {
            await stop.CancelAsync();
            await listing;
        }

        return new PrestageResult { Objects = _objects, Bytes = _bytes, Empty = _empty, Gone = _gone, Failed = _failed, Failures = _failures, Stopped = stopped };
    }

    /// <summary>Fills the channel. What ends the listing early comes out at the other end.</summary>
    private async Task ListAsync(IAsyncEnumerable<ListedObject> objects, ChannelWriter<ListedObject> writer, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (ListedObject each in objects.WithCancellation(cancellationToken))
            {
                progress.Listed(each.Size);
                await writer.WriteAsync(each, cancellationToken);
            }

            progress.AllListed();
            writer.Complete();
        }
#pragma warning disable CA1031 // It comes out at the other end, which would wait for ever for a listing that ended unseen.
        catch (Exception e)
#pragma warning restore CA1031
        {
            writer.Complete(e);
        }
    }

    private async Task StageAsync(ListedObject each, CancellationToken cancellationToken)
    {
        string? failure = null;
        if (each.Size == 0)
        {
            Interlocked.Increment(ref _empty);
        }
        else
        {
            failure = await AskAsync(each, cancellationToken);
        }

        string? line = failure is null ? null : TerminalText.Of($"{each.Key}: {failure}");
        if (line is not null)
        {
            lock (_failures)
            {
                _failed++;
                if (_failures.Count < MaxFailures)
                {
                    _failures.Add(line);
                }
            }
        }

        progress.Done(each.Size, line);
    }

    /// <returns>Why the object cannot be staged; null if it will be, or is gone.</returns>
    /// <exception cref="CliException">There is no use in asking for others.</exception>
    private async Task<string?> AskAsync(ListedObject each, CancellationToken cancellationToken)
    {
        int failed = 0;
        for (int tries = 0; ; tries++)
        {
            (S3Reply? reply, string? trouble) = await HeadAsync(each.Key, cancellationToken);
            switch (reply?.Status)
            {
                case (int)HttpStatusCode.OK or (int)HttpStatusCode.PartialContent:
                    if (!reply.Headers.ContainsKey(AcceleratorHeaders.Cache))
                    {
                        throw new CliException($"what answers at {client.Endpoint} is not an accelerator, so nothing is staged: name its URL with --s3-endpoint");
                    }

                    if (!reply.Headers.ContainsKey(AcceleratorHeaders.Prestage))
                    {
                        Interlocked.Increment(ref _objects);
                        Interlocked.Add(ref _bytes, each.Size);
                        Volatile.Write(ref _taken, time.GetTimestamp());
                        return null;
                    }

                    trouble = "the accelerator has no room for more objects to stage";
                    if (time.GetElapsedTime(Volatile.Read(ref _taken)) > RoomPatience)
                    {
                        throw new CliException($"{trouble}, and has taken none on for {RoomPatience.TotalMinutes:0} minutes");
                    }

                    failed = 0;
                    break;
                case (int)HttpStatusCode.NotFound:
                    Interlocked.Increment(ref _gone);
                    return null;
                case (int)HttpStatusCode.RequestedRangeNotSatisfiable:
                    Interlocked.Increment(ref _empty);
                    return null;
                case null:
                case { } status when RetryPauses.IsUndecided(status):
                    trouble ??= $"status {reply!.Status}";
                    if (++failed == Tries)
                    {
                        throw new CliException($"{client.Endpoint} does not answer for {TerminalText.Of(each.Key)}, asked {Tries} times: {trouble}");
                    }

                    break;
                default:
                    return reply.Status == (int)HttpStatusCode.Forbidden ? "access denied (403)" : $"refused ({reply.Status})";
            }

            progress.Waits(trouble);
            await Task.Delay(RetryPauses.Of(tries, reply, time.GetUtcNow()), time, cancellationToken);
        }
    }

    private async Task<(S3Reply? Reply, string? Trouble)> HeadAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return (await client.HeadAsync(bucket, key, FirstByte, cancellationToken), null);
        }
        catch (CliException e) when (e.IsUnanswered)
        {
            return (null, e.Message);
        }
    }
}
