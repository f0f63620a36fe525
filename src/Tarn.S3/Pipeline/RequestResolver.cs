using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Tarn.Core.Errors;
using Tarn.S3.Auth.SigV4;
using Tarn.S3.Documents;
using Tarn.S3.Operations;
using Tarn.S3.Requests;
using Tarn.S3.Routing;
using Tarn.S3.Sts;
using Tarn.S3.Wire;

namespace Tarn.S3.Pipeline;

/// <summary>
/// Resolves the web server's request: gives it an id, and finds the bucket, the key and the operation from the target as sent.
/// </summary>
/// <param name="domains">Find the bucket in a host name.</param>
/// <param name="ids">Create the request's id.</param>
/// <param name="clock">The server's clock.</param>
/// <param name="documents">The memory budget for the documents of all requests.</param>
internal sealed class RequestResolver(S3Domains domains, RequestIds ids, TimeProvider clock, DocumentBudget documents)
{
    /// <summary>Resolves a request as far as possible.</summary>
    /// <param name="http">The request, as the web server has it. The headers of a presigned URL's query are merged into its headers.</param>
    /// <param name="refusal">Why there is no operation; null when there is one.</param>
    public S3Request Resolve(HttpContext http, out S3Exception? refusal)
    {
        RequestQuery query = RequestQuery.Empty;
        S3Operation? operation = null;
        PublicAddress? known = http.Features.Get<PublicAddress>();
        AcceleratedRequest? accelerated = http.Features.Get<AcceleratedRequest>();
        string rawTarget = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        S3Error? error = S3Address.Parse(rawTarget, http.Request.Headers.Host.ToString(), accelerated?.Domains ?? domains, out S3Address address);
        refusal = error is not null ? new S3Exception(error) : Find(http.Request, address, known, ref query, out operation);
        return new S3Request
        {
            Http = http,
            Id = ids.Next(),
            HostId = ids.HostId,
            Clock = clock,
            Documents = documents,
            Address = address,
            Query = query,
            Operation = operation,
            Public = known,
            Accelerator = accelerated,
        };
    }

    /// <summary>A request with nothing resolved, for the answer when resolving fails.</summary>
    public S3Request Unresolved(HttpContext http) =>
        new() { Http = http, Id = ids.Next(), HostId = ids.HostId, Clock = clock, Documents = documents, Accelerator = http.Features.Get<AcceleratedRequest>() };

    private static S3Exception? Find(HttpRequest request, in S3Address address, PublicAddress? known, ref RequestQuery query, out S3Operation? operation)
    {
        operation = null;
        if (known?.Refusal is { } wrong)
        {
            return new S3Exception(S3Error.InvalidRequest, wrong);
        }

        if (RequestFraming.Fault(request) is { } fault)
        {
            return new S3Exception(S3Error.InvalidRequest, fault)
            {
                Headers = [new("Connection", "close")],
            };
        }

        if (!address.IsVirtualHost && ServiceWorkers.IsScript(request))
        {
            return new S3Exception(S3Error.AccessDenied, ServiceWorkers.Refusal);
        }

        if (!RequestQuery.TryParse(address.RawQuery, out RequestQuery parsed))
        {
            return new S3Exception(S3Error.InvalidUri);
        }

        query = parsed;
        if (OperationTable.Parameters.FirstRepeated(query) is { } repeated)
        {
            return Arguments.Invalid($"The query parameter {repeated.Key} may occur only once.", repeated.Key, repeated.Value);
        }

        // A preflight has the query of the request that it announces, which is checked when that request comes.
        if (!HttpMethods.IsOptions(request.Method) && QueryHeaders.Merge(query, request.Headers) is { } refusal)
        {
            return refusal;
        }

        if (StsOperations.Find(request, address, query) is { } sts)
        {
            operation = sts;
            return null;
        }

        Resolution resolution = OperationTable.Resolve(request.Method, address.Target, query, new HeaderPresence(request.Headers));
        operation = resolution.Operation;
        return operation is not null ? null : new S3Exception(resolution.Error!, resolution.Message)
        {
            Details = resolution.Allow is null ? [] : [new("Method", request.Method)],
            Headers = string.IsNullOrEmpty(resolution.Allow) ? [] : [new("Allow", resolution.Allow)],
        };
    }

    private readonly struct HeaderPresence(IHeaderDictionary headers) : IHeaderPresence
    {
        public bool Has(string lowerCaseName) => headers.ContainsKey(lowerCaseName);
    }
}
