namespace Tarn.Tests.Cache;

/// <summary>Holds calls of a kind up until the test lets go of them, or ends.</summary>
internal sealed class HeldCalls : IDisposable
{
    private readonly ManualResetEventSlim _letGo = new();
    private readonly SemaphoreSlim _reached = new(0);

    public HeldCalls(CacheSetup setup, FileCall held, int most = int.MaxValue) => setup.Files.Before = (call, _, _) =>
    {
        if (call == held && Interlocked.Decrement(ref most) >= 0)
        {
            _reached.Release();
            _letGo.Wait();
        }
    };

    public Task ReachedAsync() => _reached.WaitAsync();

    public void LetGo() => _letGo.Set();

    // What waits still uses it.
    public void Dispose() => LetGo();
}
