using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using System.Text.RegularExpressions;
using Tarn.S3.Auth;
using Tarn.Server.Configuration;

namespace Tarn.Server.Cli.Doctor.Checks;

/// <summary>
/// What is between clients and the S3 endpoint, asked at the address that clients use: whether signatures survive it, paths and the Host header with them, whether it takes large bodies, and whether it passes them on as they come.
/// </summary>
internal sealed partial class ProxyCheck : ICheck
{
    /// <summary>A bucket that nobody has, so that nothing is stored.</summary>
    private const string Nowhere = "/tarn-doctor-asks-for-a-bucket-that-is-not-there";

    /// <summary>What proxies like to tidy up: a double slash, an escaped slash, a plus sign.</summary>
    private const string Untidy = Nowhere + "/a//b%2Fc+d%20e";

    /// <summary>The largest body that S3 takes at once.</summary>
    private const long Largest = 5L << 30;

    private const string Page = "docs/operations/reverse-proxy.md";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(5);

    public string Name => "proxy";

    public async Task<IReadOnlyList<Finding>> RunAsync(Examined examined, CancellationToken cancellationToken)
    {
        if (examined.Public is not { } url)
        {
            return [Finding.Skipped("not asked", "if clients reach the server through a proxy, add --url with their URL")];
        }

        try
        {
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = Patience };
            List<Finding> findings = await ReachAsync(http, url, examined, cancellationToken);
            if (findings.TrueForAll(static finding => finding.Verdict != Verdict.Problem))
            {
                findings.AddRange(await SignAsync(http, url, examined, cancellationToken));
                findings.Add(await UploadAsync(url, examined.Time, cancellationToken));
            }

            findings.AddRange(Settled(url, examined.Options));
            return findings;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or AuthenticationException)
        {
            return [Finding.Problem($"{url} cannot be reached: {e.Message}{(e.InnerException is AuthenticationException cause ? $" {cause.Message}" : "")}", "check its name, the proxy and its certificate, and the way from this machine to it")];
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return [Finding.Problem($"{url} did not answer within {Patience.TotalSeconds:N0} seconds", $"look in the proxy's log, and whether it reaches the server ({Page})")];
        }
    }

    private static async Task<List<Finding>> ReachAsync(HttpClient http, Uri url, Examined examined, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await http.GetAsync(Target(url, "/"), cancellationToken);
        if (!answer.Headers.Contains("x-amz-request-id"))
        {
            return [Finding.Problem(
                $"{url} answers {(int)answer.StatusCode}, but not as S3: {(answer.Headers.Location is { } to ? $"it sends clients to {to}" : "the proxy itself, or another program, answers")}", $"send requests for this URL on to the S3 endpoint ({Page})")];
        }

        TimeSpan skew = (answer.Headers.Date ?? examined.Time.GetUtcNow()) - examined.Time.GetUtcNow();
        return skew.Duration() > MaxSkew
            ? [Finding.Warning(string.Create(CultureInfo.InvariantCulture, $"the clock there is {skew.TotalMinutes:N0} minutes off this one"), "set both right: signatures are refused at 15 minutes")]
            : [Finding.Ok($"{url} is answered as S3 answers")];
    }

    private static async Task<IReadOnlyList<Finding>> SignAsync(HttpClient http, Uri url, Examined examined, CancellationToken cancellationToken)
    {
        if (examined.Key is not { } key)
        {
            return [Finding.Skipped("whether signatures survive the proxy", "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to an access key of this server")];
        }

        string region = examined.Options?.Region ?? "us-east-1";
        string plain = await CodeAsync(http, Target(url, "/"), key, region, examined.Time, cancellationToken);
        if (plain is "SignatureDoesNotMatch")
        {
            return [Finding.Problem(
                "a signature does not survive: what arrives is for another host or path than what was signed",
                $"let the proxy pass the Host header on (nginx: proxy_set_header Host $http_host), or set --external-url and --trusted-proxy ({Page})")];
        }

        if (plain is not ("" or "AccessDenied"))
        {
            return [Finding.Skipped($"whether signatures survive the proxy: the access key is refused ({plain})", "use an access key of this server")];
        }

        string untidy = await CodeAsync(http, Target(url, Untidy), key, region, examined.Time, cancellationToken);
        return untidy is "SignatureDoesNotMatch"
            ? [Finding.Problem("paths do not survive: '//', '%2F' or '+' in a key is changed on the way, so that signatures of such keys do not match", $"let the proxy send the path on as it came (nginx: proxy_pass without a path; Apache: nocanon; see {Page})")]
            : [Finding.Ok("signatures survive, with the Host header and with '//', '%2F' and '+' in keys")];
    }

    /// <summary>The error code of the answer to a signed request; empty for a success.</summary>
    private static async Task<string> CodeAsync(HttpClient http, Uri target, RootKey key, string region, TimeProvider time, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, target);
        foreach ((string name, string value) in RequestSigner.Sign(key.AccessKey, key.SecretKey, "s3", "GET", target, [], time.GetUtcNow(), region))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using HttpResponseMessage answer = await http.SendAsync(request, cancellationToken);
        return answer.IsSuccessStatusCode ? ""
            : ErrorCode().Match(await answer.Content.ReadAsStringAsync(cancellationToken)) is { Success: true } code ? code.Groups[1].Value
            : $"status {(int)answer.StatusCode}";
    }

    /// <summary>Begins the largest upload there is, without a signature, which the server refuses from its head alone.</summary>
    private static async Task<Finding> UploadAsync(Uri url, TimeProvider time, CancellationToken cancellationToken)
    {
        await using RawExchange exchange = await RawExchange.OpenAsync(url, cancellationToken);
        Uri target = Target(url, Nowhere + "/key");
        string head = string.Create(
            CultureInfo.InvariantCulture, $"PUT {target.PathAndQuery} HTTP/1.1\r\nHost: {target.Authority}\r\nContent-Length: {Largest}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n");
        await exchange.SendAsync(Encoding.ASCII.GetBytes(head), cancellationToken);
        (int Status, string Head)? answer = await exchange.ReadAsync(Patience, time, cancellationToken);
        bool continues = answer is { Status: 100 };
        if (continues || answer is null)
        {
            // It speaks for the server, or keeps Expect from it: does it wait for all of the body?
            await exchange.SendAsync(new byte[64 << 10], cancellationToken);
            answer = await exchange.ReadAsync(Patience, time, cancellationToken);
        }

        const string bodies = "let the proxy take bodies of any size (nginx: client_max_body_size 0)";
        return answer is not { } known
                ? Finding.Warning("the proxy keeps bodies until they are complete, before the server sees them: uploads need its disk, take longer, and are refused only at their end", $"turn its buffering of requests off (nginx: proxy_request_buffering off; see {Page})")
            : known.Status == 413 ? Finding.Problem("the proxy refuses bodies of 5 GiB, the largest that S3 takes at once (413)", $"{bodies}; see {Page}")
            : !known.Head.Contains("x-amz-request-id", StringComparison.OrdinalIgnoreCase) ? Finding.Problem($"the proxy answers an upload itself, with {known.Status}", $"{bodies}, and PUT and Expect: 100-continue ({Page})")
            : Finding.Ok(continues
                ? "bodies of 5 GiB are taken and passed on as they come; the proxy answers Expect: 100-continue itself (nginx always does), so that clients begin to send uploads that are refused"
                : "bodies of 5 GiB are taken, and Expect: 100-continue reaches the server");
    }

    /// <summary>Whether the settings fit the address.</summary>
    private static IEnumerable<Finding> Settled(Uri url, ServerOptions? options)
    {
        if (options?.Proxies is not { } proxies)
        {
            yield break;
        }

        if (proxies.External is { } external && !external.Host.Equals(url.IdnHost, StringComparison.OrdinalIgnoreCase))
        {
            yield return Finding.Warning($"--external-url names {external.Host}, but clients use {url.IdnHost}", "set it to the URL that clients use");
        }
        else if (proxies.External is null && url.AbsolutePath != "/")
        {
            yield return Finding.Problem($"the URL has a path ({url.AbsolutePath}), of which the server knows nothing: clients would get it as a bucket's name", $"set --external-url {url.AbsoluteUri.TrimEnd('/')}");
        }

        if (proxies.Trusted is null && url.Scheme == Uri.UriSchemeHttps && options.Tls is not { OnS3: true })
        {
            yield return Finding.Warning(
                "no proxy is trusted, so that policies (aws:SourceIp, aws:SecureTransport), the allowed addresses of disks and the log see the proxy in place of its clients", $"set --trusted-proxy to the proxy's address, and let it set X-Forwarded-For and X-Forwarded-Proto ({Page})");
        }
    }

    private static Uri Target(Uri url, string path) => new(url.GetLeftPart(UriPartial.Authority) + url.AbsolutePath.TrimEnd('/') + path);

    [GeneratedRegex("<Code>([A-Za-z]+)</Code>")]
    private static partial Regex ErrorCode();
}
