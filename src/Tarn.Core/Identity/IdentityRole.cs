using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>What workloads assume with a token of an issuer: its policies then say what they may do, beside those that name the role.</summary>
public sealed record IdentityRole
{
    private const byte Marker = 1;

    /// <summary>The organization that owns the role.</summary>
    public required string Organization { get; init; }

    /// <summary>Unique in the organization: <see cref="IdentityRules.Name"/>.</summary>
    public required string Name { get; init; }

    /// <summary>Like AWS's: <c>AROA</c> and 17 characters, which are never used again.</summary>
    public required string Id { get; init; }

    /// <summary>The name of the issuer whose tokens assume it.</summary>
    public required string Issuer { get; init; }

    /// <summary>The URL that the issuer had when the role was created: tokens of a later issuer of that name do not assume it.</summary>
    public required string IssuerUrl { get; init; }

    /// <summary>The values of <c>aud</c> of which a token must have one; empty: those of the issuer.</summary>
    public IReadOnlyList<string> Audiences { get; init; } = [];

    /// <summary>The conditions on claims that a token must fulfil, as JSON: <c>{"StringEquals":{"sub":"…"}}</c>.</summary>
    public required string Conditions { get; init; }

    /// <summary>The documents of its policies.</summary>
    public IReadOnlyList<string> Policies { get; init; } = [];

    /// <summary>The longest session, in seconds: 900 to 43,200.</summary>
    public required int MaxSessionSeconds { get; init; }

    /// <summary>When it was created, to the second.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary><c>arn:aws:iam::ORGANIZATION:role/NAME</c>.</summary>
    public string Arn => $"arn:aws:iam::{Organization}:role/{Name}";

    internal byte[] Encode()
    {
        RecordWriter writer = new RecordWriter(Marker)
            .Text(1, Organization)
            .Text(2, Name)
            .Text(3, Id)
            .Text(4, Issuer)
            .Text(5, Conditions)
            .Number(6, (long)MaxSessionSeconds)
            .Number(7, Created.ToUnixTimeMilliseconds())
            .Text(10, IssuerUrl);
        foreach (string audience in Audiences)
        {
            writer.Text(8, audience);
        }

        foreach (string policy in Policies)
        {
            writer.Text(9, policy);
        }

        return writer.ToArray();
    }

    internal static IdentityRole Decode(ReadOnlySpan<byte> bytes)
    {
        string organization = "", name = "", id = "", issuer = "", url = "", conditions = "";
        int longest = 0;
        long created = 0;
        List<string> audiences = [], policies = [];
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: organization = reader.Text; break;
                case 2: name = reader.Text; break;
                case 3: id = reader.Text; break;
                case 4: issuer = reader.Text; break;
                case 5: conditions = reader.Text; break;
                case 6: longest = reader.Int32; break;
                case 7: created = reader.Signed; break;
                case 8: audiences.Add(reader.Text); break;
                case 9: policies.Add(reader.Text); break;
                case 10: url = reader.Text; break;
            }
        }

        return new IdentityRole
        {
            Organization = organization,
            Name = name,
            Id = id,
            Issuer = issuer,
            IssuerUrl = url,
            Conditions = conditions,
            MaxSessionSeconds = longest,
            Audiences = audiences,
            Policies = policies,
            Created = IdentityTime.FromStored(created),
        };
    }
}
