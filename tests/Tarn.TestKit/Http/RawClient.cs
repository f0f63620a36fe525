using System.Text;
using System.Text.RegularExpressions;
using Tarn.TestKit.Servers;
using Tarn.TestKit.Signing;

namespace Tarn.TestKit.Http;

/// <summary>
/// Signed requests whose target, headers and body are sent exactly as given: what no HTTP library would send
/// (dot segments, double slashes, wrong lengths) is what a server must survive.
/// </summary>
/// <param name="endpoint">Where to and with which credentials.</param>
/// <param name="domain">The domain below which signed requests name their bucket (virtual-host style), where its name can be in a host's; null: all name it in the path.</param>
public sealed partial class RawClient(TarnEndpoint endpoint, string? domain = null)
{
    public string HostHeader => endpoint.S3.Authority;

    /// <summary>A key or a query value in the canonical encoding of SigV4; keys keep their slashes.</summary>
    public static string Escape(string key) => Uri.EscapeDataString(key).Replace("%2F", "/", StringComparison.Ordinal);

    /// <summary>Signs as the endpoint's owner, but for what is given.</summary>
    public TimedSigner Signer(
        DateTimeOffset? time = null, string? withSecret = null, string? withAccessKey = null, string? withRegion = null, string service = "s3") =>
        new(
            new SigV4TestSigner(withAccessKey ?? endpoint.AccessKey, withSecret ?? endpoint.SecretKey, withRegion ?? endpoint.Region, service),
            time ?? DateTimeOffset.UtcNow);

    public SigV2TestSigner Version2Signer => new(endpoint.AccessKey, endpoint.SecretKey);

    /// <summary>Sends a request signed over all its headers and its payload, and returns the answer.</summary>
    public async Task<RawResponse> SendAsync(
        string method, string target, IEnumerable<(string Name, string Value)>? headers = null, byte[]? body = null,
        string? payloadHash = null, string? host = null, TimedSigner? signer = null)
    {
        (string head, _) = Head(method, target, headers, body, payloadHash, host, signer);
        return await ExchangeAsync(method, head, body);
    }

    public Task<RawResponse> SendAsync(string method, string target, IEnumerable<(string Name, string Value)>? headers, string body) =>
        SendAsync(method, target, headers, Encoding.UTF8.GetBytes(body));

    /// <summary>Sends without any authentication.</summary>
    public Task<RawResponse> SendUnsignedAsync(string method, string target, IEnumerable<(string Name, string Value)>? headers = null, byte[]? body = null)
    {
        List<(string Name, string Value)> all = [("Host", HostHeader), .. headers ?? []];
        if (body is not null)
        {
            all.Add(("Content-Length", $"{body.Length}"));
        }

        return ExchangeAsync(method, Lines(method, target, all), body);
    }

    /// <summary>Sends bytes as they are on a connection of their own, then reads one answer.</summary>
    public async Task<RawResponse> ExchangeAsync(string method, string head, byte[]? body = null) =>
        await TryExchangeAsync(method, head, body) ?? throw new IOException("The server closed the connection without an answer.");

    /// <summary>As <see cref="ExchangeAsync"/>, but null when the server closes or resets the connection instead of answering in full.</summary>
    public async Task<RawResponse?> TryExchangeAsync(string method, string head, byte[]? body = null)
    {
        await using RawConnection connection = await RawConnection.OpenAsync(endpoint.S3);
        try
        {
            await connection.WriteAsync(head);
            if (body is { Length: > 0 })
            {
                await connection.WriteAsync(body);
            }
        }
        catch (IOException)
        {
            // The server may refuse and stop reading before it has everything: its answer must still be read.
        }

        return await connection.TryReadResponseAsync(method);
    }

    /// <summary>The signed head of a request, blank line included, and its signature.</summary>
    public (string Head, string Signature) Head(
        string method, string target, IEnumerable<(string Name, string Value)>? headers, byte[]? body,
        string? payloadHash = null, string? host = null, TimedSigner? signer = null)
    {
        if (host is null && domain is not null && InPath().Match(target) is { Success: true } match)
        {
            (host, target) = ($"{match.Groups["bucket"].Value}.{domain}", match.Groups["rest"].Value is ['/', ..] rest ? rest : "/" + match.Groups["rest"].Value);
        }

        signer ??= Signer();
        payloadHash ??= SigV4TestSigner.Hash(body);
        List<(string Name, string Value)> all = [("Host", host ?? HostHeader), ("x-amz-date", signer.Timestamp), ("x-amz-content-sha256", payloadHash), .. headers ?? []];
        (string authorization, string signature) = signer.Authorize(method, target, all, payloadHash);
        all.Add(("Authorization", authorization));
        if (body is not null && !all.Exists(h => h.Name is "Content-Length" or "Transfer-Encoding"))
        {
            all.Add(("Content-Length", $"{body.Length}"));
        }

        return (Lines(method, target, all), signature);
    }

    /// <summary>The request line and headers as text; header values are Latin-1, one char a byte.</summary>
    public static string Lines(string method, string target, IEnumerable<(string Name, string Value)> headers) =>
        $"{method} {target} HTTP/1.1\r\n{string.Concat(headers.Select(h => $"{h.Name}: {h.Value}\r\n"))}\r\n";

    /// <summary>Text as the Latin-1 string whose bytes are its UTF-8, which is how a header carries it.</summary>
    public static string Utf8Bytes(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    [GeneratedRegex("^/(?<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?<rest>$|[/?].*$)", RegexOptions.Singleline)]
    private static partial Regex InPath();
}
