using Tarn.S3.Requests;

namespace Tarn.S3.Pipeline;

/// <summary>An operation, and what authenticates and authorizes its requests: the pipeline's, or the operation itself.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Authenticator">Authenticates its requests.</param>
/// <param name="Authorizer">Authorizes its requests.</param>
internal sealed record OperationHandler(IOperation Operation, IRequestAuthenticator Authenticator, IRequestAuthorizer Authorizer)
{
    /// <summary>Whether the operation authorizes its requests itself, and so checks what they ask for too.</summary>
    public bool AuthorizesItself => ReferenceEquals(Operation, Authorizer);
}
