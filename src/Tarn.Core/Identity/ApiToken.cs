using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>A token of the control API without its text, which is shown once; the store has its SHA-256 only.</summary>
public sealed record ApiToken
{
    private const byte Marker = 1;

    /// <summary>SHA-256 of the token, lower-case hex.</summary>
    public required string Id { get; init; }

    /// <summary>The name of the organization that owns the token.</summary>
    public required string Organization { get; init; }

    /// <summary>The user that it authenticates; null for the organization's root user.</summary>
    public string? User { get; init; }

    /// <summary>A name for people; not unique.</summary>
    public required string Name { get; init; }

    /// <summary>A text for people; null when it has none.</summary>
    public string? Description { get; init; }

    /// <summary>The last four characters, by which people tell tokens apart.</summary>
    public required string Suffix { get; init; }

    /// <summary>When it was created, to the second.</summary>
    public required DateTimeOffset Created { get; init; }

    internal byte[] Encode() => new RecordWriter(Marker)
        .Text(1, Organization)
        .Text(2, User)
        .Text(3, Name)
        .Text(4, Description)
        .Text(5, Suffix)
        .Number(6, Created.ToUnixTimeMilliseconds())
        .ToArray();

    internal static ApiToken Decode(string id, ReadOnlySpan<byte> bytes)
    {
        string organization = "", name = "", suffix = "";
        string? user = null, description = null;
        long created = 0;
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: organization = reader.Text; break;
                case 2: user = reader.Text; break;
                case 3: name = reader.Text; break;
                case 4: description = reader.Text; break;
                case 5: suffix = reader.Text; break;
                case 6: created = reader.Signed; break;
            }
        }

        return new ApiToken
        {
            Id = id,
            Organization = organization,
            User = user,
            Name = name,
            Description = description,
            Suffix = suffix,
            Created = IdentityTime.FromStored(created),
        };
    }
}

/// <summary>A token when it is created, the only time that its text is shown.</summary>
public sealed record NewApiToken(ApiToken Token, string Text)
{
    /// <summary>The id alone, so that a log line cannot leak the token.</summary>
    public override string ToString() => Token.Id;
}
