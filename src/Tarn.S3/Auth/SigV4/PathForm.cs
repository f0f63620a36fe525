namespace Tarn.S3.Auth.SigV4;

/// <summary>
/// The forms in which the path of a request may have been signed; all of them name the same object.
/// Source: "Create a signed AWS API request", canonical URI: S3 encodes the decoded path.
/// </summary>
internal enum PathForm
{
    /// <summary>As sent, with each character escaped as S3 escapes it. An escaped slash stays escaped.</summary>
    Escaped,

    /// <summary>Decoded, then encoded: %2F becomes a slash. The Java SDKs sign /b/a//b and send /b/a/%2Fb.</summary>
    Decoded,

    /// <summary>Exactly as sent.</summary>
    Verbatim,
}
