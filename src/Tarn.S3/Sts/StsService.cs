using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Tarn.Core.Access;
using Tarn.Core.Errors;
using Tarn.Core.Federation;
using Tarn.Core.Identity;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Policy;
using Tarn.Core.Policy.Documents;
using Tarn.S3.Auth;
using Tarn.S3.Auth.SigV4;
using Tarn.S3.Documents;
using Tarn.S3.Requests;
using Tarn.S3.Routing;

namespace Tarn.S3.Sts;

/// <summary>
/// Serves the Security Token Service: AssumeRoleWithWebIdentity, GetSessionToken and GetCallerIdentity. Source: AWS Security Token Service API Reference.
/// </summary>
/// <param name="workloads">Issues credentials for tokens of workloads.</param>
/// <param name="identity">Issues credentials to users.</param>
/// <param name="credentials">Access keys, which verify signatures.</param>
/// <param name="bodies">Reads bodies.</param>
/// <param name="time">The server's clock.</param>
internal sealed class StsService(
    WebIdentities workloads, IdentityStore identity, ICredentialSource credentials, UploadBodyFactory bodies, TimeProvider time) : ISelfAuthorizingOperation
{
    /// <summary>The service that the scope of signatures names, so that none of them is valid for S3.</summary>
    public const string Name = "sts";

    /// <summary>The longest body, in bytes: a token of 20,000 characters, each escaped, leaves room for a policy.</summary>
    private const int MaxBody = 80 * 1024;

    /// <summary>
    /// The bytes of forms in flight. They have a budget of their own: who sends them need not be known, and whoever holds it full stops this service alone.
    /// </summary>
    internal const int FormsCapacity = 1024 * 1024;

    /// <summary>The longest time that a form may take to arrive, however it trickles in.</summary>
    internal static readonly TimeSpan MaxReading = TimeSpan.FromSeconds(10);

    /// <summary>The longest policy of a session, in characters. Source: AssumeRoleWithWebIdentity, Policy.</summary>
    private const int MaxPolicy = 2048;

    private readonly Authenticator _authenticator = new(credentials, time, region: null, Name);

    /// <summary>The budget of forms.</summary>
    internal DocumentBudget Forms { get; } = new(time, FormsCapacity);

    /// <summary>Reads the body and verifies the signature, if there is one.</summary>
    public async ValueTask<S3Caller> AuthenticateAsync(S3Request request)
    {
        HttpRequest http = request.Http.Request;
        if (!HttpMethods.IsPost(http.Method))
        {
            return await AuthenticateAsync(request, null, [], new StsParameters(request.Query));
        }

        if (request.Query.Pairs.Count > 0)
        {
            throw StsParameters.Invalid("The parameters of a POST request must be in its body");
        }

        IUploadBody body = bodies.Create(http, default, allowUnknownLength: true);
        try
        {
            byte[] bytes = await ReadAsync(request, body);
            return RequestQuery.TryParse(Encoding.Latin1.GetString(bytes), out RequestQuery form)
                ? await AuthenticateAsync(request, body, bytes, new StsParameters(form))
                : throw StsParameters.Invalid("The body is not a well-formed form");
        }
        catch
        {
            body.Abandon();
            throw;
        }
    }

    /// <summary>Reads a form, which counts against the budget until the request ends.</summary>
    /// <exception cref="S3Exception">MaxMessageLengthExceeded, SlowDown, RequestTimeout.</exception>
    private async ValueTask<byte[]> ReadAsync(S3Request request, IUploadBody body)
    {
        DocumentBudget.Share share = Forms.Open();
        request.Http.Response.RegisterForDispose(share);
        using var limit = new CancellationTokenSource(MaxReading, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, request.CancellationToken);
        try
        {
            using DocumentBytes document = await DocumentBytes.ReadAsync(body, MaxBody, share, either.Token);
            return document.Sequence.ToArray();
        }
        catch (OperationCanceledException e) when (limit.IsCancellationRequested && !request.CancellationToken.IsCancellationRequested)
        {
            throw new S3Exception(S3Error.RequestTimeout, $"The request did not arrive within {MaxReading.TotalSeconds} seconds", e);
        }
    }

    /// <summary>Only the holder of a valid token or signature gets this far; each action checks which of them it needs.</summary>
    public ValueTask<S3Context> AuthorizeAsync(S3Caller caller, S3Answer answer) => new(new S3Context(caller, answer) { AllowedBy = AccessGround.Nothing });

    public async Task ExecuteAsync(S3Context context)
    {
        var caller = (StsCaller)context.Caller;
        try
        {
            await (ReferenceEquals(context.Request.Operation, StsOperations.AssumeRoleWithWebIdentity) ? AssumeAsync(context, caller)
                : ReferenceEquals(context.Request.Operation, StsOperations.GetSessionToken) ? SessionAsync(context, caller)
                : ReferenceEquals(context.Request.Operation, StsOperations.GetCallerIdentity) ? IdentityAsync(context, caller)
                : throw new S3Exception(StsErrors.InvalidAction, $"Could not find operation {caller.Parameters["Action"]} for version 2011-06-15"));
        }
        catch (WebTokenException e)
        {
            throw new S3Exception(
                e.Fault switch
                {
                    WebTokenFault.Expired => StsErrors.ExpiredWebToken,
                    WebTokenFault.Denied => StsErrors.AccessDenied,
                    WebTokenFault.Unreachable => StsErrors.IssuerUnreachable,
                    _ => StsErrors.InvalidWebToken,
                },
                e.Message,
                e);
        }
        catch (IdentityRefusalException e)
        {
            throw e.Kind switch
            {
                IdentityRefusalKind.Conflict => new S3Exception(StsErrors.LimitExceeded, e.Message, e),

                // The key that signed ended since.
                IdentityRefusalKind.NotFound => new S3Exception(StsErrors.InvalidClientTokenId, StsErrors.InvalidClientTokenId.Message, e),
                _ => new S3Exception(StsErrors.ValidationError, e.Message, e),
            };
        }
    }

    private async ValueTask<S3Caller> AuthenticateAsync(S3Request request, IUploadBody? body, byte[] bytes, StsParameters parameters)
    {
        S3Request named = request with { Operation = StsOperations.Named(parameters.Action()) };
        AuthenticationResult result = await _authenticator.AuthenticateAsync(request.Http, bodySha256: Convert.ToHexStringLower(SHA256.HashData(bytes)));

        // A URL may be valid for a week, and is in logs and histories; what it is good for should not be permanent access.
        return result.Signature.Mechanism == AuthMechanism.Query && StsOperations.Issues(named.RequiredOperation)
            ? throw new S3Exception(StsErrors.AccessDenied, "Credentials are issued for requests with a signature in the Authorization header only")
            : new StsCaller(named, result, body, parameters);
    }

    private async Task AssumeAsync(S3Context context, StsCaller caller)
    {
        StsParameters parameters = caller.Parameters;
        parameters.ThrowIfOthers(["RoleArn", "RoleSessionName", "WebIdentityToken", "DurationSeconds", "Policy"]);
        string arn = parameters.Required("RoleArn"), session = parameters.SessionName(), token = parameters.Required("WebIdentityToken");
        int? seconds = parameters.Duration();
        string? policy = PolicyOf(parameters["Policy"]);
        if (!PolicyPrincipal.TryParse(arn, out PolicyPrincipal named) || named is not { Organization: { } organization, Role: { } role })
        {
            throw StsParameters.Invalid("RoleArn must be like arn:aws:iam::ORGANIZATION:role/NAME");
        }

        WorkloadCredentials made = await workloads.AssumeAsync(organization, role, session, token, seconds, policy, context.CancellationToken);
        caller.Is(made.Principal);
        context.Answer.Issued = made.Key.Key.Id;
        await StsAnswer.WriteAsync(context, made);
    }

    private async Task SessionAsync(S3Context context, StsCaller caller)
    {
        caller.Parameters.ThrowIfOthers(["DurationSeconds"]);
        Principal principal = Required(caller);
        if (principal.Session is not null)
        {
            throw new S3Exception(StsErrors.AccessDenied, "Cannot call GetSessionToken with session credentials");
        }

        if (principal.DiskScope is not null)
        {
            throw new S3Exception(StsErrors.AccessDenied, "An access key of a disk is valid for that disk only");
        }

        Credential parent = caller.Signer ?? throw new S3Exception(StsErrors.MissingAuthentication);
        NewTemporaryKey made = await identity.TemporaryKeys.IssueAsync(
            new TemporaryKeyRequest
            {
                Organization = principal.OrganizationId,
                User = principal.UserName,
                Source = TemporaryKeySource.AccessKey,
                Parent = parent.AccessKeyId,
                ParentKey = parent,
                Life = caller.Parameters.Duration() is { } seconds ? TimeSpan.FromSeconds(seconds) : TemporaryKeys.MaxLife,
                WithToken = true,
            },
            context.CancellationToken);
        context.Answer.Issued = made.Key.Id;
        await StsAnswer.WriteAsync(context, made, parent.Expires < made.Key.Expires ? parent.Expires.Value : made.Key.Expires);
    }

    private static Task IdentityAsync(S3Context context, StsCaller caller)
    {
        caller.Parameters.ThrowIfOthers([]);
        return StsAnswer.WriteIdentityAsync(context, Required(caller));
    }

    private static Principal Required(StsCaller caller) => caller.Principal ?? throw new S3Exception(StsErrors.MissingAuthentication);

    /// <summary>Checks the policy of a session; null without one.</summary>
    private static string? PolicyOf(string? policy)
    {
        if (policy is null)
        {
            return null;
        }

        if (policy.Length > MaxPolicy)
        {
            throw StsParameters.Invalid($"Policy must have at most {MaxPolicy} characters");
        }

        IdentityPolicy.Parse(Encoding.UTF8.GetBytes(policy));
        return policy;
    }
}
