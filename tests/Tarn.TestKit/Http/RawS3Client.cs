using System.Globalization;
using System.Net;
using System.Text;
using System.Xml.Linq;
using Tarn.TestKit.Servers;
using Tarn.TestKit.Signing;

namespace Tarn.TestKit.Http;

/// <summary>
/// S3 requests over HttpClient: the target is sent exactly as escaped here, no retries, no interpretation. Payloads are not signed. For
/// tests that want kept connections, bodies of any size and speed, or a certificate checked against an authority; where the bytes of the
/// request matter, <see cref="RawClient"/> sends those.
/// </summary>
public sealed class RawS3Client : IDisposable
{
    private static readonly XNamespace Namespace = "http://s3.amazonaws.com/doc/2006-03-01/";
    private readonly TarnEndpoint _endpoint;
    private readonly HttpClient _http;

    /// <summary>A client with a connection pool of its own.</summary>
    /// <param name="endpoint">Where to and with which credentials.</param>
    /// <param name="timeout">How long one request may take; null: 100 s.</param>
    public RawS3Client(TarnEndpoint endpoint, TimeSpan? timeout = null)
    {
        _endpoint = endpoint;
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
        };
        if (endpoint.AuthorityFile is { } file)
        {
            handler.SslOptions = TrustedAuthority.Only(file);
        }

        _http = new HttpClient(handler) { Timeout = timeout ?? TimeSpan.FromSeconds(100) };
    }

    /// <summary>Where it sends to.</summary>
    public Uri Address => _endpoint.S3;

    /// <summary>Whether keys are given percent-escaped, to be sent exactly so: for bytes that no text has.</summary>
    public bool KeysAreEscaped { get; init; }

    /// <summary>Sends a signed request and reads the answer.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="bucket">The bucket, or null for the service.</param>
    /// <param name="key">The key, unescaped, or null for the bucket.</param>
    /// <param name="query">Query parameters, unescaped.</param>
    /// <param name="headers">Further headers; <c>x-amz-*</c> ones are signed.</param>
    /// <param name="body">The body, or null for none.</param>
    /// <exception cref="HttpRequestException">The connection failed: whether the request took effect is unknown.</exception>
    /// <exception cref="OperationCanceledException">No answer in time: likewise unknown.</exception>
    public Task<RawS3Response> SendAsync(
        HttpMethod method,
        string? bucket,
        string? key = null,
        IReadOnlyDictionary<string, string>? query = null,
        IReadOnlyDictionary<string, string>? headers = null,
        ReadOnlyMemory<byte>? body = null
    )
    {
        var hasBody = body is not null || method == HttpMethod.Put || method == HttpMethod.Post;
        return SendContentAsync(
            method,
            bucket,
            key,
            hasBody ? new ReadOnlyMemoryContent(body ?? default) : null,
            query,
            headers
        );
    }

    /// <summary>Sends a signed request whose body is the caller's to produce, as slowly as it likes; else as <see cref="SendAsync"/>.</summary>
    public async Task<RawS3Response> SendContentAsync(
        HttpMethod method,
        string? bucket,
        string? key,
        HttpContent? content,
        IReadOnlyDictionary<string, string>? query = null,
        IReadOnlyDictionary<string, string>? headers = null
    )
    {
        using var request = Sign(method, bucket, key, query ?? new Dictionary<string, string>(), headers);
        request.Content = content;
        foreach (var (name, value) in headers ?? new Dictionary<string, string>())
        {
            if (!request.Headers.NonValidated.Contains(name) && !request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content ??= new ReadOnlyMemoryContent(default);
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var read = await answer.Content.ReadAsByteArrayAsync();
        var all = answer.Headers.Concat(answer.Content.Headers);
        return new RawS3Response(
            answer.StatusCode,
            all.ToDictionary(h => h.Key, h => string.Join(',', h.Value), StringComparer.OrdinalIgnoreCase),
            read
        );
    }

    /// <summary>GetObject whose body the caller reads, as slowly as it likes.</summary>
    public async Task<HttpResponseMessage> OpenAsync(string bucket, string key)
    {
        using var request = Sign(HttpMethod.Get, bucket, key, new Dictionary<string, string>(), null);
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>Makes a bucket; throws unless that succeeds.</summary>
    public async Task CreateBucketAsync(string bucket) => (await SendAsync(HttpMethod.Put, bucket)).Expect();

    /// <summary>PutObject.</summary>
    public Task<RawS3Response> PutAsync(string bucket, string key, ReadOnlyMemory<byte> content) =>
        SendAsync(HttpMethod.Put, bucket, key, body: content);

    /// <summary>GetObject.</summary>
    public Task<RawS3Response> GetAsync(string bucket, string key) => SendAsync(HttpMethod.Get, bucket, key);

    /// <summary>DeleteObject.</summary>
    public Task<RawS3Response> DeleteAsync(string bucket, string key) => SendAsync(HttpMethod.Delete, bucket, key);

    /// <summary>CopyObject within a bucket.</summary>
    public Task<RawS3Response> CopyAsync(string bucket, string source, string target) =>
        SendAsync(
            HttpMethod.Put,
            bucket,
            target,
            headers: new Dictionary<string, string>
            {
                ["x-amz-copy-source"] = $"/{bucket}/{Uri.EscapeDataString(source)}",
            }
        );

    /// <summary>Creates a multipart upload, uploads the parts one after the other and completes it.</summary>
    /// <returns>The answer to the first request that failed, else the one to CompleteMultipartUpload.</returns>
    public async Task<RawS3Response> MultipartAsync(string bucket, string key, IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        var created = await SendAsync(HttpMethod.Post, bucket, key, new Dictionary<string, string> { ["uploads"] = "" });
        if (!created.IsSuccess)
        {
            return created;
        }

        var upload = created.Xml.Element(Namespace + "UploadId")!.Value;
        var list = new XElement(Namespace + "CompleteMultipartUpload");
        for (var number = 1; number <= parts.Count; number++)
        {
            var text = number.ToString(CultureInfo.InvariantCulture);
            var query = new Dictionary<string, string> { ["partNumber"] = text, ["uploadId"] = upload };
            var part = await SendAsync(HttpMethod.Put, bucket, key, query, body: parts[number - 1]);
            if (!part.IsSuccess)
            {
                return part;
            }

            list.Add(
                new XElement(
                    Namespace + "Part",
                    new XElement(Namespace + "PartNumber", text),
                    new XElement(Namespace + "ETag", part.Header("ETag"))
                )
            );
        }

        return await SendAsync(
            HttpMethod.Post,
            bucket,
            key,
            new Dictionary<string, string> { ["uploadId"] = upload },
            body: Encoding.UTF8.GetBytes(list.ToString(SaveOptions.DisableFormatting))
        );
    }

    /// <summary>All keys below a prefix with their sizes in bytes, over as many pages as there are, in the order listed.</summary>
    public async Task<IReadOnlyList<(string Key, long Size)>> ListAsync(string bucket, string prefix = "")
    {
        var found = new List<(string, long)>();
        string? token = null;
        do
        {
            var query = new Dictionary<string, string> { ["list-type"] = "2", ["prefix"] = prefix };
            if (token is not null)
            {
                query["continuation-token"] = token;
            }

            var page = (await SendAsync(HttpMethod.Get, bucket, query: query)).Expect().Xml;
            found.AddRange(
                page.Elements(Namespace + "Contents")
                    .Select(entry =>
                        (
                            entry.Element(Namespace + "Key")!.Value,
                            long.Parse(entry.Element(Namespace + "Size")!.Value, CultureInfo.InvariantCulture)
                        )
                    )
            );
            token = page.Element(Namespace + "NextContinuationToken")?.Value;
        } while (token is not null);

        return found;
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Sign(
        HttpMethod method,
        string? bucket,
        string? key,
        IReadOnlyDictionary<string, string> query,
        IReadOnlyDictionary<string, string>? headers
    )
    {
        var path =
            "/" + bucket + (key is null ? "" : "/" + (KeysAreEscaped ? key : string.Join('/', key.Split('/').Select(Uri.EscapeDataString))));
        var target = query.Count == 0 ? path : path + "?" + string.Join('&', query.Select(pair => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(pair.Value)}"));
        var exactly = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        var request = new HttpRequestMessage(method, new Uri(_endpoint.Address + target, exactly));
        var signed = new Dictionary<string, string> { ["host"] = _endpoint.S3.Authority, ["x-amz-content-sha256"] = SigV4TestSigner.UnsignedPayload };
        foreach (var (name, value) in headers ?? new Dictionary<string, string>())
        {
            if (name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase))
            {
                signed[name.ToLowerInvariant()] = value;
            }
        }

        var signer = new SigV4TestSigner(_endpoint.AccessKey, _endpoint.SecretKey, _endpoint.Region);
        foreach (var (name, value) in signer.SignHeaders(method.Method, target, signed, [], DateTimeOffset.UtcNow))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }
}
