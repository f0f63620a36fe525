using Tarn.Core.Buckets;
using Tarn.Core.Cors;
using Tarn.Core.Model;
using Tarn.S3.Pipeline;

namespace Tarn.S3.Cors;

/// <summary>
/// Looks up what a bucket's rules say to the page that a browser sends a request for. Before anything else of the request is
/// decided, because a page must be able to read a refusal too.
/// </summary>
internal sealed class CorsGate(BucketCatalog buckets)
{
    /// <summary>Gives the answer its headers when the request comes from a page that is let in. Costs nothing without an Origin.</summary>
    public ValueTask ApplyAsync(S3Context context) =>
        context.Request.Headers.Origin.Count == 0 || context.Address.Bucket is null ? ValueTask.CompletedTask : LookUpAsync(context);

    /// <summary>The rules of the bucket that the request names; null when there are none, or no such bucket.</summary>
    public async ValueTask<(Bucket? Bucket, CorsConfiguration? Rules)> FindAsync(S3Context context)
    {
        if (!BucketName.TryParse(context.Address.Bucket, out BucketName name)
            || await buckets.FindAsync(name, context.CancellationToken) is not { } bucket)
        {
            return (null, null);
        }

        return (bucket, await buckets.GetConfigurationAsync(bucket, BucketConfiguration.Cors, CorsConfiguration.Decode, context.CancellationToken));
    }

    /// <summary>An origin is printable ASCII: what is not cannot be sent back.</summary>
    public static bool IsOrigin(string origin) => origin.Length > 0 && !origin.AsSpan().ContainsAnyExceptInRange('!', '~');

    private async ValueTask LookUpAsync(S3Context context)
    {
        (_, CorsConfiguration? rules) = await FindAsync(context);
        string origin = context.Request.Headers.Origin.ToString();
        if (rules is not null && IsOrigin(origin) && rules.Find(origin, context.Request.Method, []) is { } grant)
        {
            context.SetStandingHeaders(CorsAnswer.Headers(grant, []));
        }
    }
}
