using Tarn.Core.Buckets;
using Tarn.Core.Cors;
using Tarn.Core.Model;
using Tarn.S3.Requests;

namespace Tarn.S3.Cors;

/// <summary>
/// Applies a bucket's CORS rules to a request from a web page. Runs before any other decision
/// about the request, because a page must be able to read a refusal too.
/// </summary>
internal sealed class CorsGate(BucketCatalog buckets)
{
    /// <summary>Adds the CORS headers to the answer when the origin is allowed. Costs nothing without an Origin.</summary>
    public ValueTask ApplyAsync(S3Request request, S3Answer answer) =>
        request.Headers.Origin.Count == 0 || request.Address.Bucket is null ? ValueTask.CompletedTask : LookUpAsync(request, answer);

    /// <summary>The CORS rules of the request's bucket; null when it has none or does not exist.</summary>
    public async ValueTask<(Bucket? Bucket, CorsConfiguration? Rules)> FindAsync(S3Request request)
    {
        if (!BucketName.TryParse(request.Address.Bucket, out BucketName name)
            || await buckets.FindAsync(name, request.CancellationToken) is not { } bucket)
        {
            return (null, null);
        }

        return (bucket, await buckets.GetSettingAsync(bucket, CorsConfiguration.Stored, request.CancellationToken));
    }

    /// <summary>Whether the origin is printable ASCII: anything else cannot be sent back in a header.</summary>
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
