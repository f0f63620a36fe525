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

    private const string Arrived = "NoSuchBucket";
    private const string WrongSignature = "SignatureDoesNotMatch";
    private const string Success = "a success";
    private const string Own = "an answer of the proxy's own";
    private const string Bodies = "let the proxy take bodies of any size (nginx: client_max_body_size 0)";
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

        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = Patience };
        List<Finding> findings = [];
        if (await AskAsync($"{url} cannot be reached", "check its name, the proxy and its certificate, and the way from this machine to it", () => ReachAsync(http, url, examined, cancellationToken))
            && await AskAsync("a signed request is not answered", $"look in the proxy's log, and whether it passes on requests with an Authorization header ({Page})", () => SignAsync(http, url, examined, cancellationToken)))
        {
            await AskAsync("an upload of 5 GiB is not answered", $"look in the proxy's log; {Bodies} ({Page})", () => UploadAsync(url, examined.Time, cancellationToken));
        }

        return [.. findings, .. Settled(url, examined.Options)];

        // Adds what is found, or why nothing is; false: it makes no sense to go on.
        async Task<bool> AskAsync(string failure, string advice, Func<Task<Finding>> ask)
        {
            Finding found;
            try
            {
                found = await ask();
            }
            catch (Exception e) when (e is HttpRequestException or IOException or SocketException or AuthenticationException)
            {
                found = Finding.Problem($"{failure}: {Reason(e)}", advice);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                found = Finding.Problem($"{failure}: nothing came within {Patience.TotalSeconds:N0} seconds", advice);
            }

            findings.Add(found);
            return found.Verdict != Verdict.Problem;
        }
    }

    private static string Reason(Exception e) =>
        e.GetBaseException() is SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.Shutdown } ? "the connection was reset"
        : e is HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } or EndOfStreamException ? "the connection was closed without an answer"
        : e.InnerException is AuthenticationException cause ? $"{e.Message} {cause.Message}"
        : e.Message;

    private static async Task<Finding> ReachAsync(HttpClient http, Uri url, Examined examined, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await http.GetAsync(Target(url, "/"), cancellationToken);
        if (!answer.Headers.Contains("x-amz-request-id"))
        {
            return Finding.Problem(
                $"{url} answers {(int)answer.StatusCode}, but not as S3: {(answer.Headers.Location is { } to ? $"it sends clients to {to}" : "the proxy itself, or another program, answers")}", $"send requests for this URL on to the S3 endpoint ({Page})");
        }

        TimeSpan skew = (answer.Headers.Date ?? examined.Time.GetUtcNow()) - examined.Time.GetUtcNow();
        return skew.Duration() > MaxSkew
            ? Finding.Warning(string.Create(CultureInfo.InvariantCulture, $"the clock there is {skew.TotalMinutes:N0} minutes off this one"), "set both right: signatures are refused at 15 minutes")
            : Finding.Ok($"{url} is answered as S3 answers");
    }

    /// <summary>Asks for a bucket that is not there: only the server itself says that of it, and only to a signature that is right.</summary>
    private static async Task<Finding> SignAsync(HttpClient http, Uri url, Examined examined, CancellationToken cancellationToken)
    {
        if (examined.Key is not { } key)
        {
            return Finding.Skipped("whether signatures survive the proxy", "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to an access key of this server");
        }

        // First a wrong signature: without the Authorization header, it would be answered as no signature at all is.
        string wrong = await CodeAsync(Nowhere, key with { SecretKey = key.SecretKey + "x" });
        if (wrong != WrongSignature)
        {
            return wrong is Arrived or "AccessDenied" or Success || wrong.StartsWith(Own, StringComparison.Ordinal)
                ? Finding.Problem($"the signature does not reach the server: a wrong one is answered with {wrong}", $"let the proxy pass on requests with their Authorization header ({Page})")
                : Finding.Skipped($"whether signatures survive the proxy: the access key is refused ({wrong})", "use an access key of this server, and its region");
        }

        string plain = await CodeAsync(Nowhere, key);
        if (plain != Arrived)
        {
            return plain == WrongSignature ? Finding.Problem(
                    "a signature does not survive: what arrives is for another host or path than what was signed",
                    $"let the proxy pass the Host header on (nginx: proxy_set_header Host $http_host), or set --external-url and --trusted-proxy ({Page})")
                : plain == "AccessDenied" ? Finding.Skipped("whether paths survive the proxy: this access key may not ask for a bucket that is not there", "use the root user's")
                : Finding.Problem($"a signed request is answered with {plain}", $"look in the proxy's log ({Page})");
        }

        string untidy = await CodeAsync(Untidy, key);
        const string paths = $"let the proxy send the path on as it came (nginx: proxy_pass without a path; Apache: AllowEncodedSlashes NoDecode and nocanon; see {Page})";
        return untidy == Arrived ? Finding.Ok("signatures survive, with the Host header and with '//', '%2F' and '+' in keys")
            : untidy == WrongSignature ? Finding.Problem("paths do not survive: '//', '%2F' or '+' in a key is changed on the way, so that signatures of such keys do not match", paths)
            : Finding.Problem($"paths do not survive: a key with '//', '%2F' and '+' is answered with {untidy}", paths);

        // The error code of the server's answer; or that it is a success, or the proxy's own.
        async Task<string> CodeAsync(string path, RootKey with)
        {
            Uri target = Target(url, path);
            using var request = new HttpRequestMessage(HttpMethod.Get, target);
            foreach ((string name, string value) in RequestSigner.Sign(with.AccessKey, with.SecretKey, "s3", "GET", target, [], examined.Time.GetUtcNow(), examined.Options?.Region ?? "us-east-1"))
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            using HttpResponseMessage answer = await http.SendAsync(request, cancellationToken);

            // As bytes: the charset is the proxy's to choose, and may be one that is not known here.
            string body = Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
            return !answer.Headers.Contains("x-amz-request-id") ? string.Create(CultureInfo.InvariantCulture, $"{Own} ({(int)answer.StatusCode})")
                : answer.IsSuccessStatusCode ? Success
                : ErrorCode().Match(body) is { Success: true } code ? code.Groups[1].Value
                : string.Create(CultureInfo.InvariantCulture, $"status {(int)answer.StatusCode}");
        }
    }

    /// <summary>Begins the largest upload there is, without a signature, which the server refuses from its head alone.</summary>
    private static async Task<Finding> UploadAsync(Uri url, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        await using RawExchange exchange = await RawExchange.OpenAsync(url, either.Token);
        Uri target = Target(url, Nowhere + "/key");
        string head = string.Create(
            CultureInfo.InvariantCulture, $"PUT {target.PathAndQuery} HTTP/1.1\r\nHost: {target.Authority}\r\nContent-Length: {Largest}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n");
        (int Status, string Head)? answer = await exchange.AskAsync(Encoding.ASCII.GetBytes(head), Patience, time, cancellationToken);
        bool continues = answer is { Status: 100 };
        if (continues || answer is null)
        {
            // It speaks for the server, or keeps Expect from it: does it wait for all of the body?
            answer = await exchange.AskAsync(new byte[64 << 10], Patience, time, cancellationToken);
        }

        return answer is not { } known
                ? Finding.Warning("the proxy keeps bodies until they are complete, before the server sees them: uploads need its disk, take longer, and are refused only at their end", $"turn its buffering of requests off (nginx: proxy_request_buffering off; see {Page})")
            : known.Status == 413 ? Finding.Problem("the proxy refuses bodies of 5 GiB, the largest that S3 takes at once (413)", $"{Bodies}; see {Page}")
            : !known.Head.Contains("x-amz-request-id", StringComparison.OrdinalIgnoreCase) ? Finding.Problem($"the proxy answers an upload itself, with {known.Status}", $"{Bodies}, and PUT and Expect: 100-continue ({Page})")
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
