using Tarn.Core.Identity;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Policy;
using Tarn.S3.Auth.SigV4;
using Tarn.S3.Requests;

namespace Tarn.S3.Sts;

/// <summary>The caller of a request to the Security Token Service, whose body has been read.</summary>
/// <param name="request">The request.</param>
/// <param name="authentication">Who signed it, and how.</param>
/// <param name="body">The body.</param>
/// <param name="parameters">The parameters in it, or in the query.</param>
internal sealed class StsCaller(S3Request request, AuthenticationResult authentication, IUploadBody? body, StsParameters parameters)
    : S3Caller(request, authentication.Principal, authentication.Signature, body)
{
    public StsParameters Parameters { get; } = parameters;

    /// <summary>The credential that verified the signature: what a session is issued for, whatever becomes of the key meanwhile. Null for nobody.</summary>
    public Credential? Signer { get; } = authentication.Credential;

    /// <summary>Of a token's holder, who has no credentials yet, the organization of the role to assume: credentials are issued for no other one.</summary>
    public override string? Organization => base.Organization
        ?? (ReferenceEquals(Request.Operation, StsOperations.AssumeRoleWithWebIdentity) && PolicyPrincipal.TryParse(Parameters["RoleArn"] ?? "", out PolicyPrincipal role) ? role.Organization : null);

    /// <summary>Notes who the caller turned out to be, for the logs.</summary>
    public void Is(Principal found) => Principal = found;

    protected override IUploadBody OpenBody() => throw new InvalidOperationException("The body was read, or there is none.");
}
