namespace Tarn.TestKit.Stores;

/// <summary>Thrown in place of a process that died: the code under test must not handle it.</summary>
public sealed class InjectedCrashException(string point) : Exception($"Crash injected {point}.");

/// <summary>Whether the operation that crashes took effect first.</summary>
public enum CrashSide
{
    /// <summary>The process dies before the operation does anything.</summary>
    Before,

    /// <summary>The operation takes full effect, but never returns to its caller.</summary>
    After,
}

/// <summary>Counts operations and dies at the nth, and at every one after it, as a dead process would.</summary>
public sealed class CrashPoint(int nth, CrashSide side)
{
    private int _count;

    /// <summary>Operations seen so far: run once without a crash to learn how many points there are.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Never crashes; only counts.</summary>
    public static CrashPoint Never() => new(int.MaxValue, CrashSide.Before);

    internal async ValueTask<T> RunAsync<T>(string name, Func<ValueTask<T>> operation)
    {
        int number = Interlocked.Increment(ref _count);
        if (number > nth || (number == nth && side == CrashSide.Before))
        {
            throw new InjectedCrashException($"before {name}, operation {number}");
        }

        T result = await operation();
        return number == nth ? throw new InjectedCrashException($"after {name}, operation {number}") : result;
    }

    internal async ValueTask RunAsync(string name, Func<ValueTask> operation) =>
        await RunAsync(name, async () =>
        {
            await operation();
            return true;
        });
}
