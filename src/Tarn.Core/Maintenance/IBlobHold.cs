using Tarn.Core.Blobs;

namespace Tarn.Core.Maintenance;

/// <summary>Names blobs that stay although nothing refers to them any more, because they are being copied.</summary>
public interface IBlobHold
{
    /// <summary>
    /// Whether a blob that nothing refers to must stay for now. A hold that begins while a blob is being removed need not name it: what a worker is
    /// removing was released before.
    /// </summary>
    bool Holds(BlobId id);
}
