namespace Tarn.Core.Disks.Linux;

/// <summary>
/// Runs calls that wait for a device on threads of their own: those of the pool serve every request, and a slow or hanging file system would take them all.
/// </summary>
internal static class BlockingCalls
{
    /// <summary>Runs a call to its end: what it changes is never left without its outcome.</summary>
    public static Task<T> RunAsync<T>(Func<T> call) =>
        Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    /// <inheritdoc cref="RunAsync{T}"/>
    public static Task RunAsync(Action call) =>
        Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
}
