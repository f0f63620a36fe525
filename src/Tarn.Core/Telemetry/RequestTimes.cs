using System.Diagnostics;

namespace Tarn.Core.Telemetry;

/// <summary>What a request spends its time on. What is left of its total is computing, and waiting for the processor.</summary>
public enum RequestStage
{
    /// <summary>Finding out who sent it.</summary>
    Authentication,

    /// <summary>Deciding whether they may do it.</summary>
    Authorization,

    /// <summary>The metadata store: reads and commits, with the time that a commit waits for others.</summary>
    Metadata,

    /// <summary>The blob store: opening, reading, writing and making durable.</summary>
    Blob,

    /// <summary>Waiting for the bytes of the request's body.</summary>
    Receive,

    /// <summary>Waiting for other requests: for room in the server, and for those that change the same key.</summary>
    Wait,

    /// <summary>Handing the answer to the connection, with the time that the client takes to accept it.</summary>
    Send,
}

/// <summary>
/// Measures the stages of one request, wherever in the program they are: what runs for a request finds its times through the asynchronous context.
/// Background work has none and is not measured. Where spans are recorded, each stage has one.
/// </summary>
public sealed class RequestTimes
{
    /// <summary>The number of stages.</summary>
    public const int Stages = (int)RequestStage.Send + 1;

    /// <summary>The number of spans of one stage in one request: a long download reads thousands of times. The sums count everything.</summary>
    public const int MaxSpans = 16;

    private static readonly AsyncLocal<RequestTimes?> Current = new();

    private readonly TimeProvider _time;
    private readonly long[] _ticks = new long[Stages];
    private readonly int[] _calls = new int[Stages];

    private RequestTimes(TimeProvider time) => _time = time;

    /// <summary>Begins the times of a request, for the asynchronous method that calls this and everything that it calls.</summary>
    public static RequestTimes Begin(TimeProvider time)
    {
        var times = new RequestTimes(time);
        Current.Value = times;
        return times;
    }

    /// <summary>Begins a stage of the current request, if there is one. It ends when the result is disposed.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="span">The name of its span.</param>
    public static StageTimer Measure(RequestStage stage, string span) => Current.Value is { } times ? times.Start(stage, span) : default;

    /// <summary>Whether the code that asks runs for a request.</summary>
    internal static bool IsMeasuring => Current.Value is not null;

    /// <summary>The time of a stage so far, without the stages inside it. Parts that run at once add up, so the sum can be more than the request took.</summary>
    public TimeSpan Of(RequestStage stage) => TimeSpan.FromTicks(Volatile.Read(ref _ticks[(int)stage]));

    /// <summary>Adds a time that was measured elsewhere.</summary>
    public void Add(RequestStage stage, TimeSpan time)
    {
        Interlocked.Increment(ref _calls[(int)stage]);
        Interlocked.Add(ref _ticks[(int)stage], time.Ticks);
    }

    /// <summary>How often it was entered.</summary>
    public int Calls(RequestStage stage) => Volatile.Read(ref _calls[(int)stage]);

    private StageTimer Start(RequestStage stage, string span)
    {
        bool shows = Interlocked.Increment(ref _calls[(int)stage]) <= MaxSpans;
        return new StageTimer(this, stage, _time.GetTimestamp(), Inner(stage), shows ? CoreTelemetry.Activities.StartActivity(span) : null);
    }

    internal void End(RequestStage stage, long started, long innerBefore)
    {
        long inner = Inner(stage) - innerBefore;
        Interlocked.Add(ref _ticks[(int)stage], Math.Max(0, _time.GetElapsedTime(started).Ticks - inner));
    }

    /// <summary>The time of the stages that may be inside a stage, so far.</summary>
    private long Inner(RequestStage stage)
    {
        if (stage is not (RequestStage.Authentication or RequestStage.Authorization or RequestStage.Send))
        {
            return 0;
        }

        long sum = 0;
        for (RequestStage inner = RequestStage.Metadata; inner <= RequestStage.Wait; inner++)
        {
            sum += Volatile.Read(ref _ticks[(int)inner]);
        }

        return sum;
    }
}

/// <summary>A stage that is under way; disposing it ends the stage. The default value measures nothing.</summary>
public readonly struct StageTimer : IDisposable
{
    private readonly RequestTimes? _times;
    private readonly RequestStage _stage;
    private readonly long _started;
    private readonly long _innerBefore;
    private readonly Activity? _span;

    internal StageTimer(RequestTimes times, RequestStage stage, long started, long innerBefore, Activity? span) =>
        (_times, _stage, _started, _innerBefore, _span) = (times, stage, started, innerBefore, span);

    /// <summary>Ends the stage.</summary>
    public void Dispose()
    {
        _times?.End(_stage, _started, _innerBefore);
        _span?.Dispose();
    }
}
