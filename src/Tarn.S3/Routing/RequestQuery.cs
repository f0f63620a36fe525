using System.Diagnostics.CodeAnalysis;

namespace Tarn.S3.Routing;

/// <summary>
/// The decoded parameters of a request's query, in the order they were sent. Names are case-sensitive; a name without a
/// value has the empty value. Here, unlike in paths, <c>+</c> is a space.
/// </summary>
internal sealed class RequestQuery
{
    public static readonly RequestQuery Empty = new([]);

    private readonly KeyValuePair<string, string>[] _pairs;

    private RequestQuery(KeyValuePair<string, string>[] pairs) => _pairs = pairs;

    public IReadOnlyList<KeyValuePair<string, string>> Pairs => _pairs;

    /// <summary>The pairs, without the cost of an interface.</summary>
    public ReadOnlySpan<KeyValuePair<string, string>> Span => _pairs;

    /// <summary>The first value under this name; null when the name is absent.</summary>
    public string? this[string name] => TryGet(name, out string? value) ? value : null;

    /// <summary>Parses a query without its question mark. False when the percent-encoding or the UTF-8 is malformed.</summary>
    public static bool TryParse(ReadOnlySpan<char> raw, out RequestQuery query)
    {
        query = Empty;
        if (raw.IsEmpty)
        {
            return true;
        }

        var pairs = new KeyValuePair<string, string>[raw.Count('&') + 1];
        int count = 0;
        foreach (Range range in raw.Split('&'))
        {
            ReadOnlySpan<char> pair = raw[range];
            if (pair.IsEmpty)
            {
                continue;
            }

            int equals = pair.IndexOf('=');
            string? name = PercentDecoder.DecodeToString(equals < 0 ? pair : pair[..equals], plusIsSpace: true);
            string? value = equals < 0 ? "" : PercentDecoder.DecodeToString(pair[(equals + 1)..], plusIsSpace: true);
            if (name is null || value is null)
            {
                return false;
            }

            pairs[count++] = new(name, value);
        }

        query = count == 0 ? Empty : new RequestQuery(count == pairs.Length ? pairs : pairs[..count]);
        return true;
    }

    public bool Has(string name) => TryGet(name, out _);

    public bool TryGet(string name, [NotNullWhen(true)] out string? value)
    {
        foreach (ref readonly KeyValuePair<string, string> pair in _pairs.AsSpan())
        {
            if (string.Equals(pair.Key, name, StringComparison.Ordinal))
            {
                value = pair.Value;
                return true;
            }
        }

        value = null;
        return false;
    }
}
