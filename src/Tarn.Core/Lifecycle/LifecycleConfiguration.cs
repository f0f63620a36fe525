using System.Buffers.Binary;
using System.Security.Cryptography;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Lifecycle;

/// <summary>A bucket's lifecycle rules: valid once built, and never changed.</summary>
public sealed class LifecycleConfiguration
{
    /// <summary>How a bucket stores its rules. Rules that are put begin a walk, even those of a walk that today saw the end of.</summary>
    public static readonly SettingRow<LifecycleConfiguration> Stored =
        new(BucketConfiguration.Lifecycle, static rules => rules.Encode(), static (bytes, _) => Decode(bytes)) { Progress = Tables.LifecycleCursorKey };

    private ulong? _fingerprint;
    private LifecyclePlanner? _planner;

    private LifecycleConfiguration(IReadOnlyList<LifecycleRule> rules, TransitionMinimum minimum)
    {
        Rules = rules;
        Minimum = minimum;
    }

    public IReadOnlyList<LifecycleRule> Rules { get; }

    /// <summary>What the client chose of transitions' default minimum size. Nothing is transitioned; it is only told again.</summary>
    public TransitionMinimum Minimum { get; }

    /// <summary>Builds a configuration of rules that a client sent.</summary>
    /// <exception cref="S3Exception">InvalidRequest, InvalidArgument or MalformedXML, as <see cref="LifecycleValidator"/> has them.</exception>
    public static LifecycleConfiguration Create(IReadOnlyList<LifecycleRule> rules, TransitionMinimum minimum = TransitionMinimum.AllStorageClasses128K)
    {
        LifecycleValidator.ThrowIfInvalid(rules);
        return new LifecycleConfiguration(rules, minimum);
    }

    /// <summary>The persisted form.</summary>
    public byte[] Encode() => LifecycleCodec.Encode(this);

    /// <summary>Reads the persisted form.</summary>
    /// <exception cref="RecordFormatException">It is damaged, or a newer Tarn wrote it.</exception>
    public static LifecycleConfiguration Decode(byte[] bytes)
    {
        (List<LifecycleRule> rules, TransitionMinimum minimum) = LifecycleCodec.Decode(bytes);
        return new LifecycleConfiguration(rules, minimum);
    }

    /// <summary>The planner for these rules, made once.</summary>
    public LifecyclePlanner PlannerFor(LifecycleDay day) =>
        _planner is { } made && made.Day == day ? made : _planner = new LifecyclePlanner(this, day);

    /// <summary>Tells configurations apart: equal for equal rules.</summary>
    internal ulong Fingerprint => _fingerprint ??= BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encode()));
}

/// <summary>
/// x-amz-transition-default-minimum-object-size. The numbers are persisted.
/// Source: Amazon S3 API Reference, PutBucketLifecycleConfiguration.
/// </summary>
public enum TransitionMinimum : byte
{
    AllStorageClasses128K = 0,
    VariesByStorageClass = 1,
}
