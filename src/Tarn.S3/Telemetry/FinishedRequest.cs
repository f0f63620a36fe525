using System.Net;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Telemetry;

namespace Tarn.S3.Telemetry;

/// <summary>
/// What the server knows of one request that has ended: created once, whether it was served, refused or cut off. The access log, the span, the metrics and every
/// <see cref="IFinishedRequestSink"/> report what is here and nothing else. Immutable, and refers to nothing of the connection, so sinks may keep it: what clients may make as long as
/// they like is cut to what it can be when it is right, so it takes about 2 KB at most.
/// </summary>
public sealed record FinishedRequest
{
    /// <summary>The status of a request whose client disconnected before the end of the answer, as in nginx.</summary>
    public const int ClientClosedRequest = 499;

    private const int MaxMethodLength = 16;

    /// <summary>Of a bucket of the time when they could be as long.</summary>
    private const int MaxBucketLength = 255;

    /// <summary>The operation's name; null when the request matched none.</summary>
    public string? Operation { get; init; }

    /// <summary>The HTTP method as sent; its first 16 characters.</summary>
    public required string Method { get; init => field = Cut(value, MaxMethodLength); }

    /// <summary>When it started, by the server's clock.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>The bucket's name as sent, its first 255 characters, without the token if an escaped path of a share link was taken for it; null when the request names none.</summary>
    public string? Bucket { get; init => field = value is null ? null : Cut(ShareTokens.CutOff(value), MaxBucketLength); }

    /// <summary>The id of the bucket; null when the request names none that exists, and for disks.</summary>
    public ulong? BucketId { get; init; }

    /// <summary>Canonical user id of the owner of the bucket or disk, also where the request was refused; null when it names none that exists, or one that its requester may not know of.</summary>
    public string? OwnerId { get; init; }

    /// <summary>Whether that bucket has requests for it logged (PutBucketLogging).</summary>
    public bool IsLogged { get; init; }

    /// <summary>What it copies, or would have copied; null for other requests.</summary>
    public CopiedObject? CopiedFrom { get; init; }

    /// <summary>The object's key, at most <see cref="ObjectKey.MaxLength"/> bytes; null when the request names none. Reported as <see cref="LoggedKey"/>.</summary>
    public ObjectKey? Key { private get; init; }

    /// <summary>The key as logs and spans show it: without the token if it is the path of a share link.</summary>
    public string? LoggedKey
    {
        get
        {
            if (Key is not { } key)
            {
                return null;
            }

            string shown = ShareTokens.CutOff($"{Bucket}/{key}");

            // The name as sent may hold an encoded slash, so the cut can be inside it.
            return shown[Math.Min((Bucket?.Length ?? 0) + 1, shown.Length)..];
        }
    }

    /// <summary>The status that was answered, or <see cref="ClientClosedRequest"/>.</summary>
    public required int Status { get; init; }

    /// <summary>The code of S3's error that the request was refused or cut off with; null when it was served.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>The name of the accelerator that passed it on; null for other requests.</summary>
    public string? Accelerator { get; init; }

    /// <summary>The id of that accelerator's token; null for other requests.</summary>
    public string? AcceleratorToken { get; init; }

    /// <summary>
    /// Bytes of the object in whose place an accelerator was sent a plan: it was resolved. All of the range that was asked for, of which the plan may have the first part; those that
    /// continue it are not counted again. Null for other requests.
    /// </summary>
    public long? PlannedBytes { get; init; }

    /// <summary>Bytes of the body that were read, framing included.</summary>
    public long BytesIn { get; init; }

    /// <summary>Bytes of the answer's body that were handed to the connection.</summary>
    public long BytesOut { get; init; }

    /// <summary>Bytes of the answer's body that are for the client: an accelerator that was sent a plan sends it what is planned, in the place of the plan.</summary>
    public long BytesForClient => PlannedBytes ?? BytesOut;

    /// <summary>From the start of the request until its object's first byte was handed to the connection; null for answers that are not streamed.</summary>
    public TimeSpan? TimeToFirstByte { get; init; }

    /// <summary>From the start of the request to its end.</summary>
    public required TimeSpan Total { get; init; }

    /// <summary>The requester; null when the request is anonymous or authentication failed.</summary>
    public Principal? Principal { get; init; }

    /// <summary>The access key that the request names and that exists, but whose secret did not sign it; null for others.</summary>
    public string? ClaimedAccessKey { get; init; }

    /// <summary>The access key id of the credentials that it issued, even if its answer was not sent whole; null for none.</summary>
    public string? Issued { get; init; }

    /// <summary>Whether something allowed it, so that it may have changed something even if its answer was not sent whole.</summary>
    public bool WasAllowed { get; init; }

    /// <summary>The request's id: sixteen upper-case hex digits.</summary>
    public string? RequestId { get; init; }

    /// <summary>The client's address.</summary>
    public IPAddress? Remote { get; init; }

    /// <summary>The time of its stages; null for uses of share links.</summary>
    public RequestTimes? Times { get; init; }

    /// <summary>What it and its answer said in HTTP; null where no sink reads it.</summary>
    public HttpFacts? Http { get; init; }

    /// <summary>Whether it changes, if it succeeds, who may do what.</summary>
    public bool ChangesAccess { get; init; }

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length];
}
