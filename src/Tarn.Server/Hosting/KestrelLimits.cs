using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Tarn.Server.Hosting;

/// <summary>What Kestrel accepts before a request is anyone's operation.</summary>
internal static class KestrelLimits
{
    public static void Apply(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        KestrelServerLimits limits = kestrel.Limits;

        // The longest PUT is 5 GiB, and S3 answers its own EntityTooLarge. Readers of a body watch for stalls themselves.
        limits.MaxRequestBodySize = null;
        limits.MinRequestBodyDataRate = null;

        // A key of 1,024 bytes, each escaped, is 3 KiB; a presigned query with a session token adds some more.
        limits.MaxRequestLineSize = 16 * 1024;

        // AWS allows 8 KiB of headers, of which 2 KiB user metadata; session tokens and proxies' own come on top.
        limits.MaxRequestHeadersTotalSize = 32 * 1024;
        limits.MaxRequestHeaderCount = 1024;

        // User metadata goes out as it came in: UTF-8. Kestrel's default refuses to send anything but ASCII.
        kestrel.ResponseHeaderEncodingSelector = _ => Encoding.UTF8;
    }
}
