using Microsoft.AspNetCore.Http;
using Tarn.Core.Buckets;
using Tarn.Core.Cors;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.S3.Cors;
using Tarn.S3.Requests;
using Tarn.S3.Routing;

namespace Tarn.S3.Operations.Objects;

/// <summary>
/// OPTIONS /bucket and /bucket/key: a browser asks, anonymously, whether a page may send the request that it announces.
/// Source: Amazon S3 API Reference, "OPTIONS object"; Fetch Standard, section 4.8.
/// </summary>
internal sealed class Preflight(CorsGate gate) : ISelfAuthorizingOperation
{
    private static readonly string[] Methods = ["GET", "PUT", "HEAD", "POST", "DELETE"];

    public ValueTask<S3Caller> AuthenticateAsync(S3Request request) => new(S3Caller.Nobody(request));

    public ValueTask<S3Context> AuthorizeAsync(S3Caller caller, S3Answer answer) => new(new S3Context(caller, answer));

    public async Task ExecuteAsync(S3Context context)
    {
        IHeaderDictionary request = context.Request.Headers;
        string origin = request.Origin.ToString();
        if (origin.Length == 0)
        {
            throw new S3Exception(S3Error.BadRequest, "Insufficient information. Origin request header needed.");
        }

        string method = request.AccessControlRequestMethod.ToString();
        if (!Methods.Contains(method))
        {
            throw new S3Exception(S3Error.BadRequest, $"Invalid Access-Control-Request-Method: {(method.Length == 0 ? "null" : method)}");
        }

        (Bucket? bucket, CorsConfiguration? rules) = await gate.FindAsync(context.Request);
        if (rules is null)
        {
            throw Refused(context, method, bucket is null ? "Bucket not found" : "CORS is not enabled for this bucket.");
        }

        string[] headers = request.AccessControlRequestHeaders.ToString()
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        CorsGrant? grant = CorsGate.IsOrigin(origin) && Array.TrueForAll(headers, static name => HttpToken.IsToken(name))
            ? rules.Find(origin, method, headers)
            : null;
        if (grant is null)
        {
            throw Refused(
                context,
                method,
                "This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.");
        }

        foreach ((string name, string value) in CorsAnswer.Headers(grant, headers))
        {
            context.Response.Headers[name] = value;
        }

        context.Response.ContentLength = 0;
    }

    private static S3Exception Refused(S3Context context, string method, string why) => new(S3Error.AccessForbidden, "CORSResponse: " + why)
    {
        Details = [new("Method", method), new("ResourceType", context.Request.Address.Target == S3Target.Object ? "OBJECT" : "BUCKET")],
    };
}
