using System.Buffers;
using System.Text.Json;
using Tarn.Core.Blobs;
using Tarn.Core.Disks;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Control;

/// <summary>Does what one endpoint of the control API is for. Refusals are thrown.</summary>
internal delegate ValueTask<ControlAnswer> ControlHandler(ControlRequest request);

/// <summary>
/// The JSON API of the control address. Whatever its endpoints do, this does for all: it authenticates, reads the body within
/// bounds, wraps the answer in <c>{"success":…}</c>, and turns refusals into it. Further endpoints are added by <see cref="Add"/>.
/// </summary>
internal sealed partial class ControlApi
{
    /// <summary>The longest body that is read.</summary>
    public const int MaxBody = 1024 * 1024;

    /// <summary>Characters of a path that are logged: it is the sender's to choose.</summary>
    private const int MaxLoggedPath = 256;

    private static readonly TimeSpan BodyTime = TimeSpan.FromSeconds(30);

    private readonly List<(string Method, string Pattern, ControlHandler Handler)> _endpoints = [];
    private readonly ControlAuthenticator _authenticator;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <param name="identity">Whom the endpoints of identity are about, and whose tokens are taken.</param>
    /// <param name="credentials">The access keys that may sign.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where changes and failures go.</param>
    public ControlApi(IdentityStore identity, ICredentialSource credentials, TimeProvider time, ILogger<ControlApi> logger)
    {
        _authenticator = new ControlAuthenticator(identity.Tokens, credentials, time);
        _time = time;
        _logger = logger;
        IdentityEndpoints.AddTo(this, identity, time);
    }

    /// <summary>What there is, as it is documented.</summary>
    public IEnumerable<string> Endpoints => _endpoints.Select(endpoint => $"{endpoint.Method} {endpoint.Pattern}");

    /// <summary>Adds an endpoint.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="pattern">Path, parts in braces: <c>/api/organizations/{organization}</c>.</param>
    /// <param name="handler">Does what the endpoint is for, once the requester is known.</param>
    public void Add(string method, string pattern, ControlHandler handler) =>
        _endpoints.Add((method, pattern, handler));

    /// <summary>Adds all endpoints to the control address; to be called once.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        foreach ((string method, string pattern, ControlHandler handler) in _endpoints)
        {
            routes.MapMethods(pattern, [method], context => HandleAsync(context, handler));
        }

        routes.Map("/api/{**rest}", context => WriteErrorAsync(
            context, StatusCodes.Status404NotFound, $"there is no endpoint {context.Request.Method} {context.Request.Path}"));
    }

    private async Task HandleAsync(HttpContext context, ControlHandler handler)
    {
        string? who = null;
        try
        {
            (Principal principal, string? sha256) = await _authenticator.AuthenticateAsync(context);
            who = principal.Arn;
            byte[] body = await ReadBodyAsync(context);
            ControlAuthenticator.VerifyBody(body, sha256);
            ControlAnswer answer = await handler(new ControlRequest(context, principal, body));
            await WriteAsync(context, answer.Status, answer.Write);
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested)
        {
            (int status, string message) = Describe(e);
            if (status == StatusCodes.Status500InternalServerError)
            {
                LogFailed(_logger, e, context.Request.Method, Path(context, who));
            }

            await WriteErrorAsync(context, status, message);
        }
        catch (OperationCanceledException)
        {
            // The client has gone: nobody is left to be answered.
            return;
        }

        if (!HttpMethods.IsGet(context.Request.Method))
        {
            LogChange(_logger, who ?? "-", context.Request.Method, Path(context, who), context.Response.StatusCode);
        }
    }

    /// <summary>The path as it is logged: of those who are not known nothing is, for anybody may send what they like.</summary>
    private static string Path(HttpContext context, string? who) =>
        who is null || context.Request.Path.Value is not { } path ? "-"
        : path.Length <= MaxLoggedPath ? path
        : $"{path[..MaxLoggedPath]}…";

    private async ValueTask<byte[]> ReadBodyAsync(HttpContext context)
    {
        if (context.Request.ContentLength > MaxBody)
        {
            throw TooLong();
        }

        using var limit = new CancellationTokenSource(BodyTime, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, context.RequestAborted);
        try
        {
            while (true)
            {
                System.IO.Pipelines.ReadResult read = await context.Request.BodyReader.ReadAsync(both.Token);
                if (read.Buffer.Length > MaxBody)
                {
                    throw TooLong();
                }

                if (read.IsCompleted)
                {
                    byte[] body = read.Buffer.ToArray();
                    context.Request.BodyReader.AdvanceTo(read.Buffer.End);
                    return body;
                }

                context.Request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw new ControlRefusalException(StatusCodes.Status408RequestTimeout, "the body did not come in time");
        }
    }

    private static ControlRefusalException TooLong() => new(StatusCodes.Status413PayloadTooLarge, $"the body must have at most {MaxBody} bytes");

    private static (int Status, string Message) Describe(Exception e) => e switch
    {
        ControlRefusalException refusal => (refusal.Status, refusal.Message),
        IdentityRefusalException { Kind: IdentityRefusalKind.NotFound } => (StatusCodes.Status404NotFound, e.Message),
        IdentityRefusalException { Kind: IdentityRefusalKind.Conflict } => (StatusCodes.Status409Conflict, e.Message),
        IdentityRefusalException => (StatusCodes.Status400BadRequest, e.Message),
        DiskRefusedException => (StatusCodes.Status400BadRequest, e.Message),
        S3Exception s3 => (s3.Error.Status, s3.Message),
        BadHttpRequestException bad => (bad.StatusCode, bad.Message),
        StoreFailedException => (StatusCodes.Status503ServiceUnavailable, "the server's metadata store failed and takes no writes until the server is restarted"),
        _ when DescriptorShortage.IsCauseOf(e) => (StatusCodes.Status503ServiceUnavailable, "the server is busy; try again"),
        StorageFullException => (StatusCodes.Status507InsufficientStorage, "the server's storage is full"),
        _ => (StatusCodes.Status500InternalServerError, "the server failed; its log says why"),
    };

    private static Task WriteErrorAsync(HttpContext context, int status, string message)
    {
        if (status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return WriteAsync(context, status, writer =>
        {
            writer.WriteStartObject();
            writer.WriteBoolean("success"u8, false);
            writer.WriteString("error"u8, message);
            writer.WriteEndObject();
        });
    }

    private static async Task WriteAsync(HttpContext context, int status, Action<Utf8JsonWriter> write)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(body))
        {
            write(writer);
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.WrittenCount;

        // Some answers have secrets in them, and none is worth keeping.
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted);
    }

    [LoggerMessage(EventIds.ControlChange, LogLevel.Information, "{Who} {Method} {Path}: {Status}")]
    private static partial void LogChange(ILogger logger, string who, string method, string path, int status);

    [LoggerMessage(EventIds.ControlFailed, LogLevel.Error, "{Method} {Path} failed")]
    private static partial void LogFailed(ILogger logger, Exception exception, string method, string path);
}
