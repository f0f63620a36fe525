using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>A user of an organization, who may do what a policy or an ACL allows and nothing else.</summary>
public sealed record User
{
    private const byte Marker = 1;

    /// <summary>The name of the user's organization.</summary>
    public required string Organization { get; init; }

    /// <summary>Unique in the organization: <see cref="IdentityRules.Name"/>.</summary>
    public required string Name { get; init; }

    /// <summary>The value of <c>aws:userid</c>. Unique in the organization; a generated one is never reused.</summary>
    public required string UserId { get; init; }

    /// <summary>A name for people.</summary>
    public required string DisplayName { get; init; }

    /// <summary>Null when the user has none. Unique among organizations and users, whatever the case of its letters.</summary>
    public string? Email { get; init; }

    /// <summary>The groups that organization policies name; in order, each once.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>When it was created, to the second.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary><c>arn:aws:iam::ORGANIZATION:user/NAME</c>.</summary>
    public string Arn => $"arn:aws:iam::{Organization}:user/{Name}";

    internal byte[] Encode()
    {
        RecordWriter writer = new RecordWriter(Marker)
            .Text(1, Organization)
            .Text(2, Name)
            .Text(3, UserId)
            .Text(4, DisplayName)
            .Text(5, Email)
            .Number(6, Created.ToUnixTimeMilliseconds());
        foreach (string group in Groups)
        {
            writer.Text(7, group);
        }

        return writer.ToArray();
    }

    internal static User Decode(ReadOnlySpan<byte> bytes)
    {
        string organization = "", name = "", userId = "", displayName = "";
        string? email = null;
        long created = 0;
        var groups = new List<string>();
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: organization = reader.Text; break;
                case 2: name = reader.Text; break;
                case 3: userId = reader.Text; break;
                case 4: displayName = reader.Text; break;
                case 5: email = reader.Text; break;
                case 6: created = reader.Signed; break;
                case 7: groups.Add(reader.Text); break;
            }
        }

        return new User
        {
            Organization = organization,
            Name = name,
            UserId = userId,
            DisplayName = displayName,
            Email = email,
            Groups = groups,
            Created = IdentityTime.FromStored(created),
        };
    }
}
