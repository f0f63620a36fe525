using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Tarn.Core.Acceleration;

/// <summary>
/// Which accelerator speaks, as the first line of each of its requests says: <c>v=1;token=T;name=N;zone=Z;domains=D,D</c>. There is one text for each
/// value: nothing but what <see cref="Format"/> writes is read.
/// </summary>
public sealed record AcceleratorEnvelope
{
    /// <summary>Longest text, in characters.</summary>
    public const int MaxLength = 4096;

    /// <summary>Longest token, in characters.</summary>
    public const int MaxTokenLength = 128;

    /// <summary>The most domains.</summary>
    public const int MaxDomains = 32;

    private const string Version = "v=1;token=";

    private static readonly SearchValues<char> OfTokens = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");

    /// <summary>The text of its token, which is a secret.</summary>
    public required string Token { get; init; }

    /// <summary>Its name, for people.</summary>
    public required string Name { get; init; }

    /// <summary>The zone whose accelerators share what they have.</summary>
    public required string Zone { get; init; }

    /// <summary>The domains under which its clients name buckets: DNS names in lower case.</summary>
    public IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary>Reads a text; false unless it is exactly what <see cref="Format"/> writes, within the bounds.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out AcceleratorEnvelope? envelope)
    {
        envelope = null;
        if (text.Length > MaxLength || !text.StartsWith(Version, StringComparison.Ordinal))
        {
            return false;
        }

        text = text[Version.Length..];
        if (!TryTake(ref text, ";name=", out ReadOnlySpan<char> token)
            || !TryTake(ref text, ";zone=", out ReadOnlySpan<char> name)
            || !TryTake(ref text, ";domains=", out ReadOnlySpan<char> zone)
            || token.Length is 0 or > MaxTokenLength || token.ContainsAnyExcept(OfTokens)
            || !AcceleratorNames.IsName(name) || !AcceleratorNames.IsName(zone)
            || !TryReadDomains(text, out string[] domains))
        {
            return false;
        }

        envelope = new AcceleratorEnvelope { Token = token.ToString(), Name = name.ToString(), Zone = zone.ToString(), Domains = domains };
        return true;
    }

    /// <summary>The text, which has the token.</summary>
    /// <exception cref="FormatException">A value is outside of its bounds.</exception>
    public string Format()
    {
        string text = $"{Version}{Token};name={Name};zone={Zone};domains={string.Join(',', Domains)}";
        return TryParse(text, out AcceleratorEnvelope? read) && Equals(read)
            ? text
            : throw new FormatException("The token, the name, the zone or a domain of an accelerator is not valid.");
    }

    /// <summary>Everything but the token, so that a log line cannot leak it.</summary>
    public override string ToString() => $"accelerator {Name} in zone {Zone}";

    /// <summary>Whether both say the same.</summary>
    public bool Equals(AcceleratorEnvelope? other) =>
        other is not null && Token == other.Token && Name == other.Name && Zone == other.Zone && Domains.SequenceEqual(other.Domains, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Token, Name, Zone, Domains.Count);

    private static bool TryTake(ref ReadOnlySpan<char> text, string end, out ReadOnlySpan<char> value)
    {
        int at = text.IndexOf(end, StringComparison.Ordinal);
        value = at < 0 ? default : text[..at];
        text = at < 0 ? default : text[(at + end.Length)..];
        return at >= 0;
    }

    private static bool TryReadDomains(ReadOnlySpan<char> text, out string[] domains)
    {
        domains = [];
        if (text.Length == 0)
        {
            return true;
        }

        var read = new List<string>();
        foreach (Range part in text.Split(','))
        {
            if (read.Count == MaxDomains || !AcceleratorNames.IsDomain(text[part]))
            {
                return false;
            }

            read.Add(text[part].ToString());
        }

        domains = [.. read];
        return true;
    }
}
