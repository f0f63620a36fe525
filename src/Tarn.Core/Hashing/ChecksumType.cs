namespace Tarn.Core.Hashing;

/// <summary>
/// What the checksum of a multipart object covers. The numbers are persisted.
/// Source: Amazon S3 API Reference, CreateMultipartUpload, <c>x-amz-checksum-type</c>.
/// </summary>
public enum ChecksumType : byte
{
    /// <summary>The bytes of the object, as if it had been uploaded in one request.</summary>
    FullObject = 1,

    /// <summary>The concatenated checksums of the parts; its text ends in "-" and the number of parts.</summary>
    Composite = 2,
}
