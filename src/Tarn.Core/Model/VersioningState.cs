namespace Tarn.Core.Model;

/// <summary>Whether a bucket keeps versions. The numbers are persisted. Source: Amazon S3 User Guide, "Using versioning in S3 buckets".</summary>
public enum VersioningState : byte
{
    /// <summary>Never enabled: an object has one version, "null", which a delete removes.</summary>
    Never = 0,

    /// <summary>Enabled: every write creates a version, and a delete creates a delete marker.</summary>
    Enabled = 1,

    /// <summary>Suspended after it was enabled: writes replace the null version and keep the others.</summary>
    Suspended = 2,
}
