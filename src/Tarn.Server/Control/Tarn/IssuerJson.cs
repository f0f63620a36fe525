using System.Text.Json;
using Tarn.Core.Identity;

namespace Tarn.Server.Control.Tarn;

/// <summary>An issuer to trust.</summary>
internal sealed record IssuerBody
{
    /// <summary>Its name, unique in the organization.</summary>
    public required string Name { get; init; }

    /// <summary>The organization that trusts it; null for the requester's.</summary>
    public string? Organization { get; init; }

    /// <summary>Its URL, exactly as the claim <c>iss</c> of its tokens.</summary>
    public required string Url { get; init; }

    /// <summary>The values of the claim <c>aud</c> of which a token must have one.</summary>
    public required IReadOnlyList<string> Audiences { get; init; }

    /// <summary>The URL of its keys; null to find it in the issuer's discovery document.</summary>
    public string? JwksUrl { get; init; }

    /// <summary>Hosts that the discovery document may name besides the issuer's own, with a port where it is not 443.</summary>
    public IReadOnlyList<string>? Hosts { get; init; }

    /// <summary>
    /// Which tokens are exchanged for credentials of their own subject: what their claims must be, as for a role. Null, without anySubject: none, and tokens only assume roles.
    /// </summary>
    public JsonElement? Conditions { get; init; }

    /// <summary>Whether tokens of all subjects are exchanged: only for an issuer all of whose subjects belong to the organization.</summary>
    public bool AnySubject { get; init; }

    /// <summary>How the console signs people in with it; null: not at all.</summary>
    public IssuerConsoleBody? Console { get; init; }
}

/// <summary>How the console signs people in with an issuer.</summary>
internal sealed record IssuerConsoleBody
{
    /// <summary>The id that the issuer has given to the console: the claim aud of its tokens.</summary>
    public required string ClientId { get; init; }

    /// <summary>The client's secret, which is never shown; empty for none. Null: none for a new client, and no change for the same one.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>What people read where they sign in; null for the issuer's name.</summary>
    public string? Title { get; init; }

    /// <summary>What is asked for, with openid; null for openid, profile and email.</summary>
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>The name of the role that sign-ins assume; null: the first one, by name, that the token may assume.</summary>
    public string? Role { get; init; }

    // The generated ToString would show the secret.
    public override string ToString() => ClientId;

    /// <param name="issuer">The issuer's name.</param>
    public OidcConsole ToConsole(string issuer) => new() { ClientId = ClientId, Title = Title ?? issuer, Scopes = Scopes ?? OidcConsole.DefaultScopes, Role = Role };
}

/// <summary>How the console signs people in with an issuer.</summary>
/// <param name="ClientId">The id of the console at the issuer.</param>
/// <param name="HasClientSecret">Whether the client has a secret.</param>
/// <param name="Title">What people read where they sign in.</param>
/// <param name="Scopes">What is asked for.</param>
/// <param name="Role">The role that sign-ins assume; absent: the first one, by name, that the token may assume.</param>
internal sealed record IssuerConsoleView(string ClientId, bool HasClientSecret, string Title, IReadOnlyList<string> Scopes, string? Role);

/// <summary>An issuer that an organization trusts.</summary>
internal sealed record IssuerView : IIdentified
{
    /// <summary>The organization that trusts it.</summary>
    public required string Organization { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its URL.</summary>
    public required string Url { get; init; }

    /// <summary>The audiences of which a token must have one.</summary>
    public required IReadOnlyList<string> Audiences { get; init; }

    /// <summary>The URL of its keys, if it is not found in the discovery document.</summary>
    public string? JwksUrl { get; init; }

    /// <summary>Hosts that the discovery document may name besides the issuer's own.</summary>
    public required IReadOnlyList<string> Hosts { get; init; }

    /// <summary>Which tokens are exchanged for credentials of their own subject; absent for none, or all.</summary>
    public JsonElement? Conditions { get; init; }

    /// <summary>Whether tokens of all subjects are exchanged.</summary>
    public required bool AnySubject { get; init; }

    /// <summary>How the console signs people in with it; absent: not at all.</summary>
    public IssuerConsoleView? Console { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTime Created { get; init; }

    string IIdentified.Identity => Name;

    public static IssuerView Of(OidcIssuer issuer) => new()
    {
        Organization = issuer.Organization,
        Name = issuer.Name,
        Url = issuer.Url,
        Audiences = issuer.Audiences,
        JwksUrl = issuer.JwksUrl,
        Hosts = issuer.Hosts,
        Conditions = issuer.Conditions is { } conditions ? PolicyDocuments.Json(conditions) : null,
        AnySubject = issuer.AnySubject,
        Console = issuer.Console is { } console ? new IssuerConsoleView(console.ClientId, console.HasSecret, console.Title, console.Scopes, console.Role) : null,
        Created = issuer.Created.UtcDateTime,
    };
}

/// <param name="Issuers">All of them.</param>
internal sealed record IssuerList(IReadOnlyList<IssuerView> Issuers);
