using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.S3.Auth.SigV4;
using Tarn.S3.Requests;

namespace Tarn.S3.Auth;

/// <summary>Tells requests by presigned URLs of temporary credentials from others, before S3 looks at them.</summary>
public static class TemporaryUrls
{
    /// <summary>
    /// Whether a request is signed by its URL alone, and names temporary credentials as its signer. Whether they have signed it is not known: S3 finds that out, and knows no other signer of such a request.
    /// </summary>
    public static bool IsOne(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        ReadOnlyMemory<char> query = RawTarget.Parse(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget).Query;
        try
        {
            return AuthMechanisms.Detect(http.Request.Headers.Authorization, query) == AuthMechanism.Query
                && TemporaryKeys.IsIdOfOne(PresignedQuery.Parse(query, http.Request.Headers, out _, out _).Credential.Span);
        }
        catch (S3Exception)
        {
            return false; // S3 would refuse it.
        }
    }
}
