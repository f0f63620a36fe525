namespace Tarn.Core.Maintenance;

/// <summary>
/// Remembers that metadata may be missing, so that blobs to which nothing refers may be all that is left of objects: after a start by force, a restore or a rebuild they
/// are not removed until an operator has decided. It must outlast the metadata.
/// </summary>
public interface IKeptOrphans
{
    /// <summary>Why orphans are kept; null when they are not.</summary>
    string? Reason { get; }

    /// <summary>Ends it: an operator has looked at them.</summary>
    void Release();
}

/// <summary>Orphans are not kept for longer than their retention.</summary>
public sealed class NoKeptOrphans : IKeptOrphans
{
    /// <summary>The only instance.</summary>
    public static NoKeptOrphans Instance { get; } = new();

    /// <inheritdoc/>
    public string? Reason => null;

    /// <inheritdoc/>
    public void Release()
    {
    }
}
