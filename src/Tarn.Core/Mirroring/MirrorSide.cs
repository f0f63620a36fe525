using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;

namespace Tarn.Core.Mirroring;

/// <summary>One of the two places that hold everything: how it is looked at, marked and opened. Calls come one after another.</summary>
public abstract class MirrorSide
{
    /// <summary>Its name in messages: the directory.</summary>
    public abstract string Name { get; }

    /// <summary>Looks at the place and writes nothing. It does not throw: what it cannot read is the look's problem.</summary>
    public abstract MirrorLook Look();

    /// <summary>Takes the place for this process, and creates it if it is missing.</summary>
    /// <exception cref="IOException">It cannot be used; the message says why.</exception>
    public abstract void Enter();

    /// <summary>Writes the mark, durably: after a crash it is this one or the one before. Once a side has a mark, writing another needs no room.</summary>
    /// <exception cref="IOException">The mark is not known to be on the device.</exception>
    public abstract void WriteMark(MirrorMark mark);

    /// <summary>Notes durably that rows may be missing, so that blobs to which nothing refers are kept until an operator has decided.</summary>
    /// <param name="reason">Why, as a sentence.</param>
    /// <exception cref="IOException">It cannot be noted.</exception>
    public abstract void KeepOrphans(string reason);

    /// <summary>Opens both stores of a place that was entered.</summary>
    /// <param name="replaceMetadata">Whether to put the metadata that is there aside, and begin with none.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="StoreDamagedException">The metadata is damaged.</exception>
    /// <exception cref="IOException">A store cannot be opened.</exception>
    public abstract ValueTask<MirrorStores> OpenAsync(bool replaceMetadata, CancellationToken cancellationToken);

    /// <summary>Takes over what belongs to a store besides its two stores, before this side counts.</summary>
    /// <exception cref="IOException">It cannot be read there, or written here.</exception>
    public abstract void TakeFiles(MirrorSide from);

    /// <summary>Gives the place up, after its stores were closed. Does nothing if it was not entered.</summary>
    public abstract void Leave();
}

/// <summary>What a side looks like before it is opened.</summary>
/// <param name="Mark">Its mark; null when it was never one side of a mirror.</param>
/// <param name="IsEmpty">Whether there are neither rows nor blobs.</param>
/// <param name="Problem">Why it cannot be used; null if nothing is known to be wrong.</param>
/// <param name="Store">The id of the store that it belongs to; null when it has none, or has none yet.</param>
public sealed record MirrorLook(MirrorMark? Mark, bool IsEmpty, Exception? Problem = null, string? Store = null);

/// <summary>The two stores of one side, open. Whoever has them closes them.</summary>
/// <param name="Metadata">The metadata.</param>
/// <param name="Blobs">The blobs.</param>
public sealed record MirrorStores(IKeyValueStore Metadata, IBlobStore Blobs)
{
    /// <summary>The blobs' store, as one that sets blobs aside.</summary>
    /// <exception cref="InvalidCastException">It is none: no side of a mirror can be.</exception>
    internal ISetAsideStore Aside { get; } = (ISetAsideStore)Blobs;

    /// <summary>The blobs' store, as one that replaces damaged blobs.</summary>
    /// <exception cref="InvalidCastException">It is none: no side of a mirror can be.</exception>
    internal IReplacingBlobs Replacing { get; } = (IReplacingBlobs)Blobs;
}
