using System.Buffers.Binary;
using System.Security.Cryptography;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Lifecycle;

/// <summary>A bucket's lifecycle rules: validated when created, and immutable.</summary>
public sealed class LifecycleConfiguration
{
    /// <summary>How a bucket stores its rules. Putting rules starts a new walk, even if today's walk for the same rules has ended.</summary>
    public static readonly SettingRow<LifecycleConfiguration> Stored =
        new(BucketConfiguration.Lifecycle, static rules => rules.Encode(), static (bytes, _) => Decode(bytes)) { Progress = Tables.LifecycleCursorKey };

    private ulong? _fingerprint;
    private LifecyclePlanner? _planner;

    private LifecycleConfiguration(IReadOnlyList<LifecycleRule> rules, TransitionMinimum minimum)
    {
        Rules = rules;
        Minimum = minimum;
    }

    /// <summary>The rules, in the order given.</summary>
    public IReadOnlyList<LifecycleRule> Rules { get; }

    /// <summary>The client's choice of the default minimum size for transitions. Nothing is transitioned; it is only reported back.</summary>
    public TransitionMinimum Minimum { get; }

    /// <summary>Creates a configuration from rules that a client sent.</summary>
    /// <exception cref="S3Exception">InvalidRequest, InvalidArgument or MalformedXML, as <see cref="LifecycleValidator"/> decides.</exception>
    public static LifecycleConfiguration Create(IReadOnlyList<LifecycleRule> rules, TransitionMinimum minimum = TransitionMinimum.AllStorageClasses128K)
    {
        LifecycleValidator.ThrowIfInvalid(rules);
        return new LifecycleConfiguration(rules, minimum);
    }

    /// <summary>Encodes the persisted form.</summary>
    public byte[] Encode() => LifecycleCodec.Encode(this);

    /// <summary>Reads the persisted form.</summary>
    /// <exception cref="RecordFormatException">The record is damaged, or was written by a newer build.</exception>
    public static LifecycleConfiguration Decode(byte[] bytes)
    {
        (List<LifecycleRule> rules, TransitionMinimum minimum) = LifecycleCodec.Decode(bytes);
        return new LifecycleConfiguration(rules, minimum);
    }

    /// <summary>Returns the planner for these rules, which is created once.</summary>
    public LifecyclePlanner PlannerFor(LifecycleDay day) =>
        _planner is { } made && made.Day == day ? made : _planner = new LifecyclePlanner(this, day);

    /// <summary>A hash of the rules, equal for equal rules.</summary>
    internal ulong Fingerprint => _fingerprint ??= BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encode()));
}

/// <summary>
/// The values of x-amz-transition-default-minimum-object-size. The numbers are persisted.
/// Source: Amazon S3 API Reference, PutBucketLifecycleConfiguration.
/// </summary>
public enum TransitionMinimum : byte
{
    /// <summary>all_storage_classes_128K: objects under 128 KiB are not transitioned to any class.</summary>
    AllStorageClasses128K = 0,

    /// <summary>varies_by_storage_class: the minimum depends on the class.</summary>
    VariesByStorageClass = 1,
}
