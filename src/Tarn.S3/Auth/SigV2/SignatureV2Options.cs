namespace Tarn.S3.Auth.SigV2;

/// <summary>Where Signature Version 2 is accepted.</summary>
public enum SignatureV2Use
{
    /// <summary>Nowhere.</summary>
    Off,

    /// <summary>In presigned URLs and in forms, which many programs still sign with it by default.</summary>
    Presigned,

    /// <summary>In the Authorization header too.</summary>
    All,
}

/// <summary>The operator's settings for Signature Version 2.</summary>
/// <param name="Use">Where it is accepted.</param>
/// <param name="MaxLife">The longest time from the request to the expiry of a URL or form, which do not hold the time of signing.</param>
public sealed record SignatureV2Options(SignatureV2Use Use, TimeSpan MaxLife)
{
    /// <summary>URLs and forms, for seven days: the longest life of a URL under Signature Version 4.</summary>
    public static SignatureV2Options Default { get; } = new(SignatureV2Use.Presigned, TimeSpan.FromDays(7));
}
