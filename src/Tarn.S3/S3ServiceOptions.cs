using Tarn.Core.Model;
using Tarn.S3.Auth.SigV2;

namespace Tarn.S3;

/// <summary>The operator's settings for the S3 protocol.</summary>
/// <param name="Region">The region of all buckets, which signatures must name.</param>
/// <param name="Domains">Host names under which buckets are subdomains.</param>
public sealed record S3ServiceOptions(string Region, IReadOnlyList<string> Domains)
{
    /// <summary>The object ownership of buckets that are created without one.</summary>
    public ObjectOwnership ObjectOwnership { get; init; } = ObjectOwnership.BucketOwnerEnforced;

    /// <summary>Where Signature Version 2 is accepted, and the longest life of URLs and forms.</summary>
    public SignatureV2Options SignatureV2 { get; init; } = SignatureV2Options.Default;
}
