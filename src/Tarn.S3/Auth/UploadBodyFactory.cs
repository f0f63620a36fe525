using Microsoft.AspNetCore.Http;
using Tarn.Core.Objects;

namespace Tarn.S3.Auth;

/// <summary>Wraps a request's body in the reader that removes its framing and verifies what vouches for it.</summary>
/// <param name="time">Clock of the stall timeout.</param>
/// <param name="stallTimeout">Longest wait for the next byte; 60 s by default.</param>
internal sealed class UploadBodyFactory(TimeProvider time, TimeSpan? stallTimeout = null)
{
    /// <summary>The body of <paramref name="request"/>; nothing is read from it yet.</summary>
    /// <param name="request">The request that was authenticated.</param>
    /// <param name="authentication">What <see cref="Authenticator"/> found out about it.</param>
    /// <param name="allowUnknownLength">Whether a plain body may come without Content-Length (chunked transfer encoding).</param>
    public IUploadBody Create(HttpRequest request, AuthenticationResult authentication, bool allowUnknownLength = false) =>
        throw new NotImplementedException($"{time}{stallTimeout}");
}
