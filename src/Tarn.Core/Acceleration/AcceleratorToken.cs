using System.Net;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Identity;
using Tarn.Core.Records;

namespace Tarn.Core.Acceleration;

/// <summary>A token of an accelerator without its text, which is shown once; the store has its SHA-256 only.</summary>
public sealed record AcceleratorToken
{
    /// <summary>The most networks, the most organizations and the most domains of one token.</summary>
    public const int MaxLimits = 256;

    private const byte Marker = 1;

    /// <summary>SHA-256 of the token, lower-case hex.</summary>
    public required string Id { get; init; }

    /// <summary>A name for people; not unique.</summary>
    public required string Name { get; init; }

    /// <summary>The only zone that its accelerator may be in: whoever is in a zone reads what it has cached.</summary>
    public required string Zone { get; init; }

    /// <summary>The networks of the clients for which its accelerator may speak.</summary>
    public AddressList Networks { get; init; } = AddressList.Any;

    /// <summary>The names of the organizations for whose principals it may speak; empty: of all, and for anonymous requests too.</summary>
    public IReadOnlyList<string> Organizations { get; init; } = [];

    /// <summary>The domains under which its accelerator's clients may name buckets; empty: any.</summary>
    public IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary>The last four characters, by which people tell tokens apart.</summary>
    public required string Suffix { get; init; }

    /// <summary>When it was created, to the second.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>ARN of the creator.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>Whether its accelerator may speak for a client at an address.</summary>
    public bool Admits(IPAddress client) => Networks.Admits(client);

    /// <summary>Whether its accelerator's clients may name buckets under a domain.</summary>
    /// <param name="domain">A DNS name in lower case.</param>
    public bool AllowsDomain(string domain) => Domains.Count == 0 || Domains.Contains(domain, StringComparer.Ordinal);

    internal byte[] Encode()
    {
        RecordWriter writer = new RecordWriter(Marker).Text(1, Name).Text(2, Zone).Text(3, Suffix).Number(4, Created.ToUnixTimeMilliseconds()).Text(5, CreatedBy);
        foreach (string network in Networks.Networks)
        {
            writer.Text(6, network);
        }

        foreach (string organization in Organizations)
        {
            writer.Text(7, organization);
        }

        foreach (string domain in Domains)
        {
            writer.Text(8, domain);
        }

        return writer.ToArray();
    }

    internal static AcceleratorToken Decode(string id, ReadOnlySpan<byte> bytes)
    {
        string name = "", zone = "", suffix = "", by = "";
        long created = 0;
        List<string> networks = [], organizations = [], domains = [];
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: name = reader.Text; break;
                case 2: zone = reader.Text; break;
                case 3: suffix = reader.Text; break;
                case 4: created = reader.Signed; break;
                case 5: by = reader.Text; break;
                case 6: networks.Add(reader.Text); break;
                case 7: organizations.Add(reader.Text); break;
                case 8: domains.Add(reader.Text); break;
            }
        }

        return new AcceleratorToken
        {
            Id = id,
            Name = name,
            Zone = zone,
            Networks = AddressList.TryParse(networks, out AddressList list, out string? bad)
                ? list
                : throw new RecordFormatException($"The record of an accelerator's token holds {bad}, which is not a network."),
            Organizations = organizations,
            Domains = domains,
            Suffix = suffix,
            Created = IdentityTime.FromStored(created),
            CreatedBy = by,
        };
    }
}

/// <summary>A token when it is created, the only time that its text is shown.</summary>
public sealed record NewAcceleratorToken(AcceleratorToken Token, string Text)
{
    /// <summary>The id alone, so that a log line cannot leak the token.</summary>
    public override string ToString() => Token.Id;
}
