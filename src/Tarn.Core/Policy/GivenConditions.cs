using System.Collections.Frozen;
using System.Net;
using Tarn.Core.Errors;

namespace Tarn.Core.Policy;

/// <summary>The condition keys of a hypothetical request, and a record of those that policies read.</summary>
public sealed class GivenConditions : IConditionSource
{
    private static readonly FrozenDictionary<ConditionKey, string> Names = ConditionKeys.ByName
        .Where(row => !IsOfPrincipal(row.Value)).ToFrozenDictionary(row => row.Value, row => row.Key);

    private readonly Dictionary<KeyReference, ConditionValue> _given;
    private readonly SortedDictionary<string, string?> _asked = new(StringComparer.Ordinal);

    private GivenConditions(Dictionary<KeyReference, ConditionValue> given) => _given = given;

    /// <summary>The source for keys that are not given.</summary>
    public IConditionSource Rest { get; set; } = NoConditions.Instance;

    /// <summary>Every key that was read, with its value as text; null when it is absent.</summary>
    public IReadOnlyDictionary<string, string?> Asked => _asked;

    /// <summary>Parses keys by their names in policies, with their values as text.</summary>
    /// <exception cref="S3Exception">InvalidArgument: an unknown key, an invalid value, or a key that is answered from the principal.</exception>
    public static GivenConditions Parse(IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var given = new Dictionary<KeyReference, ConditionValue>();
        foreach ((string name, IReadOnlyList<string> values) in context)
        {
            if (!ConditionKeys.TryParse(name, out KeyReference key))
            {
                throw Invalid($"There is no condition key '{name}'.");
            }

            if (!Names.ContainsKey(key.Key))
            {
                throw Invalid(key.Key == ConditionKey.EpochTime
                    ? "Use aws:CurrentTime instead of aws:EpochTime."
                    : $"'{name}' cannot be given: its value comes from the principal.");
            }

            if (key.Key != ConditionKey.RequestObjectTagKeys && values.Count != 1)
            {
                throw Invalid($"'{name}' must have exactly one value.");
            }

            given[key] = key.Key == ConditionKey.RequestObjectTagKeys ? ConditionValue.Of(values) : Read(key.Key, name, values[0]);
        }

        return new GivenConditions(given);
    }

    /// <inheritdoc/>
    public ConditionValue Get(ConditionKey key, string? tagKey)
    {
        ConditionValue value = _given.TryGetValue(new KeyReference(key, tagKey), out ConditionValue known) ? known : Rest.Get(key, tagKey);
        if (Names.TryGetValue(key, out string? name))
        {
            _asked[name + tagKey] = value.IsAbsent ? null : string.Join(',', Enumerable.Range(0, value.Count).Select(i => value.TextAt(i)));
        }

        return value;
    }

    private static bool IsOfPrincipal(ConditionKey key) => key is ConditionKey.EpochTime or >= ConditionKey.PrincipalArn;

    private static ConditionValue Read(ConditionKey key, string name, string text) => key switch
    {
        ConditionKey.SourceIp => IPAddress.TryParse(text, out IPAddress? address)
            ? ConditionValue.Of(address)
            : throw Invalid($"'{name}' is an IP address, not '{text}'."),
        ConditionKey.SecureTransport => ConditionText.Flag(text) is { } flag
            ? ConditionValue.Of(flag)
            : throw Invalid($"'{name}' must be true or false, not '{text}'."),
        ConditionKey.CurrentTime => ConditionText.TryTime(text, out DateTimeOffset time)
            ? ConditionValue.Of(time)
            : throw Invalid($"'{name}' must be a time such as 2026-01-31T23:59:59Z, not '{text}'."),
        ConditionKey.CopySource => ConditionValue.Of(text.StartsWith('/') ? text[1..] : text),
        _ => ConditionValue.Of(text),
    };

    private static S3Exception Invalid(string message) => new(S3Error.InvalidArgument, message);
}
