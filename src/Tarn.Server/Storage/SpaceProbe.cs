using System.Globalization;
using Tarn.Backends.Files;

namespace Tarn.Server.Storage;

/// <summary>Measures file systems, of which one may not answer at all: that of a broken device, or of a server that is away. Thread-safe.</summary>
/// <param name="measure">Measures the file system of a directory.</param>
/// <param name="clock">The clock for the limit.</param>
internal sealed class SpaceProbe(Func<string, FileSystemSpace> measure, TimeProvider clock)
{
    /// <summary>For one measurement.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Task<FileSystemSpace>> _measuring = [];

    /// <summary>Measures the file system of a directory.</summary>
    /// <exception cref="IOException">It cannot be measured, or does not answer.</exception>
    public async Task<FileSystemSpace> MeasureAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await BeginAsync(path).WaitAsync(Limit, clock, cancellationToken);
        }
        catch (TimeoutException e)
        {
            throw new IOException(string.Create(CultureInfo.InvariantCulture, $"does not answer within {Limit.TotalSeconds:N0} seconds"), e);
        }
    }

    /// <summary>Begins to measure, unless that is under way: a call that hangs holds its thread, and each would hold another one.</summary>
    private Task<FileSystemSpace> BeginAsync(string path)
    {
        lock (_gate)
        {
            if (!_measuring.TryGetValue(path, out Task<FileSystemSpace>? task) || task.IsCompleted)
            {
                task = Task.Factory.StartNew(() => measure(path), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
                _measuring[path] = task;
            }

            return task;
        }
    }
}
