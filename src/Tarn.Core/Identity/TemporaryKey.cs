using System.Security.Cryptography;
using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>What temporary credentials were issued for, and end with. Stored: the numbers never change.</summary>
public enum TemporaryKeySource : byte
{
    /// <summary>An access key, of a user or root user.</summary>
    AccessKey = 1,

    /// <summary>A token of the control API.</summary>
    ApiToken = 2,

    /// <summary>A workload's token of an issuer, which speaks for itself.</summary>
    Issuer = 3,

    /// <summary>A role that a workload assumed with a token of its issuer.</summary>
    Role = 4,
}

/// <summary>An access key that expires, without its secret and its session token, which are shown once.</summary>
public sealed record TemporaryKey
{
    private const byte Marker = 1;

    /// <summary>Unique on the server; begins with <c>ASIA</c>, as those of AWS do.</summary>
    public required string Id { get; init; }

    /// <summary>The organization of its principal.</summary>
    public required string Organization { get; init; }

    /// <summary>What it was issued for.</summary>
    public required TemporaryKeySource Source { get; init; }

    /// <summary>The id or name of what it was issued for.</summary>
    public required string Parent { get; init; }

    /// <summary>Its principal, as <see cref="TemporaryKeys"/> counts keys by principal.</summary>
    public required string Holder { get; init; }

    /// <summary>When it was issued, to the second.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it expires, to the second.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>The name of the issuer of the token; null without a token.</summary>
    public string? Issuer { get; init; }

    /// <summary>The token's subject; null without a token.</summary>
    public string? Subject { get; init; }

    /// <summary>The name of the role's session; null without a role.</summary>
    public string? SessionName { get; init; }

    /// <summary>See <see cref="SessionGrant.Policy"/>.</summary>
    public string? Policy { get; init; }

    /// <summary>The token's claims, each with its values.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Claims { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>What whoever asked for it attached to it, for people.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Attributes { get; init; } = [];

    /// <summary>Tells what it was issued for from a later one of the same name.</summary>
    internal byte[] ParentMark { get; init; } = [];

    /// <summary>Tells the issuer from a later one of the same name.</summary>
    internal byte[] IssuerMark { get; init; } = [];

    /// <summary>SHA-256 of the session token; empty when it works without one.</summary>
    internal byte[] TokenHash { get; init; } = [];

    /// <summary>SHA-256 of the secret in the cookie of the console's session that these credentials are; empty for others.</summary>
    internal byte[] CookieHash { get; init; } = [];

    /// <summary>SHA-256 of the proof of the page that began the console's session that these credentials are; empty for others.</summary>
    internal byte[] ProofHash { get; init; } = [];

    /// <summary>Whether they are a session of the console. Their secret never leaves the server, which signs URLs with it.</summary>
    public bool IsConsole => CookieHash.Length > 0;

    /// <summary>Whether they are a session of the console that a page with such a proof began.</summary>
    /// <param name="proofHash">SHA-256 of the proof.</param>
    public bool WasBegunWith(ReadOnlySpan<byte> proofHash) => IsConsole && CryptographicOperations.FixedTimeEquals(proofHash, ProofHash);

    /// <summary>The secret, encrypted by <see cref="ISecretProtector"/>.</summary>
    internal byte[] ProtectedSecret { get; init; } = [];

    internal byte[] Encode()
    {
        RecordWriter writer = new RecordWriter(Marker)
            .Text(1, Id)
            .Text(2, Organization)
            .Number(3, (long)Source)
            .Text(4, Parent)
            .Text(5, Holder)
            .Number(6, Created.ToUnixTimeMilliseconds())
            .Number(7, Expires.ToUnixTimeMilliseconds())
            .Text(8, Issuer)
            .Text(9, Subject)
            .Text(10, SessionName)
            .Text(11, Policy)
            .Bytes(12, ParentMark)
            .Bytes(13, IssuerMark)
            .Bytes(14, TokenHash)
            .Bytes(15, ProtectedSecret);
        foreach ((string name, IReadOnlyList<string> values) in Claims)
        {
            // The name once, however many values there are.
            writer.Nested(16, claim =>
            {
                claim.Text(1, name);
                foreach (string value in values)
                {
                    claim.Text(2, value);
                }
            });
        }

        foreach ((string name, string value) in Attributes)
        {
            writer.Nested(17, attribute => attribute.Text(1, name).Text(2, value));
        }

        if (IsConsole)
        {
            writer.Bytes(18, CookieHash).Bytes(19, ProofHash);
        }

        return writer.ToArray();
    }

    internal static TemporaryKey Decode(ReadOnlySpan<byte> bytes)
    {
        string id = "", organization = "", parent = "", holder = "";
        string? issuer = null, subject = null, session = null, policy = null;
        byte[] parentMark = [], issuerMark = [], token = [], secret = [], cookie = [], proof = [];
        long source = 0, created = 0, expires = 0;
        var claims = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        var attributes = new List<KeyValuePair<string, string>>();
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: id = reader.Text; break;
                case 2: organization = reader.Text; break;
                case 3: source = reader.Signed; break;
                case 4: parent = reader.Text; break;
                case 5: holder = reader.Text; break;
                case 6: created = reader.Signed; break;
                case 7: expires = reader.Signed; break;
                case 8: issuer = reader.Text; break;
                case 9: subject = reader.Text; break;
                case 10: session = reader.Text; break;
                case 11: policy = reader.Text; break;
                case 12: parentMark = reader.Bytes.ToArray(); break;
                case 13: issuerMark = reader.Bytes.ToArray(); break;
                case 14: token = reader.Bytes.ToArray(); break;
                case 15: secret = reader.Bytes.ToArray(); break;
                case 16: Named(reader.Nested(), out string claim, out List<string> values); claims[claim] = values; break;
                case 17: Named(reader.Nested(), out string attribute, out List<string> texts); attributes.Add(new(attribute, texts is [var text] ? text : "")); break;
                case 18: cookie = reader.Bytes.ToArray(); break;
                case 19: proof = reader.Bytes.ToArray(); break;
            }
        }

        return new TemporaryKey
        {
            Id = id,
            Organization = organization,
            Source = source is >= (long)TemporaryKeySource.AccessKey and <= (long)TemporaryKeySource.Role
                ? (TemporaryKeySource)source
                : throw new RecordFormatException("A temporary key was issued for something that this build does not know."),
            Parent = parent,
            Holder = holder,
            Created = IdentityTime.FromStored(created),
            Expires = IdentityTime.FromStored(expires),
            Issuer = issuer,
            Subject = subject,
            SessionName = session,
            Policy = policy,
            Claims = claims,
            Attributes = attributes,
            ParentMark = parentMark,
            IssuerMark = issuerMark,
            TokenHash = token is { Length: 0 or 32 } ? token : throw new RecordFormatException("The hash of a session token has 32 bytes."),
            CookieHash = cookie is { Length: 0 or 32 } ? cookie : throw new RecordFormatException("The hash of a cookie's secret has 32 bytes."),
            ProofHash = proof.Length == cookie.Length ? proof : throw new RecordFormatException("The hash of a page's proof has 32 bytes, and is there with that of a cookie's secret."),
            ProtectedSecret = secret,
        };
    }

    private static void Named(RecordReader reader, out string name, out List<string> values)
    {
        (name, values) = ("", []);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: name = reader.Text; break;
                case 2: values.Add(reader.Text); break;
            }
        }
    }
}

/// <summary>A temporary key when it is issued, the only time that its secret and its session token are shown.</summary>
/// <param name="Key">The key.</param>
/// <param name="SecretKey">Its secret.</param>
/// <param name="SessionToken">What every request must carry; null when the key works without.</param>
public sealed record NewTemporaryKey(TemporaryKey Key, string SecretKey, string? SessionToken)
{
    /// <summary>The secret of the cookie, for a session of the console: 32 bytes; empty for others.</summary>
    public ReadOnlyMemory<byte> CookieSecret { get; init; }

    /// <summary>The id alone, so that a log line cannot leak the secret.</summary>
    public override string ToString() => Key.Id;
}
