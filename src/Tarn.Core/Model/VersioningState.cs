namespace Tarn.Core.Model;

/// <summary>Whether a bucket keeps versions. The numbers are persisted. Source: Amazon S3 User Guide, "Using versioning in S3 buckets".</summary>
public enum VersioningState : byte
{
    /// <summary>Never enabled: an object has one version, "null", and a delete removes it.</summary>
    Never = 0,

    /// <summary>Every write makes a version, and a delete makes a delete marker.</summary>
    Enabled = 1,

    /// <summary>Was enabled once: writes replace the null version and leave the others.</summary>
    Suspended = 2,
}
