using System.Globalization;

namespace Tarn.Server.Accelerator.Upstream;

/// <summary>Where the upstream listens for accelerators.</summary>
/// <param name="Host">Its name, for which its certificate has to be, or its address without brackets.</param>
/// <param name="Port">Its port.</param>
/// <param name="IsTls">Whether it is spoken to over TLS.</param>
internal sealed record UpstreamAddress(string Host, int Port, bool IsTls)
{
    /// <summary>As a Host header says it.</summary>
    public string Authority => string.Create(CultureInfo.InvariantCulture, $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");

    /// <param name="url">A URL of a scheme, a host and optionally a port.</param>
    public static UpstreamAddress Of(Uri url) => new(url.IdnHost.Trim('[', ']'), url.Port, url.Scheme == Uri.UriSchemeHttps);

    public override string ToString() => $"{(IsTls ? "https" : "http")}://{Authority}";
}
