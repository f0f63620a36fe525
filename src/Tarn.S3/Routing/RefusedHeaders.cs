using System.Collections.Frozen;

namespace Tarn.S3.Routing;

/// <summary>Finds the request headers that an operation refuses. Allocates nothing for other headers.</summary>
internal sealed class RefusedHeaders
{
    private const string Amazon = "x-amz-";

    private readonly FrozenSet<string> _accepted;
    private readonly string[] _acceptedPrefixes;
    private readonly RefusedHeader[] _others;

    /// <summary>Amazon's headers by the first letter after <c>x-amz-</c>, which rules out most headers without comparing names.</summary>
    private readonly RefusedHeader[][] _byLetter = new RefusedHeader[26][];

    public RefusedHeaders(S3Operation operation)
    {
        _accepted = operation.Headers.Concat(RequestMembers.OfAll).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        _acceptedPrefixes = [.. operation.Headers.Where(static name => name.EndsWith('*')).Select(static name => name[..^1])];
        RefusedHeader[] all = [.. operation.Refuses, .. RefusedHeader.NotImplemented];
        _others = [.. all.Where(static header => !IsAmazon(header.Name))];
        for (int i = 0; i < _byLetter.Length; i++)
        {
            char letter = (char)('a' + i);
            _byLetter[i] = [.. all.Where(header => IsAmazon(header.Name) && header.Name[Amazon.Length] == letter)];
        }
    }

    /// <summary>The rule for a header of this name, which refuses it unless its value is permitted; null when there is none.</summary>
    public RefusedHeader? Find(string name)
    {
        RefusedHeader[] candidates = _others;
        if (IsAmazon(name))
        {
            int letter = (name[Amazon.Length] | 0x20) - 'a';
            candidates = letter is >= 0 and < 26 ? _byLetter[letter] : [];
        }

        foreach (RefusedHeader candidate in candidates)
        {
            if (candidate.Covers(name))
            {
                return IsAccepted(name) ? null : candidate;
            }
        }

        return null;
    }

    private bool IsAccepted(string name) =>
        _accepted.Contains(name) || Array.Exists(_acceptedPrefixes, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    private static bool IsAmazon(string name) => name.Length > Amazon.Length && name.StartsWith(Amazon, StringComparison.OrdinalIgnoreCase);
}
