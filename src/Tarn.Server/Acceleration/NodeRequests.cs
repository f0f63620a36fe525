using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Tarn.Core.Acceleration;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Errors;
using Tarn.S3;
using Tarn.S3.Wire;
using Tarn.Server.Connections;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Acceleration;

/// <summary>Answers the requests that accelerators send for themselves. They reach it by their envelope alone. docs/design/accelerator.md</summary>
internal sealed partial class NodeRequests(
    AcceleratorRegistry registry, AcceleratorClears clears, AcceleratorHits hits, BlockAnswer blocks, CapabilityRenewal renewal, ReadPlanner planner, AcceleratorSecretRow secrets, EnvelopeRefusals refusals, TimeProvider time, ILogger<NodeRequests> logger)
{
    private const int MaxRenewalSize = AcceleratorPaths.MaxRenewals * (BlobCapability.MaxTextLength + 2);

    /// <summary>How long a body may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public async Task HandleAsync(HttpContext http)
    {
        try
        {
            if (RequestFraming.Fault(http.Request) is { } fault)
            {
                http.Response.OnStarting(() =>
                {
                    http.Response.Headers.Connection = "close";
                    return Task.CompletedTask;
                });
                throw new S3Exception(S3Error.InvalidRequest, fault);
            }

            await DispatchAsync(http, http.Features.Get<NodeCall>() ?? throw new InvalidOperationException("The request has no envelope."));
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // The accelerator is gone.
        }
        catch (S3Exception refusal)
        {
            await AnswerAsync(http, refusal);
        }
        catch (Exception e)
        {
            S3Exception refusal = S3Service.RefusalOf(e);
            if (refusal.Error == S3Error.InternalError)
            {
                LogFailed(logger, e, http.Request.Method, http.Request.Path.Value);
            }
            else
            {
                LogUnavailable(logger, e, http.Request.Method, http.Request.Path.Value);
            }

            // What is damaged is named in the log: an accelerator has no use for it.
            await AnswerAsync(http, e is DamagedDataException ? new S3Exception(refusal.Error, "Stored data is damaged.") : refusal);
        }
    }

    private static Task AnswerAsync(HttpContext http, S3Exception refusal)
    {
        if (!http.Response.HasStarted)
        {
            return NodeErrors.WriteAsync(http, refusal);
        }

        // Never silently short.
        http.Abort();
        return Task.CompletedTask;
    }

    private Task DispatchAsync(HttpContext http, NodeCall call)
    {
        string target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        bool isPost = HttpMethods.IsPost(http.Request.Method);
        return target switch
        {
            AcceleratorPaths.Register when isPost => RegisterAsync(http, call),
            AcceleratorPaths.Renew when isPost => RenewAsync(http, call),
            AcceleratorPaths.Continue when isPost => ContinueAsync(http, call),
            _ when HttpMethods.IsGet(http.Request.Method) && BlockRequest.TryParse(target, out BlockRequest wanted) => blocks.SendAsync(http, call, wanted),
            AcceleratorPaths.Register or AcceleratorPaths.Renew or AcceleratorPaths.Continue => throw new S3Exception(S3Error.MethodNotAllowed),
            _ => throw new S3Exception(S3Error.InvalidUri, "There is nothing for accelerators at this path"),
        };
    }

    private async Task RegisterAsync(HttpContext http, NodeCall call)
    {
        AcceleratorRegistration? registration = AcceleratorRegistration.TryDecode(await BodyAsync(http, call, AcceleratorRegistration.MaxSize), out AcceleratorRegistration? read)
            ? read
            : throw new S3Exception(S3Error.InvalidRequest, "The registration is not as it must be");
        AcceleratorEnvelope envelope = call.Envelope;
        if (registration.Name != envelope.Name || registration.Zone != envelope.Zone || !registration.Domains.SequenceEqual(envelope.Domains, StringComparer.Ordinal))
        {
            throw new S3Exception(S3Error.InvalidRequest, "Name, zone and domains of the registration are not those of the envelope");
        }

        AcceleratorSecrets keys = await secrets.GetAsync(http.RequestAborted);
        IReadOnlyList<StoredClear> wanted = await clears.ListAsync(http.RequestAborted);
        HitNames names = await hits.NamesAsync(registration.Statistics.HitBytes, http.RequestAborted);
        if (registry.Register(registration, call.Token, http.Connection.RemoteIpAddress, keys, wanted, out AcceleratorRegistration? before) is not { } answer)
        {
            await ThrowIfRevokedAsync(http, call);
            throw new S3Exception(S3Error.SlowDown, "There are too many accelerators");
        }

        // What is registered is counted from: nothing that can fail comes between.
        hits.Add(before, registration, names);
        await SendAsync(http, "application/json", answer.Encode());
    }

    private async Task RenewAsync(HttpContext http, NodeCall call)
    {
        string[] wanted = TextOf(await BodyAsync(http, call, MaxRenewalSize)).TrimEnd('\n').Split('\n');
        if (wanted.Length > AcceleratorPaths.MaxRenewals)
        {
            throw new S3Exception(S3Error.InvalidRequest, $"At most {AcceleratorPaths.MaxRenewals} capabilities are renewed at once");
        }

        var answer = new StringBuilder();
        foreach (string text in wanted)
        {
            answer.Append(await renewal.RenewAsync(text, call.Envelope.Zone, http.RequestAborted) ?? AcceleratorPaths.Gone).Append('\n');
        }

        await SendAsync(http, "text/plain", Encoding.ASCII.GetBytes(answer.ToString()));
    }

    private async Task ContinueAsync(HttpContext http, NodeCall call)
    {
        string text = TextOf(await BodyAsync(http, call, ReadPlan.MaxContinuation));
        try
        {
            ReadPlan plan = await planner.ContinueAsync(text, call.Envelope.Zone, http.RequestAborted) ?? throw new S3Exception(S3Error.NoSuchBlock, "The continuation is not genuine, has expired, or cannot be planned");
            await SendAsync(http, "application/json", plan.Encode());
        }
        catch (IOException e) when (e is not DamagedDataException)
        {
            throw new S3Exception(S3Error.NoSuchBlock, "The object was deleted, and its data is gone", e);
        }
    }

    private static async Task SendAsync(HttpContext http, string type, byte[] body)
    {
        http.Response.ContentType = type;
        http.Response.ContentLength = body.Length;
        await http.Response.BodyWriter.WriteAsync(body, http.RequestAborted);
    }

    /// <summary>Bytes outside of ASCII become characters that nothing valid has.</summary>
    private static string TextOf(byte[] body) => Encoding.Latin1.GetString(body);

    /// <summary>Reads a body, of an accelerator whose token is still there when it has come.</summary>
    private async Task<byte[]> BodyAsync(HttpContext http, NodeCall call, int most)
    {
        byte[] body = await ReadBodyAsync(http, most);
        await ThrowIfRevokedAsync(http, call);
        return body;
    }

    private ValueTask ThrowIfRevokedAsync(HttpContext http, NodeCall call) => refusals.ThrowIfRevokedAsync(http.Connection.RemoteIpAddress, call.Envelope.Token, http.RequestAborted);

    private async Task<byte[]> ReadBodyAsync(HttpContext http, int most)
    {
        if (http.Request.ContentLength > most)
        {
            throw new S3Exception(S3Error.EntityTooLarge);
        }

        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, http.RequestAborted);
        try
        {
            return await BoundedBody.ReadAsync(http.Request.BodyReader, most, either.Token) ?? throw new S3Exception(S3Error.EntityTooLarge);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw new S3Exception(S3Error.RequestTimeout);
        }
        catch (BadHttpRequestException e)
        {
            throw new S3Exception(S3Error.IncompleteBody, inner: e);
        }
    }

    [LoggerMessage(EventIds.NodeRequestUnavailable, LogLevel.Warning, "{Method} {Path} of an accelerator is temporarily unavailable")]
    private static partial void LogUnavailable(ILogger logger, Exception exception, string method, string? path);

    [LoggerMessage(EventIds.NodeRequestFailed, LogLevel.Error, "{Method} {Path} of an accelerator failed")]
    private static partial void LogFailed(ILogger logger, Exception exception, string method, string? path);
}
