using System.Net;
using System.Security.Cryptography;
using System.Xml;
using System.Xml.Linq;
using Tarn.S3.Auth;

namespace Tarn.Server.Cli;

/// <summary>A client of a server's S3 endpoint, for the commands that do what S3 has a request for. Each request is authorized as that of any client.</summary>
/// <param name="endpoint">The URL of S3: <c>http://127.0.0.1:9000</c>.</param>
/// <param name="credentials">The access key to sign with.</param>
/// <param name="region">The region of the signatures; a server that has another one says which.</param>
/// <param name="time">The clock for signatures.</param>
internal sealed class S3Client(Uri endpoint, ClientCredentials credentials, string region, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);

    /// <summary>Bytes; more than any answer about a bucket has.</summary>
    private const int LargestAnswer = 32 << 20;

    // A signed change is for the server that was named, and goes to no other one.
    private readonly HttpClient _http = new(new HttpClientHandler { AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = LargestAnswer };
    private string _region = region;

    /// <summary>The URL of S3, for people.</summary>
    public string Endpoint { get; } = endpoint.AbsoluteUri.TrimEnd('/');

    /// <summary>Sends a request about a bucket.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="bucket">The bucket.</param>
    /// <param name="subresource">The sub-resource; null for the bucket itself.</param>
    /// <param name="body">The whole body.</param>
    /// <param name="headers">More headers, their names in lower case.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="CliException">The server cannot be reached, or what answers is no S3 server.</exception>
    public async Task<S3Reply> SendAsync(
        HttpMethod method, string bucket, string? subresource, byte[] body, IReadOnlyList<KeyValuePair<string, string>> headers, CancellationToken cancellationToken)
    {
        S3Reply reply = await SendOnceAsync(method, TargetOf(bucket, subresource), body, headers, cancellationToken);
        if (reply.ErrorCode == "AuthorizationHeaderMalformed" && reply.ErrorRegion is { Length: > 0 } expected && expected != _region)
        {
            _region = expected;
            reply = await SendOnceAsync(method, TargetOf(bucket, subresource), body, headers, cancellationToken);
        }

        return reply;
    }

    /// <summary>Asks for the head of an object. Its answer has no body, so of an error only the status is known.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="headers">More headers, their names in lower case.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="CliException">The server cannot be reached.</exception>
    public Task<S3Reply> HeadAsync(string bucket, string key, IReadOnlyList<KeyValuePair<string, string>> headers, CancellationToken cancellationToken) =>
        SendOnceAsync(HttpMethod.Head, $"{PathOf(bucket)}/{string.Join('/', key.Split('/').Select(Uri.EscapeDataString))}", [], headers, cancellationToken);

    public void Dispose() => _http.Dispose();

    private static string PathOf(string bucket) => "/" + Uri.EscapeDataString(bucket);

    private static string TargetOf(string bucket, string? subresource) => subresource is null ? PathOf(bucket) : $"{PathOf(bucket)}?{subresource}";

    private async Task<S3Reply> SendOnceAsync(HttpMethod method, string path, byte[] body, IReadOnlyList<KeyValuePair<string, string>> headers, CancellationToken cancellationToken)
    {
        // Keys may have segments such as '..', which are sent as they are.
        string authority = endpoint.GetLeftPart(UriPartial.Authority);
        var target = new Uri($"{authority}{endpoint.AbsolutePath.TrimEnd('/')}{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(method, target);
        List<KeyValuePair<string, string>> all = [.. headers];
        if (credentials.SessionToken is { } token)
        {
            all.Add(new("x-amz-security-token", token));
        }

        if (body.Length > 0)
        {
            request.Content = new ByteArrayContent(body);
            all.Add(new("x-amz-checksum-sha256", Convert.ToBase64String(SHA256.HashData(body))));
        }

        foreach ((string name, string value) in all.Concat(RequestSigner.Sign(credentials.AccessKey!, credentials.SecretKey!, "s3", method.Method, target, body, time.GetUtcNow(), _region, all)))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            using HttpResponseMessage response = await _http.SendAsync(request, either.Token);
            byte[] answer = await response.Content.ReadAsByteArrayAsync(either.Token);
            return Read(response, answer);
        }
        catch (HttpRequestException e)
        {
            throw new CliException($"cannot reach S3 at {authority}: {e.Message} (set another with --s3-endpoint or AWS_ENDPOINT_URL)", e) { IsUnanswered = true };
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CliException($"S3 at {authority} did not answer in time", e) { IsUnanswered = true };
        }
    }

    private S3Reply Read(HttpResponseMessage response, byte[] answer)
    {
        int status = (int)response.StatusCode;
        Dictionary<string, string> headers = response.Headers.ToDictionary(static header => header.Key, static header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        if (response.IsSuccessStatusCode || response.RequestMessage?.Method == HttpMethod.Head)
        {
            return new S3Reply(status, answer, headers, null, null, null);
        }

        try
        {
            XElement error = ReadXml(answer);
            string? Text(string name) => error.Elements().FirstOrDefault(element => element.Name.LocalName == name)?.Value;
            if (Text("Code") is { Length: > 0 } code)
            {
                return new S3Reply(status, answer, headers, code, Text("Message"), Text("Region"));
            }
        }
        catch (XmlException e)
        {
            throw NoS3(status, e);
        }

        throw NoS3(status, null);
    }

    private CliException NoS3(int status, Exception? inner)
    {
        // A load balancer says so of a server that is away, which may have done what it was asked for.
        bool isUnanswered = status is (int)HttpStatusCode.BadGateway or (int)HttpStatusCode.ServiceUnavailable or (int)HttpStatusCode.GatewayTimeout;
        string message = $"what answers at {endpoint.GetLeftPart(UriPartial.Authority)} is not an S3 server (status {status}): name the URL of S3 with --s3-endpoint";
        return inner is null ? new CliException(message) { IsUnanswered = isUnanswered } : new CliException(message, inner) { IsUnanswered = isUnanswered };
    }

    /// <summary>The root of a document.</summary>
    /// <exception cref="XmlException">It is not XML.</exception>
    public static XElement ReadXml(byte[] document)
    {
        // Servers escape control characters in keys and tags, which XML 1.0 does not have.
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, CheckCharacters = false };
        using var content = new MemoryStream(document);
        using var reader = XmlReader.Create(content, settings);
        return XElement.Load(reader, LoadOptions.PreserveWhitespace);
    }
}

/// <summary>An answer of S3.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">The whole body.</param>
/// <param name="Headers">The headers, by name without regard to case.</param>
/// <param name="ErrorCode">The error; null for a success, and for any answer to a HEAD.</param>
/// <param name="ErrorMessage">What the server says of it.</param>
/// <param name="ErrorRegion">The region that the server expects, where the error is about that.</param>
internal sealed record S3Reply(int Status, byte[] Body, IReadOnlyDictionary<string, string> Headers, string? ErrorCode, string? ErrorMessage, string? ErrorRegion);
