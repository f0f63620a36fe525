using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace Tarn.S3.Auth.SigV4;

/// <summary>Caches split SignedHeaders lists, of which clients send only a few. Bounded; a list that does not fit is split each time.</summary>
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

    /// <summary>Refuses a request that does not sign what S3 requires: Host and every x-amz-* header.</summary>
    /// <param name="headers">Headers as sent.</param>
    /// <param name="names">Names that were signed.</param>
    /// <param name="query">The query as sent, which is signed too: a header that is also in it needs no other signature.</param>
    /// <param name="framingMayBeUnsigned">
    /// Whether the headers that only describe the framing of an unsigned payload may be unsigned: the holder of the
    /// presigned URL chooses the bytes anyway, and its signer cannot know their framing.
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
