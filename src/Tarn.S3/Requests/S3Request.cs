using Microsoft.AspNetCore.Http;
using Tarn.Core.Model;
using Tarn.S3.Documents;
using Tarn.S3.Routing;

namespace Tarn.S3.Requests;

/// <summary>What a client asked for: the address, the query, the operation that they come to, and the headers. Nothing in it changes.</summary>
internal sealed record S3Request
{
    /// <summary>The request and its connection, as the web server has them.</summary>
    public required HttpContext Http { get; init; }

    /// <summary>Sixteen upper-case hex digits, also in <c>x-amz-request-id</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Identifies the server process; also in <c>x-amz-id-2</c>.</summary>
    public required string HostId { get; init; }

    /// <summary>The server's clock.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>The memory that the documents of all requests in flight share.</summary>
    public required DocumentBudget Documents { get; init; }

    public S3Address Address { get; init; }

    public RequestQuery Query { get; init; } = RequestQuery.Empty;

    /// <summary>Null when the request comes to no operation, and so is refused.</summary>
    public S3Operation? Operation { get; init; }

    /// <summary>Where the request is to a client of a proxy; null: where it was sent.</summary>
    public PublicAddress? Public { get; init; }

    /// <summary>The headers that say what to store: the request's, or the fields of a form that stand in for them.</summary>
    public IHeaderDictionary UploadHeaders
    {
        get => field ?? Headers;
        init;
    }

    /// <summary>The tags that a form gives its object in a field of their own; null without that field.</summary>
    public TagSet? FormTags { get; init; }

    public string Method => Http.Request.Method;

    /// <summary>As sent, with those of a presigned URL's query merged in.</summary>
    public IHeaderDictionary Headers => Http.Request.Headers;

    public long? ContentLength => Http.Request.ContentLength;

    public HostString Host => Http.Request.Host;

    /// <summary>Now, as the server's clock has it.</summary>
    public DateTimeOffset Now => Clock.GetUtcNow();

    /// <summary>Fires when the client has gone.</summary>
    public CancellationToken CancellationToken => Http.RequestAborted;

    /// <summary>The bucket's name as sent. Only for operations whose target is a bucket or an object.</summary>
    public string BucketName => Address.Bucket ?? throw new InvalidOperationException("The service has no bucket.");

    /// <summary>Only for operations whose target is an object.</summary>
    public ObjectKey Key => Address.Key;

    /// <summary>The operation, for what is done only once there is one.</summary>
    public S3Operation RequiredOperation => Operation ?? throw new InvalidOperationException("The request was not resolved.");

    /// <summary>What paths of this server begin with, to the client; empty, or without a slash at the end.</summary>
    public string PublicPrefix => Public?.Prefix ?? "";

    /// <summary>What URLs of this server begin with, to the client; without a slash at the end.</summary>
    public string PublicUrl => Public is { } known ? $"{known.Scheme}://{known.Authority}{known.Prefix}" : $"{Http.Request.Scheme}://{Host}";

    /// <summary>The upload of an object that a form amounts to.</summary>
    /// <param name="key">The object's key, from a field.</param>
    /// <param name="headers">The fields that stand in for headers.</param>
    /// <param name="tags">The tags, from a field of their own; null without it.</param>
    public S3Request AsUpload(ObjectKey key, IHeaderDictionary headers, TagSet? tags) => this with
    {
        Address = Address.WithKey(key),
        Operation = RequiredOperation with { Target = S3Target.Object },
        UploadHeaders = headers,
        FormTags = tags,
    };
}
