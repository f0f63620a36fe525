namespace Tarn.Core.Identity;

/// <summary>Knows whom tokens of the control API speak for.</summary>
public interface ITokenSource
{
    /// <summary>Whom a token speaks for; null when there is no such token.</summary>
    ValueTask<Principal?> AuthenticateAsync(string token, CancellationToken cancellationToken);
}
