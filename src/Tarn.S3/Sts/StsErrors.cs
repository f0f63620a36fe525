using Tarn.Core.Errors;

namespace Tarn.S3.Sts;

/// <summary>
/// The errors of the Security Token Service. Sources: AWS Security Token Service API Reference, "Common errors" and the errors of
/// AssumeRoleWithWebIdentity.
/// </summary>
internal static class StsErrors
{
    public static readonly S3Error AccessDenied = new("AccessDenied", 403, "Access denied.");
    public static readonly S3Error ExpiredToken = new("ExpiredToken", 403, "The security token included in the request is expired");
    public static readonly S3Error ExpiredWebToken = new("ExpiredTokenException", 400, "The web identity token that was passed is expired.");
    public static readonly S3Error IncompleteSignature = new("IncompleteSignature", 400, "The request signature does not conform to AWS standards.");
    public static readonly S3Error InternalFailure = new("InternalFailure", 500, "The request processing has failed because of an unknown error.");
    public static readonly S3Error InvalidAction = new("InvalidAction", 400, "The action or operation requested is not valid.");
    public static readonly S3Error InvalidClientTokenId = new("InvalidClientTokenId", 403, "The security token included in the request is invalid.");
    public static readonly S3Error InvalidWebToken = new("InvalidIdentityToken", 400, "The web identity token that was passed could not be validated.");
    public static readonly S3Error IssuerUnreachable = new("IDPCommunicationError", 400, "The identity provider (IdP) that was asked to verify the incoming identity token could not be reached.");
    public static readonly S3Error LimitExceeded = new("LimitExceeded", 409, "There are too many temporary credentials.");
    public static readonly S3Error MalformedPolicy = new("MalformedPolicyDocument", 400, "The policy document was malformed.");
    public static readonly S3Error MissingAction = new("MissingAction", 400, "The request is missing an action or a required parameter.");
    public static readonly S3Error MissingAuthentication = new("MissingAuthenticationToken", 403, "The request must contain a valid access key and signature.");
    public static readonly S3Error ServiceUnavailable = new("ServiceUnavailable", 503, "The request has failed due to a temporary failure of the server.");
    public static readonly S3Error SignatureDoesNotMatch = new("SignatureDoesNotMatch", 403, "The request signature we calculated does not match the signature you provided.");
    public static readonly S3Error ValidationError = new("ValidationError", 400, "The input fails to satisfy the constraints of the action.");

    private static readonly S3Error[] Own =
    [
        AccessDenied, ExpiredToken, ExpiredWebToken, IncompleteSignature, InternalFailure, InvalidAction, InvalidClientTokenId, InvalidWebToken,
        IssuerUnreachable, LimitExceeded, MalformedPolicy, MissingAction, MissingAuthentication, ServiceUnavailable, SignatureDoesNotMatch, ValidationError,
    ];

    /// <summary>The error that stands for one of S3's, as authentication and the server itself refuse requests.</summary>
    public static S3Error Of(S3Error error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return Array.Exists(Own, own => ReferenceEquals(own, error)) ? error

            // Said to the accelerator, which passes it to no client.
            : error == S3Error.AcceleratorRefused ? error
            : error == S3Error.InvalidAccessKeyId || error == S3Error.InvalidToken ? InvalidClientTokenId
            : error == S3Error.ExpiredToken ? ExpiredToken
            : error == S3Error.SignatureDoesNotMatch || error == S3Error.RequestTimeTooSkewed || error == S3Error.RequestExpired ? SignatureDoesNotMatch
            : error == S3Error.AuthorizationHeaderMalformed || error == S3Error.AuthorizationQueryParametersError ? IncompleteSignature
            : error == S3Error.MalformedPolicy ? MalformedPolicy
            : error.Status switch
            {
                403 => AccessDenied,
                503 => ServiceUnavailable,
                >= 500 => InternalFailure,
                _ => ValidationError,
            };
    }
}
