namespace Tarn.Core.Disks.Writing;

/// <summary>
/// Of one file system: renames go on side by side, and a step of a recursive removal alone, so that it removes nothing that a rename has just moved away. Several removals take turns.
/// </summary>
internal sealed class MoveGate : IDisposable
{
    private const int Renames = 64;

    private readonly SemaphoreSlim _places = new(Renames);
    private readonly SemaphoreSlim _removals = new(1);

    /// <summary>Whether a step of a removal holds it.</summary>
    internal bool IsAlone => _places.CurrentCount == 0;

    /// <summary>Waits until no removal is in a step.</summary>
    public async ValueTask<Pass> RenameAsync(CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        return new Pass(_places, 1);
    }

    /// <summary>Waits until nothing else is on its way.</summary>
    public async ValueTask<Pass> RemoveAsync(CancellationToken cancellationToken)
    {
        // One at a time: two that had half of the places each would wait for ever.
        await _removals.WaitAsync(cancellationToken);
        int taken = 0;
        try
        {
            for (; taken < Renames; taken++)
            {
                await _places.WaitAsync(cancellationToken);
            }

            return new Pass(_places, taken);
        }
        catch when (taken > 0)
        {
            _places.Release(taken);
            throw;
        }
        finally
        {
            _removals.Release();
        }
    }

    public void Dispose()
    {
        _places.Dispose();
        _removals.Dispose();
    }

    /// <summary>What was waited for; given back when it is disposed.</summary>
    internal readonly struct Pass(SemaphoreSlim places, int count) : IDisposable
    {
        public void Dispose() => places.Release(count);
    }
}
