using Microsoft.AspNetCore.Http;
using Tarn.Core.Identity;

namespace Tarn.S3.Auth;

/// <summary>Establishes who sent a request: Signature Version 4 by header or by query, or nobody.</summary>
internal sealed class Authenticator(ICredentialSource credentials, TimeProvider time, string region)
{
    /// <summary>Verifies the request's signature without touching its body.</summary>
    /// <exception cref="Tarn.Core.Errors.S3Exception">The request claims an identity that it does not prove.</exception>
    public ValueTask<AuthenticationResult> AuthenticateAsync(HttpContext context) =>
        throw new NotImplementedException($"{credentials}{time}{region}");
}
