namespace Tarn.Core.Identity;

/// <summary>Finds organizations as access control lists and bucket policies name them.</summary>
public interface IAccountDirectory
{
    /// <summary>The organization with this canonical user id; null when there is none.</summary>
    ValueTask<Account?> FindByCanonicalIdAsync(string canonicalId, CancellationToken cancellationToken);

    /// <summary>The organizations with this e-mail address, whatever its case; usually one or none.</summary>
    ValueTask<IReadOnlyList<Account>> FindByEmailAsync(string email, CancellationToken cancellationToken);

    /// <summary>Whether there is such an organization, and such a user in it.</summary>
    /// <param name="organization">The organization's id.</param>
    /// <param name="user">The user's name; null for the organization itself.</param>
    /// <param name="cancellationToken">Cancels the look-up.</param>
    ValueTask<bool> ExistsAsync(string organization, string? user, CancellationToken cancellationToken);

    /// <summary>Whether there is such a role, or an issuer for such a subject.</summary>
    /// <param name="organization">The organization's id.</param>
    /// <param name="role">What follows <c>role/</c> in a policy: a role's name or <c>ISSUER:SUBJECT</c>.</param>
    /// <param name="cancellationToken">Cancels the look-up.</param>
    ValueTask<bool> RoleExistsAsync(string organization, string role, CancellationToken cancellationToken);
}

/// <summary>An organization as others see it.</summary>
/// <param name="OrganizationId">Its immutable name.</param>
/// <param name="CanonicalId">Its canonical user id: 64 lower-case hex digits.</param>
/// <param name="DisplayName">Shown beside the canonical id in access control lists.</param>
public sealed record Account(string OrganizationId, string CanonicalId, string DisplayName);
