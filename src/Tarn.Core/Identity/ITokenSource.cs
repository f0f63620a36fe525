namespace Tarn.Core.Identity;

/// <summary>Authenticates tokens of the control API.</summary>
public interface ITokenSource
{
    /// <summary>Finds the principal that a token authenticates; null when there is no such token.</summary>
    ValueTask<Principal?> AuthenticateAsync(string token, CancellationToken cancellationToken);
}
