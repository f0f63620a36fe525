namespace Tarn.Server.Control.Tarn;

/// <summary>A sign-in with an issuer that begins.</summary>
internal sealed record OidcSignInBody
{
    /// <summary>The path of the console to go to then: it begins with one slash that no slash or backslash follows. Any other is taken for <c>/</c>.</summary>
    public string? To { get; init; }
}

/// <param name="Url">Where the issuer asks who somebody is.</param>
internal sealed record OidcSignInView(string Url);

/// <summary>An issuer with which people sign in to the console.</summary>
/// <param name="Organization">The organization that trusts it.</param>
/// <param name="Name">Its name.</param>
/// <param name="Title">What people read.</param>
internal sealed record ConsoleIssuerView(string Organization, string Name, string Title);

/// <param name="Issuers">All of them, in order of organizations and names.</param>
internal sealed record ConsoleIssuerList(IReadOnlyList<ConsoleIssuerView> Issuers);
