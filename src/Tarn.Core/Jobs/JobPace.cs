using Tarn.Core.Lifecycle;

namespace Tarn.Core.Jobs;

/// <summary>How jobs work.</summary>
public sealed record JobOptions
{
    /// <summary>Keys that all jobs together work on in a second, at most. While S3 requests are served it is a quarter of that.</summary>
    public int KeysPerSecond { get; init; } = 4000;

    /// <summary>How many keys are read at a time; the cursor is stored after so many.</summary>
    public int PageSize { get; init; } = 256;

    /// <summary>How many keys of a job are worked on at once; they share the store's group commits.</summary>
    public int Concurrency { get; init; } = 8;

    /// <summary>How many jobs are under way at once.</summary>
    public int Running { get; init; } = 4;

    /// <summary>How many jobs of one organization are under way at once.</summary>
    public int RunningOfOrganization { get; init; } = 2;

    /// <summary>After so many pages a job leaves its turn to one that waits.</summary>
    public int PagesPerTurn { get; init; } = 16;

    /// <summary>How long a job whose run failed waits before the next; four times as long after each further failure.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>After so many failures in a row the job has failed.</summary>
    public int MaxAttempts { get; init; } = 6;

    /// <summary>How many jobs may be under way or waiting.</summary>
    public int Unfinished { get; init; } = 1000;

    /// <summary>How many jobs of one organization may be under way or waiting.</summary>
    public int UnfinishedOfOrganization { get; init; } = 20;
}

/// <summary>Limits how many keys all jobs together work on in a second: less while requests are served; and how much of the processors it takes to decide whether they may.</summary>
/// <param name="options">The limits.</param>
/// <param name="clock">Measures time.</param>
public sealed class JobPace(JobOptions options, TimeProvider clock)
{
    /// <summary>How much slower jobs are while requests are served.</summary>
    private const int Yielding = 4;

    /// <summary>Steps of a decision that cost nothing beside what is done with the key: 25 times those of a typical policy.</summary>
    private const int FreeSteps = 10_000;

    /// <summary>How long a worker rests for each other step, which takes two or three nanoseconds.</summary>
    private static readonly TimeSpan RestAfterStep = TimeSpan.FromTicks(2);

    private readonly WalkPace _pace = new(options.KeysPerSecond, clock);

    /// <summary>How many requests are being served; asked before each key.</summary>
    public Func<int> InFlight { get; set; } = static () => 0;

    /// <summary>Waits until the next key is due. Several callers may wait at once.</summary>
    public ValueTask WaitAsync(CancellationToken cancellationToken) => _pace.CountAsync(InFlight() > 0 ? Yielding : 1, cancellationToken);

    /// <summary>Has a worker rest after a decision that took long: the owner of a bucket chooses how long its policies take, and a job asks for each key.</summary>
    /// <param name="steps">Steps of matching wildcards.</param>
    /// <param name="cancellationToken">Cancels the rest.</param>
    public async ValueTask DecidedAsync(int steps, CancellationToken cancellationToken)
    {
        if (steps > FreeSteps)
        {
            await Task.Delay(RestAfterStep * (steps - FreeSteps), clock, cancellationToken);
        }
    }
}
