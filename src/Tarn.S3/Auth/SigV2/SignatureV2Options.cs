namespace Tarn.S3.Auth.SigV2;

/// <summary>Where Signature Version 2 is taken.</summary>
public enum SignatureV2Use
{
    /// <summary>Nowhere.</summary>
    Off,

    /// <summary>In presigned URLs and in forms, which many programs still sign so unless told otherwise.</summary>
    Presigned,

    /// <summary>In the Authorization header too.</summary>
    All,
}

/// <summary>What an operator chooses of Signature Version 2.</summary>
/// <param name="Use">Where it is taken.</param>
/// <param name="MaxLife">How long a URL or form is good for at most, counted from the request: it does not tell when it was made.</param>
public sealed record SignatureV2Options(SignatureV2Use Use, TimeSpan MaxLife)
{
    /// <summary>URLs and forms, for seven days: as long as Signature Version 4 lets a URL live.</summary>
    public static SignatureV2Options Default { get; } = new(SignatureV2Use.Presigned, TimeSpan.FromDays(7));
}
