using Microsoft.AspNetCore.Http;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Errors;
using Tarn.S3.Transport;

namespace Tarn.S3.Requests;

/// <summary>The answer to one request: the web server's, with the headers that it has whatever it becomes, a refusal included.</summary>
/// <param name="request">What is answered.</param>
/// <param name="region">The server's region, which is that of every bucket; null: none is named.</param>
internal sealed class S3Answer(S3Request request, string? region) : SentBytes(request.Clock)
{
    /// <summary>Where clients that were not told the region find it. Source: Amazon S3 API Reference, HeadBucket.</summary>
    public const string RegionHeader = "x-amz-bucket-region";

    private IReadOnlyList<KeyValuePair<string, string>> _standing = [];

    /// <summary>The web server's side of it.</summary>
    public HttpResponse Http { get; } = request.Http.Response;

    /// <summary>What the request was refused or cut off with; null: nothing.</summary>
    public S3Error? Refusal { get; set; }

    /// <summary>Whether the answer names the region: the request is about a bucket that exists.</summary>
    public bool NamesRegion { get; private set; }

    /// <summary>Names the region in the answer. To be called as soon as it is known that the request is about a bucket that exists.</summary>
    public void NameRegion()
    {
        NamesRegion = true;
        if (region is not null && !Http.HasStarted)
        {
            Http.Headers[RegionHeader] = region;
        }
    }

    /// <summary>Gives the answer headers that it keeps even if it becomes a refusal.</summary>
    public void Keep(IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        _standing = headers;
        Stamp();
    }

    /// <summary>Starts over: what was said so far is dropped, but for the headers that every answer has.</summary>
    public void Clear()
    {
        Http.Clear();
        Stamp();
    }

    /// <summary>Sets the headers that every answer has.</summary>
    public void Stamp()
    {
        IHeaderDictionary headers = Http.Headers;
        headers.Server = "Tarn";
        headers["x-amz-request-id"] = request.Id;
        headers["x-amz-id-2"] = request.HostId;
        if (DiskId.HasShape(request.Address.Bucket))
        {
            // On every answer of a disk, so that a client finds out about ranges without asking for one.
            headers.AcceptRanges = "bytes";
        }

        if (NamesRegion && region is not null)
        {
            headers[RegionHeader] = region;
        }

        foreach ((string name, string value) in _standing)
        {
            headers[name] = value;
        }
    }
}
