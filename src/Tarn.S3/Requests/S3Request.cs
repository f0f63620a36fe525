using Microsoft.AspNetCore.Http;
using Tarn.Core.Model;
using Tarn.S3.Documents;
using Tarn.S3.Routing;

namespace Tarn.S3.Requests;

/// <summary>What a client asked for: the address, the query, the operation that they select, and the headers. Immutable.</summary>
internal sealed record S3Request
{
    /// <summary>The web server's context of the request and its connection.</summary>
    public required HttpContext Http { get; init; }

    /// <summary>The request's id: sixteen upper-case hex digits, also in <c>x-amz-request-id</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Identifies the server process; also in <c>x-amz-id-2</c>.</summary>
    public required string HostId { get; init; }

    /// <summary>The server's clock.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>The memory budget that the documents of all requests in flight share.</summary>
    public required DocumentBudget Documents { get; init; }

    public S3Address Address { get; init; }

    public RequestQuery Query { get; init; } = RequestQuery.Empty;

    /// <summary>The operation; null when the request matches none and so is refused.</summary>
    public S3Operation? Operation { get; init; }

    /// <summary>The server's address as clients of a proxy see it; null: as the request was sent.</summary>
    public PublicAddress? Public { get; init; }

    /// <summary>The accelerator that passed the request on; null: it came from its client, or from a proxy.</summary>
    public AcceleratedRequest? Accelerator { get; init; }

    /// <summary>The headers that describe what to store: the request's, or the fields of a form in their place.</summary>
    public IHeaderDictionary UploadHeaders
    {
        get => field ?? Headers;
        init;
    }

    /// <summary>The tags in a form's tagging field; null without that field.</summary>
    public TagSet? FormTags { get; init; }

    public string Method => Http.Request.Method;

    /// <summary>The headers as sent, with those in a presigned URL's query merged in.</summary>
    public IHeaderDictionary Headers => Http.Request.Headers;

    public long? ContentLength => Http.Request.ContentLength;

    /// <summary>The Host header as sent; empty without one.</summary>
    public string Host => Http.Request.Headers.Host.ToString();

    /// <summary>The current time by the server's clock.</summary>
    public DateTimeOffset Now => Clock.GetUtcNow();

    /// <summary>Cancelled when the client disconnects.</summary>
    public CancellationToken CancellationToken => Http.RequestAborted;

    /// <summary>The bucket's name as sent. Only for operations whose target is a bucket or an object.</summary>
    public string BucketName => Address.Bucket ?? throw new InvalidOperationException("The service has no bucket.");

    /// <summary>The object's key. Only for operations whose target is an object.</summary>
    public ObjectKey Key => Address.Key;

    /// <summary>The operation, for code that runs only when there is one.</summary>
    public S3Operation RequiredOperation => Operation ?? throw new InvalidOperationException("The request was not resolved.");

    /// <summary>The prefix of this server's paths, as the client sees them; empty, or without a trailing slash.</summary>
    public string PublicPrefix => Public?.Prefix ?? "";

    /// <summary>The base URL of this server, as the client sees it, without a trailing slash.</summary>
    public string PublicUrl => Public is { } known ? $"{known.Scheme}://{known.Authority}{known.Prefix}" : $"{Http.Request.Scheme}://{Host}";

    /// <summary>The upload of an object that a form stands for.</summary>
    /// <param name="key">The object's key, from a field.</param>
    /// <param name="headers">The fields that take the place of headers.</param>
    /// <param name="tags">The tags in the tagging field; null without it.</param>
    public S3Request AsUpload(ObjectKey key, IHeaderDictionary headers, TagSet? tags) => this with
    {
        Address = Address.WithKey(key),
        Operation = RequiredOperation with { Target = S3Target.Object },
        UploadHeaders = headers,
        FormTags = tags,
    };
}
