using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Net.Http.Headers;
using Tarn.S3.Wire;
using Tarn.Server.Connections;

namespace Tarn.Server.Hosting;

/// <summary>The limits that Kestrel applies before a request reaches an operation.</summary>
internal static class KestrelLimits
{
    /// <summary>The switch that makes a bare line feed in HTTP/1.1 framing an error. Kestrel reads it at startup.</summary>
    private const string StrictLineEnds = "Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators";

    public static void Apply(KestrelServerOptions kestrel)
    {
        AppContext.SetSwitch(StrictLineEnds, true);
        kestrel.AddServerHeader = false;
        KestrelServerLimits limits = kestrel.Limits;

        // The longest PUT is 5 GiB, and S3 answers its own EntityTooLarge. Readers of a body watch for stalls themselves.
        limits.MaxRequestBodySize = null;
        limits.MinRequestBodyDataRate = null;

        // The same rate as for uploads. With Kestrel's default, a quarter of it, a client that reads nothing could hold its connection
        // for 18 minutes after each block of 256 KiB.
        limits.MinResponseDataRate = new MinDataRate(SocketOutput.SlowestClient, SocketOutput.Grace);

        // A key of 1,024 bytes, each escaped, is 3 KiB; a presigned query with a session token adds some more.
        limits.MaxRequestLineSize = 16 * 1024;

        // AWS allows 8 KiB of headers, of which 2 KiB user metadata; session tokens and proxies' own come on top.
        limits.MaxRequestHeadersTotalSize = 32 * 1024;
        limits.MaxRequestHeaderCount = 1024;

        // Kestrel's own parser of lengths accepts signs, which other servers do not. Headers that are stored with objects come in and go out
        // byte for byte; Kestrel's defaults refuse requests with other than UTF-8, and answers with other than ASCII.
        kestrel.RequestHeaderEncodingSelector = static name => name == HeaderNames.ContentLength ? DigitsEncoding.Instance : HeaderTextEncoding.OfRequest(name);
        kestrel.ResponseHeaderEncodingSelector = HeaderTextEncoding.OfResponse;
    }
}
