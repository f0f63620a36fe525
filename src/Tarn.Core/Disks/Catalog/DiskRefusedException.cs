namespace Tarn.Core.Disks.Catalog;

/// <summary>A disk cannot be made, attached or removed as asked; the message says why, to an operator.</summary>
public sealed class DiskRefusedException : Exception
{
    /// <inheritdoc/>
    public DiskRefusedException() { }

    /// <inheritdoc/>
    public DiskRefusedException(string message) : base(message) { }

    /// <inheritdoc/>
    public DiskRefusedException(string message, Exception inner) : base(message, inner) { }
}
