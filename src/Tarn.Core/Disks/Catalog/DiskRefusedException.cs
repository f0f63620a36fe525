namespace Tarn.Core.Disks.Catalog;

/// <summary>A disk cannot be created, attached or removed as requested; the message tells an operator why.</summary>
public sealed class DiskRefusedException : Exception
{
    /// <inheritdoc/>
    public DiskRefusedException() { }

    /// <inheritdoc/>
    public DiskRefusedException(string message) : base(message) { }

    /// <inheritdoc/>
    public DiskRefusedException(string message, Exception inner) : base(message, inner) { }
}
