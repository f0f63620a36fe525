using Tarn.Core.Buckets;
using Tarn.Core.Cors;
using Tarn.Core.Model;
using Tarn.S3.Requests;

namespace Tarn.S3.Cors;

/// <summary>
/// Looks up what a bucket's rules say to the page that a browser sends a request for. Before anything else of the request is
/// decided, because a page must be able to read a refusal too.
/// </summary>
internal sealed class CorsGate(BucketCatalog buckets)
{
    /// <summary>Gives the answer its headers when the request comes from a page that is let in. Costs nothing without an Origin.</summary>
    public ValueTask ApplyAsync(S3Request request, S3Answer answer) =>
        request.Headers.Origin.Count == 0 || request.Address.Bucket is null ? ValueTask.CompletedTask : LookUpAsync(request, answer);

    /// <summary>The rules of the bucket that the request names; null when there are none, or no such bucket.</summary>
    public async ValueTask<(Bucket? Bucket, CorsConfiguration? Rules)> FindAsync(S3Request request)
    {
        if (!BucketName.TryParse(request.Address.Bucket, out BucketName name)
            || await buckets.FindAsync(name, request.CancellationToken) is not { } bucket)
        {
            return (null, null);
        }

        return (bucket, await buckets.GetSettingAsync(bucket, CorsConfiguration.Stored, request.CancellationToken));
    }

    /// <summary>An origin is printable ASCII: what is not cannot be sent back.</summary>
    public static bool IsOrigin(string origin) => origin.Length > 0 && !origin.AsSpan().ContainsAnyExceptInRange('!', '~');

    private async ValueTask LookUpAsync(S3Request request, S3Answer answer)
    {
        (_, CorsConfiguration? rules) = await FindAsync(request);
        string origin = request.Headers.Origin.ToString();
        if (rules is not null && IsOrigin(origin) && rules.Find(origin, request.Method, []) is { } grant)
        {
            answer.Keep(CorsAnswer.Headers(grant, []));
        }
    }
}
