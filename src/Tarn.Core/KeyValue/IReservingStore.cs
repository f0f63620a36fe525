namespace Tarn.Core.KeyValue;

/// <summary>A store that keeps room on its device for removals, so that whoever writes to several stores can ask all of them before it writes to one.</summary>
public interface IReservingStore
{
    /// <summary>Whether a commit that adds may write so many bytes. A commit that is a removal need not ask.</summary>
    bool HasRoom(long bytes);
}
