using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>
/// An OpenID Connect issuer whose tokens an organization accepts. It speaks for the subjects of its own tokens, which policies name
/// <c>role/ISSUER:SUBJECT</c>, and for roles that name it.
/// </summary>
public sealed record OidcIssuer
{
    private const byte Marker = 1;

    /// <summary>The organization that trusts it.</summary>
    public required string Organization { get; init; }

    /// <summary>Unique in the organization: <see cref="IdentityRules.Name"/>.</summary>
    public required string Name { get; init; }

    /// <summary>Never used again, unlike the name: credentials that were issued for a deleted issuer stay invalid.</summary>
    public required string Id { get; init; }

    /// <summary>Exactly the <c>iss</c> of its tokens.</summary>
    public required string Url { get; init; }

    /// <summary>Where its keys are; null: where its discovery document says.</summary>
    public string? JwksUrl { get; init; }

    /// <summary>Hosts, with ports where they are not the scheme's, that its discovery document may name besides the issuer's own.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>The values of <c>aud</c> of which a token must have one; at least one.</summary>
    public required IReadOnlyList<string> Audiences { get; init; }

    /// <summary>
    /// The conditions on claims that a token must fulfil to be exchanged for credentials of its own subject, as JSON; null: none is, and tokens only assume roles, whose conditions they
    /// must fulfil. An issuer's subjects are often everybody's: every project of a forge, every cluster of a provider.
    /// </summary>
    public string? Conditions { get; init; }

    /// <summary>Whether tokens of all subjects are exchanged, instead of <see cref="Conditions"/>.</summary>
    public bool AnySubject { get; init; }

    /// <summary>How the console signs people in with it; null: not at all.</summary>
    public OidcConsole? Console { get; init; }

    /// <summary>When it was created, to the second.</summary>
    public required DateTimeOffset Created { get; init; }

    internal byte[] Encode()
    {
        RecordWriter writer = new RecordWriter(Marker)
            .Text(1, Organization)
            .Text(2, Name)
            .Text(3, Id)
            .Text(4, Url)
            .Text(5, JwksUrl)
            .Number(6, Created.ToUnixTimeMilliseconds())
            .Text(9, Conditions)
            .Number(10, AnySubject ? 1 : 0);
        foreach (string host in Hosts)
        {
            writer.Text(7, host);
        }

        foreach (string audience in Audiences)
        {
            writer.Text(8, audience);
        }

        if (Console is { } console)
        {
            writer.Nested(11, console.Encode);
        }

        return writer.ToArray();
    }

    internal static OidcIssuer Decode(ReadOnlySpan<byte> bytes)
    {
        string organization = "", name = "", id = "", url = "";
        string? jwks = null, conditions = null;
        long created = 0, any = 0;
        List<string> hosts = [], audiences = [];
        OidcConsole? console = null;
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: organization = reader.Text; break;
                case 2: name = reader.Text; break;
                case 3: id = reader.Text; break;
                case 4: url = reader.Text; break;
                case 5: jwks = reader.Text; break;
                case 6: created = reader.Signed; break;
                case 7: hosts.Add(reader.Text); break;
                case 8: audiences.Add(reader.Text); break;
                case 9: conditions = reader.Text; break;
                case 10: any = reader.Signed; break;
                case 11: console = OidcConsole.Decode(reader.Nested()); break;
            }
        }

        return new OidcIssuer
        {
            Organization = organization,
            Name = name,
            Id = id,
            Url = url,
            JwksUrl = jwks,
            Hosts = hosts,
            Audiences = audiences,
            Conditions = conditions,
            AnySubject = any == 1,
            Console = console,
            Created = IdentityTime.FromStored(created),
        };
    }
}
