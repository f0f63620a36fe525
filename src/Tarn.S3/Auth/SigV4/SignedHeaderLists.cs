using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace Tarn.S3.Auth.SigV4;

/// <summary>SignedHeaders lists, split once: clients send a handful of different ones. Bounded; what does not fit is split again.</summary>
internal sealed class SignedHeaderLists(int capacity = 1024)
{
    private readonly ConcurrentDictionary<string, string[]> _lists = new(StringComparer.Ordinal);
    private int _count;

    public string[] Split(ReadOnlySpan<char> signedHeaders)
    {
        if (_lists.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(signedHeaders, out var known))
        {
            return known;
        }

        var text = signedHeaders.ToString();
        var names = text.Split(';');
        if (text.Length <= 512 && Volatile.Read(ref _count) < capacity && _lists.TryAdd(text, names))
        {
            Interlocked.Increment(ref _count);
        }

        return names;
    }

    /// <summary>Refuses what S3 wants signed and is not: Host and every x-amz-* header.</summary>
    /// <param name="headers">Headers as sent.</param>
    /// <param name="names">Names that were signed.</param>
    /// <param name="query">The query as sent, which is signed too: a header that it has as well needs no other signature.</param>
    /// <param name="framingMayBeUnsigned">
    /// Whether the headers that only describe the framing of an unsigned payload may be left out: whoever holds the
    /// presigned URL decides on the bytes anyway, and the URL's maker cannot know how they will be framed.
    /// </param>
    public static void ThrowIfNotSigned(IHeaderDictionary headers, string[] names, ReadOnlyMemory<char> query, bool framingMayBeUnsigned)
    {
        List<string>? missing = null;
        Dictionary<string, string>? inQuery = null;
        if (!Contains(names, "host"))
        {
            (missing = []).Add("host");
        }

        foreach (var header in headers)
        {
            if (header.Key.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase)
                && !Contains(names, header.Key)
                && !(framingMayBeUnsigned && IsFraming(header.Key))
                && !QueryHeaders.Carry(inQuery ??= QueryHeaders.Of(query), header.Key, header.Value))
            {
                (missing ??= []).Add(header.Key.ToLowerInvariant());
            }
        }

        if (missing is not null)
        {
            throw AuthErrors.HeadersNotSigned(string.Join(", ", missing));
        }
    }

    private static bool IsFraming(string name) =>
        name.Equals(PayloadForms.Header, StringComparison.OrdinalIgnoreCase)
        || name.Equals("x-amz-decoded-content-length", StringComparison.OrdinalIgnoreCase)
        || name.Equals("x-amz-trailer", StringComparison.OrdinalIgnoreCase);

    private static bool Contains(string[] names, string name)
    {
        foreach (var candidate in names)
        {
            if (candidate.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
