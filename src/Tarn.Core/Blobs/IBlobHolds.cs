namespace Tarn.Core.Blobs;

/// <summary>Says which blobs must stay although no row needs to refer to them: those that a backup under way has yet to copy.</summary>
public interface IBlobHolds
{
    /// <summary>Whether a blob must stay where it is. Asked right before it is moved or removed.</summary>
    bool IsHeld(BlobId id);
}
