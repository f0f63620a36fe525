using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tarn.Core.Acceleration;

/// <summary>What reading a plan led to.</summary>
public enum PlanStatus
{
    /// <summary>It is a plan.</summary>
    Valid,

    /// <summary>It is of a version, or has an encoding, that this build does not know: the request is to be forwarded instead.</summary>
    Unknown,

    /// <summary>It is not a plan, or not within the bounds.</summary>
    Malformed,
}

/// <summary>Where the bytes of a range of an object are: what the server sends an accelerator in the place of those bytes.</summary>
public sealed record ReadPlan
{
    /// <summary>The version that this build writes, and the newest that it reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The most bytes of an object in one plan.</summary>
    public const long MaxLength = 1L << 30;

    /// <summary>The most extents in one plan.</summary>
    public const int MaxExtents = 1024;

    /// <summary>The most bytes of an encoded plan.</summary>
    public const int MaxSize = 1 << 20;

    /// <summary>Longest owner, in characters.</summary>
    public const int MaxOwner = 64;

    /// <summary>Longest continuation, in characters.</summary>
    public const int MaxContinuation = 8 * 1024;

    /// <summary>Its version.</summary>
    [JsonPropertyName("v")]
    [JsonPropertyOrder(-1)]
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The first byte in the object.</summary>
    public required long Start { get; init; }

    /// <summary>Bytes, at least one.</summary>
    public required long Length { get; init; }

    /// <summary>The id of the bucket, which is never reused.</summary>
    public required ulong Bucket { get; init; }

    /// <summary>Canonical user id of the bucket's owner, for counting; null in a plan that continues another one.</summary>
    public string? Owner { get; init; }

    /// <summary>When the first of the capabilities expires, Unix milliseconds by the server's clock.</summary>
    public required long Expires { get; init; }

    /// <summary>What <see cref="AcceleratorPaths.Continue"/> takes for the plan of the bytes that follow; null when the range ends with this plan.</summary>
    public string? Next { get; init; }

    /// <summary>Where the bytes are, in their order.</summary>
    public required IReadOnlyList<PlannedExtent> Extents { get; init; }

    /// <summary>Reads a plan.</summary>
    public static PlanStatus TryDecode(ReadOnlySpan<byte> utf8, out ReadPlan? plan)
    {
        plan = null;
        if (utf8.Length > MaxSize)
        {
            return PlanStatus.Malformed;
        }

        ReadPlan? read = null;
        try
        {
            read = JsonSerializer.Deserialize(utf8, AccelerationJson.Default.ReadPlan);
        }
        catch (JsonException)
        {
            // A plan of a later version may have another form.
            return IsOtherVersion(utf8) ? PlanStatus.Unknown : PlanStatus.Malformed;
        }

        if (read is null || read.Version < CurrentVersion)
        {
            return PlanStatus.Malformed;
        }

        if (read.Version > CurrentVersion)
        {
            return PlanStatus.Unknown;
        }

        if (!read.IsWithinBounds())
        {
            return PlanStatus.Malformed;
        }

        if (read.Extents.Any(static extent => extent.Encoding != PlannedExtent.Plain))
        {
            return PlanStatus.Unknown;
        }

        plan = read;
        return PlanStatus.Valid;
    }

    /// <summary>The UTF-8 text.</summary>
    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this, AccelerationJson.Default.ReadPlan);

    private static bool IsOtherVersion(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonSerializer.Deserialize(utf8, AccelerationJson.Default.PlanVersion) is { Version: > CurrentVersion };
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private bool IsWithinBounds()
    {
        if (Start < 0 || Length is < 1 or > MaxLength || Start > long.MaxValue - Length || Expires < 0
            || Next is { Length: 0 or > MaxContinuation } || Owner is { Length: 0 or > MaxOwner } || Extents is not { Count: > 0 and <= MaxExtents })
        {
            return false;
        }

        long length = 0;
        foreach (PlannedExtent? extent in Extents)
        {
            if (extent is null || !extent.IsWithinBounds())
            {
                return false;
            }

            length += extent.To - extent.From;
            if (length > Length)
            {
                return false;
            }
        }

        return length == Length;
    }
}

/// <summary>A run of a blob that an object holds, and which part of it a plan needs.</summary>
public sealed record PlannedExtent
{
    /// <summary>The only encoding: the bytes of the blob are those of the object.</summary>
    public const string Plain = "plain";

    /// <summary>The blob.</summary>
    public required Blobs.BlobId Blob { get; init; }

    /// <summary>The first byte in the blob that the object holds.</summary>
    public required long Offset { get; init; }

    /// <summary>Bytes that it holds from there.</summary>
    public required long Length { get; init; }

    /// <summary>The first byte in the blob that the plan needs.</summary>
    public required long From { get; init; }

    /// <summary>The byte after the last one in the blob that the plan needs.</summary>
    public required long To { get; init; }

    /// <summary>How the bytes are stored.</summary>
    public required string Encoding { get; init; }

    /// <summary>Entitles to [<see cref="Offset"/>, <see cref="Offset"/> + <see cref="Length"/>) of the blob. In no log, and in no answer to a client.</summary>
    public required string Capability { get; init; }

    /// <summary>Where the bytes are, without the capability.</summary>
    public override string ToString() => $"{Blob} [{From}, {To}) of [{Offset}, {Offset + Length})";

    internal bool IsWithinBounds() =>
        Offset >= 0 && Length >= 1 && Offset <= long.MaxValue - Length && From >= Offset && From < To && To <= Offset + Length
        && Encoding is { Length: > 0 and <= 32 }
        && Capability is { Length: > 0 and <= BlobCapability.MaxTextLength };
}
