namespace Tarn.S3.Auth.SigV4;

/// <summary>
/// The forms in which the path of a request may have been signed; all of them name the object that the path names.
/// Source: "Create a signed AWS API request", canonical URI: S3 encodes the decoded path.
/// </summary>
internal enum PathForm
{
    /// <summary>As it was sent, each character escaped as S3 escapes it. A slash that was sent escaped stays so.</summary>
    Escaped,

    /// <summary>Decoded, then encoded: a slash that was sent as %2F is a slash. The Java SDKs sign /b/a//b and send /b/a/%2Fb.</summary>
    Decoded,

    /// <summary>As it was sent, to the letter.</summary>
    Verbatim,
}
