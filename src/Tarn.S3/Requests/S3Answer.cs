using Microsoft.AspNetCore.Http;
using Tarn.Core.Buckets;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.S3.Telemetry;

namespace Tarn.S3.Requests;

/// <summary>The answer to one request: the web server's response, with the headers that every answer has, refusals included.</summary>
/// <param name="request">The request.</param>
/// <param name="region">The server's region, which is that of every bucket; null: the answer names none.</param>
internal sealed class S3Answer(S3Request request, string? region) : SentBytes(request.Clock)
{
    /// <summary>The header with the bucket's region, for clients that do not know it. Source: Amazon S3 API Reference, HeadBucket.</summary>
    public const string RegionHeader = "x-amz-bucket-region";

    private IReadOnlyList<KeyValuePair<string, string>> _standing = [];

    /// <summary>The web server's response.</summary>
    public HttpResponse Http { get; } = request.Http.Response;

    /// <summary>The error with which the request was refused or cut off; null for none.</summary>
    public S3Error? Refusal { get; set; }

    /// <summary>The access key that the request names and that exists, but whose secret did not sign it; null for others.</summary>
    public string? ClaimedAccessKey { get; set; }

    /// <summary>The access key id of the credentials that the answer issues; null for none.</summary>
    public string? Issued { get; set; }

    /// <summary>Whether the answer names the region, because the request concerns an existing bucket.</summary>
    public bool NamesRegion { get; private set; }

    /// <summary>Bytes of an object, all of the range that was asked for, in whose place a plan was sent; null when none was.</summary>
    public long? Planned { get; set; }

    /// <summary>Names the region in the answer, because the request concerns a bucket that exists.</summary>
    public void NameRegion()
    {
        NamesRegion = true;
        if (region is not null && !Http.HasStarted)
        {
            Http.Headers[RegionHeader] = region;
        }
    }

    /// <summary>The id of the bucket that the request concerns; null when none is known, and for disks.</summary>
    public ulong? BucketId { get; private set; }

    /// <summary>Canonical user id of the owner of the bucket or disk that the request concerns; null when none is known.</summary>
    public string? OwnerId { get; private set; }

    /// <summary>Whether the bucket has requests for it logged.</summary>
    public bool IsLogged { get; private set; }

    /// <summary>What the request copies, or would have copied; null for none.</summary>
    public CopiedObject? CopiedFrom { get; private set; }

    /// <summary>Notes the existing bucket or disk that the request concerns, as soon as it is known, and names its region in the answer.</summary>
    public void Concerns(IBucket bucket)
    {
        BucketId = (bucket as Bucket)?.Id;
        OwnerId = bucket.OwnerId;
        IsLogged = bucket is Bucket logged && BucketLogging.Stored.IsSet(logged);
        NameRegion();
    }

    /// <summary>Notes the object that the request copies, as soon as its bucket is known.</summary>
    public void Copies(Bucket bucket, ObjectKey key, string? version) => CopiedFrom = new CopiedObject(bucket.Id, bucket.Name.Value, bucket.OwnerId, key, version)
    {
        IsLogged = BucketLogging.Stored.IsSet(bucket),
    };

    /// <summary>Notes that what the request copies could be read.</summary>
    /// <param name="neededAcl">Whether that needed an access control list.</param>
    public void ReadSource(bool neededAcl) => CopiedFrom = CopiedFrom! with { IsRead = true, NeededAcl = neededAcl };

    /// <summary>Adds headers that the answer keeps even if it becomes a refusal.</summary>
    public void Keep(IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        _standing = headers;
        Stamp();
    }

    /// <summary>Clears the answer except for the headers that every answer has.</summary>
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
            // On every answer of a disk, so that clients learn that ranges are supported.
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
