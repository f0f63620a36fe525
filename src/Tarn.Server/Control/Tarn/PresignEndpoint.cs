using System.Buffers;
using System.Text;
using Tarn.Core.Model;
using Tarn.S3.Auth;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>/api/presign</c>: URLs with which the console's page asks S3, signed as the session. It decides nothing: S3 does, when the URL is used.</summary>
internal sealed class PresignEndpoint(SessionViews views, ControlOptions control, TimeProvider time)
{
    private const int MaxKey = 1024;
    private const int MaxHeaders = 50;
    private const int MaxTotal = 16 * 1024;
    private const int DefaultSeconds = 300;
    private const int MaxSeconds = 900;

    private static readonly Dictionary<string, string> None = [];

    private static readonly HashSet<string> Methods = [HttpMethods.Get, HttpMethods.Head, HttpMethods.Put, HttpMethods.Post, HttpMethods.Delete];

    private static readonly SearchValues<char> BucketCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_");

    /// <summary>Headers that a page cannot set, that end at a proxy, or that authenticate. Source: Fetch Standard, "forbidden request-header"; RFC 9110, section 7.6.1.</summary>
    private static readonly HashSet<string> Forbidden = new(StringComparer.Ordinal)
    {
        "accept-charset", "accept-encoding", "access-control-request-headers", "access-control-request-method", "access-control-request-private-network", "authorization", "connection",
        "content-length", "cookie", "cookie2", "date", "dnt", "expect", "host", "keep-alive", "origin", "referer", "set-cookie", "te", "trailer", "transfer-encoding", "upgrade", "via",
        "x-http-method", "x-http-method-override", "x-method-override",
    };

    public void Map(RouteGroupBuilder api) => api.MapPost("/api/presign", Presign).WithTags(Tags.Console).WithName("Presign").ForConsole().ForReading();

    /// <summary>Presigns a URL of the S3 endpoint with the session's credentials. S3 decides whether they may when it is used.</summary>
    /// <remarks>
    /// It ends with the session. The body of the request is not signed. In the URL of a key with a segment <c>.</c> or <c>..</c> every slash is escaped, because browsers resolve such segments.
    /// Refused are a key that is nothing but one, parameters and headers that are a part of signatures, and headers that pages cannot set.
    /// </remarks>
    public Data<PresignedView> Presign(ControlRequest request, JsonBody<PresignBody> body)
    {
        PresignBody wanted = body.Read();
        ConsoleSession session = request.By.Session!;
        ThrowIfInvalid(wanted);
        ThrowIf((wanted.Query ?? None).Concat(wanted.Headers ?? None).Any(static pair => pair.Value is null), "query and headers must be texts");
        KeyValuePair<string, string>[] query = [.. wanted.Query ?? None];
        KeyValuePair<string, string>[] headers = [.. (wanted.Headers ?? None).Select(static header =>
            new KeyValuePair<string, string>(header.Key.ToLowerInvariant(), header.Value.Trim(' ')))];
        ThrowIfInvalid(wanted, query, headers);
        DateTimeOffset now = time.GetUtcNow();
        double seconds = Math.Min(wanted.ExpiresIn ?? DefaultSeconds, Math.Floor((session.Expires - now).TotalSeconds));
        if (seconds < 1)
        {
            throw ControlRefusalException.Unauthorized("the session has ended: sign in again");
        }

        string url = UrlSigner.Sign(
            new UrlToSign
            {
                Method = wanted.Method,
                Endpoint = new Uri(views.S3UrlOf(request)),
                Bucket = wanted.Bucket,
                Key = wanted.Key,
                Query = query,
                Headers = headers,
                Life = TimeSpan.FromSeconds(seconds),
            },
            session.Credential,
            control.Region,
            now);
        return new(new PresignedView(url, new Dictionary<string, string>(headers)));
    }

    private static void ThrowIfInvalid(PresignBody wanted)
    {
        ThrowIf(!Methods.Contains(wanted.Method), "method must be GET, HEAD, PUT, POST or DELETE");
        ThrowIf(wanted.ExpiresIn is < 1 or > MaxSeconds, $"expiresIn must be 1 to {MaxSeconds} seconds");
        ThrowIf(
            wanted.Bucket is { } bucket && (bucket.Length is 0 or > 255 || bucket is "." or ".." || bucket.AsSpan().ContainsAnyExcept(BucketCharacters)),
            "bucket must be the name of a bucket or the id of a disk");
        ThrowIf(wanted.Key is not null && wanted.Bucket is null, "a key needs a bucket");
        ThrowIf(wanted.Key is { } key && (key.Length == 0 || Encoding.UTF8.GetByteCount(key) > MaxKey), $"key must have 1 to {MaxKey} bytes");
        ThrowIf(wanted.Key is "." or "..", "no browser can ask for a key that is nothing but . or ..");
    }

    private static void ThrowIfInvalid(PresignBody wanted, KeyValuePair<string, string>[] query, KeyValuePair<string, string>[] headers)
    {
        long total = Encoding.UTF8.GetByteCount(wanted.Key ?? "")
            + query.Concat(headers).Sum(static pair => (long)Encoding.UTF8.GetByteCount(pair.Key) + Encoding.UTF8.GetByteCount(pair.Value));
        ThrowIf(total > MaxTotal, $"key, query and headers must have at most {MaxTotal} bytes together");
        ThrowIf(headers.Length > MaxHeaders, $"there can be at most {MaxHeaders} headers");
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, _) in query)
        {
            ThrowIf(name.Length == 0 || name.Any(char.IsControl), "the name of a parameter must not be empty, nor have control characters");
            ThrowIf(UrlSigner.IsParameterOfSignature(name), $"the parameter {name} is a part of the signature");
            ThrowIf(!names.Add(name), $"the parameter {name} is there twice");
        }

        names.Clear();
        foreach ((string name, string value) in headers)
        {
            ThrowIf(!HttpToken.IsToken(name), "the name of a header is not one");
            ThrowIf(UrlSigner.IsHeaderOfSignature(name), $"the header {name} is a part of the signature");
            ThrowIf(
                Forbidden.Contains(name) || name.StartsWith("proxy-", StringComparison.Ordinal) || name.StartsWith("sec-", StringComparison.Ordinal), $"a page cannot set the header {name}");
            ThrowIf(!names.Add(name), $"the header {name} is there twice");
            ThrowIf(value.Any(static c => c is < ' ' or > '~'), $"the header {name} must be printable ASCII");
        }
    }

    private static void ThrowIf(bool isInvalid, string problem)
    {
        if (isInvalid)
        {
            throw ControlRefusalException.BadRequest(problem);
        }
    }
}
