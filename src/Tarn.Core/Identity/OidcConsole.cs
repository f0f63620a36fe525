using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>How the console signs people in with an issuer: as which client of it, and with which role.</summary>
public sealed record OidcConsole
{
    /// <summary>What is asked for unless an administrator says otherwise.</summary>
    public static readonly IReadOnlyList<string> DefaultScopes = ["openid", "profile", "email"];

    private const int MaxScopes = 20;
    private const int MaxScope = 128;

    /// <summary>The id that the issuer has given to the console.</summary>
    public required string ClientId { get; init; }

    /// <summary>What people read on the page where they sign in.</summary>
    public required string Title { get; init; }

    /// <summary>What is asked for: <c>openid</c>, and what makes the issuer add the claims that roles have conditions on.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = DefaultScopes;

    /// <summary>The name of the role that sign-ins assume; null: the first one, by name, that a token may assume.</summary>
    public string? Role { get; init; }

    /// <summary>The client's secret, encrypted by <see cref="ISecretProtector"/>; null for a client without one.</summary>
    internal byte[]? ProtectedSecret { get; init; }

    /// <summary>Whether the client has a secret, which nobody is shown.</summary>
    public bool HasSecret => ProtectedSecret is not null;

    /// <summary>What a client's secret is encrypted for: the issuer's id, which no other issuer has.</summary>
    internal static string Subject(string issuerId) => "issuer-client/" + issuerId;

    /// <exception cref="IdentityRefusalException">A rule is broken.</exception>
    internal static void ThrowIfBroken(OidcConsole console, string? secret)
    {
        IdentityRules.ThrowIfBroken(console.ClientId.Length == 0 ? "the client id must not be empty" : IdentityRules.Text("the client id", console.ClientId));
        IdentityRules.ThrowIfBroken(string.IsNullOrWhiteSpace(console.Title) ? "the title must not be empty" : IdentityRules.Text("the title", console.Title));
        IdentityRules.ThrowIfBroken(console.Role is null ? null : IdentityRules.Name("the name of a role", console.Role));

        // RFC 6749, section 3.3: a space is between scopes.
        IdentityRules.ThrowIfBroken(console.Scopes.Count <= MaxScopes && console.Scopes.All(static scope => scope.Length is > 0 and <= MaxScope
                && scope.All(static c => c is > ' ' and < (char)0x7F and not ('"' or '\\')))
            ? null
            : $"there can be at most {MaxScopes} scopes, each of 1 to {MaxScope} printable ASCII characters without spaces, quotes and backslashes");
        IdentityRules.ThrowIfBroken(console.Scopes.Contains("openid", StringComparer.Ordinal) ? null : "the scopes must have openid: without it there is no token to sign in with");

        // RFC 6749, appendix A.2.
        IdentityRules.ThrowIfBroken(secret is null || (secret.Length is > 0 and <= 1024 && secret.All(static c => c is >= ' ' and < (char)0x7F))
            ? null
            : "the client secret must have 1 to 1024 printable ASCII characters");
    }

    internal void Encode(RecordWriter writer)
    {
        writer.Text(1, ClientId).Text(2, Title).Text(4, Role);
        foreach (string scope in Scopes)
        {
            writer.Text(3, scope);
        }

        if (ProtectedSecret is { } secret)
        {
            writer.Bytes(5, secret);
        }
    }

    internal static OidcConsole Decode(RecordReader reader)
    {
        string client = "", title = "";
        string? role = null;
        byte[]? secret = null;
        List<string> scopes = [];
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: client = reader.Text; break;
                case 2: title = reader.Text; break;
                case 3: scopes.Add(reader.Text); break;
                case 4: role = reader.Text; break;
                case 5: secret = reader.Bytes.ToArray(); break;
            }
        }

        return new OidcConsole { ClientId = client, Title = title, Scopes = scopes, Role = role, ProtectedSecret = secret };
    }
}
