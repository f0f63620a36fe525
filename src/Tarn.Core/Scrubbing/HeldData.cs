using Tarn.Core.Hashing;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Ownership;

namespace Tarn.Core.Scrubbing;

/// <summary>A run of a blob that an object or a part has, and what its record knows of it.</summary>
/// <param name="Holder">The object or part.</param>
/// <param name="Extent">The run.</param>
/// <param name="IsShared">Whether the object's manifest is shared, so that others have the run through it too.</param>
/// <param name="Bucket">The name of its bucket.</param>
internal sealed record HeldData(DataHolder Holder, Extent Extent, bool IsShared, string Bucket)
{
    /// <summary>The object or part in messages.</summary>
    public string Name => Holder.Upload is { } upload
        ? $"part {Holder.PartNumber} of upload {upload} of {Bucket}/{Holder.Key}"
        : $"{Bucket}/{Holder.Key} version {Holder.Version}";

    /// <summary>What is known of exactly these bytes; null when the record is about these and others.</summary>
    public KnownBytes? Known { get; init; }
}

/// <summary>What a record knows of its bytes.</summary>
/// <param name="Checksum">A checksum of them.</param>
/// <param name="ETag">The entity tag: their MD5, unless it is one of parts.</param>
/// <param name="Footer">What a new blob of these bytes would say of itself.</param>
internal sealed record KnownBytes(Checksum? Checksum, ETag ETag, BlobFooter Footer);
