using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Tarn.Core;
using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.S3.Access;
using Tarn.S3.Cors;
using Tarn.S3.Documents;
using Tarn.S3.Operations;
using Tarn.S3.Pipeline;
using Tarn.S3.Requests;
using Tarn.S3.Routing;
using Tarn.S3.Telemetry;

namespace Tarn.Tests.Pipeline;

/// <summary>The pipeline of S3 requests over an empty memory store, with one action for PutObject, GetObject and HeadObject and no other operation.</summary>
internal static class TestPipeline
{
    /// <param name="act">What the operations do.</param>
    /// <param name="clock">The server's clock.</param>
    /// <param name="logger">Gets the access log and failures.</param>
    /// <param name="authenticator">Null: every request is anonymous and has no body. Every request is allowed.</param>
    /// <param name="domains">The host names of virtual-host requests; null: there are none.</param>
    public static S3Middleware Create(
        Func<S3Context, Task> act, TimeProvider clock, ILogger<S3Middleware> logger, IRequestAuthenticator? authenticator = null, S3Domains? domains = null)
    {
        domains ??= S3Domains.None;
        var buckets = new BucketCatalog(new MemoryKeyValueStore(), clock, SystemRandomSource.Instance);
        var region = new BucketRegion("us-east-1", buckets, static (_, _) => default);
        IOperation operation = new Operation(act);
        string[] names = ["PutObject", "GetObject", "HeadObject"];
        return new S3Middleware(
            new RequestResolver(domains, new RequestIds(SystemRandomSource.Instance), clock, new DocumentBudget(clock)),
            new CorsGate(buckets),
            new OperationSet(
                names.Select(name => KeyValuePair.Create(OperationTable.ByName(name), operation)), authenticator ?? new Anonymous(), new Everything()),
            new Refusals(
                new Denials(new DenialLog(), clock, NullLogger<Denials>.Instance), region, new UnknownHosts(domains, logger), logger),
            new OutcomeRecorder(clock, new FinishedRequests([], NullLogger<FinishedRequests>.Instance), logger),
            region);
    }

    private sealed class Operation(Func<S3Context, Task> act) : IOperation
    {
        public Task ExecuteAsync(S3Context context) => act(context);
    }

    private sealed class Anonymous : IRequestAuthenticator
    {
        public ValueTask<S3Caller> AuthenticateAsync(S3Request request) => new(S3Caller.Nobody(request));
    }

    private sealed class Everything : IRequestAuthorizer
    {
        public ValueTask<S3Context> AuthorizeAsync(S3Caller caller, S3Answer answer) => new(new S3Context(caller, answer));
    }
}
