using System.Buffers;

namespace Tarn.S3.Auth.SigV4;

/// <summary>The canonical query string: each name and value encoded, sorted by name and then by value.</summary>
internal static class CanonicalQuery
{
    private const int OnStack = 16;

    /// <summary>Appends the query; the parameter that carries the signature itself is left out.</summary>
    public static void Append(ref PooledBytes output, ReadOnlyMemory<char> rawQuery, bool withoutSignature)
    {
        if (rawQuery.IsEmpty)
        {
            return;
        }

        var most = rawQuery.Span.Count('&') + 1;
        var rented = most > OnStack ? ArrayPool<Parameter>.Shared.Rent(most) : null;
        Span<Parameter> parameters = rented is null ? stackalloc Parameter[OnStack] : rented;
        var encoded = new PooledBytes(stackalloc byte[512]);
        try
        {
            var count = 0;
            while (RawTarget.NextParameter(ref rawQuery, out var name, out var value))
            {
                var start = encoded.Length;
                UriEncoding.AppendQueryPart(ref encoded, name.Span);
                var nameEnd = encoded.Length;
                if (withoutSignature && encoded.Written[start..nameEnd].SequenceEqual("X-Amz-Signature"u8))
                {
                    continue;
                }

                UriEncoding.AppendQueryPart(ref encoded, value.Span);
                parameters[count++] = new Parameter(start, nameEnd, encoded.Length);
            }

            Sort(parameters[..count], encoded.Written);
            for (var i = 0; i < count; i++)
            {
                if (i > 0)
                {
                    output.Append((byte)'&');
                }

                output.Append(parameters[i].Name(encoded.Written));
                output.Append((byte)'=');
                output.Append(parameters[i].Value(encoded.Written));
            }
        }
        finally
        {
            encoded.Dispose();
            if (rented is not null)
            {
                ArrayPool<Parameter>.Shared.Return(rented);
            }
        }
    }

    /// <summary>Insertion sort for what clients send (a few parameters, nearly sorted); a heap-based sort for hostile queries.</summary>
    private static void Sort(Span<Parameter> parameters, scoped ReadOnlySpan<byte> encoded)
    {
        if (parameters.Length > 64)
        {
            var bytes = encoded.ToArray();
            parameters.Sort((left, right) => Compare(left, right, bytes));
            return;
        }

        for (var i = 1; i < parameters.Length; i++)
        {
            var current = parameters[i];
            var at = i;
            for (; at > 0 && Compare(current, parameters[at - 1], encoded) < 0; at--)
            {
                parameters[at] = parameters[at - 1];
            }

            parameters[at] = current;
        }
    }

    private static int Compare(Parameter left, Parameter right, scoped ReadOnlySpan<byte> encoded)
    {
        var byName = left.Name(encoded).SequenceCompareTo(right.Name(encoded));
        return byName != 0 ? byName : left.Value(encoded).SequenceCompareTo(right.Value(encoded));
    }

    private readonly record struct Parameter(int Start, int NameEnd, int End)
    {
        public ReadOnlySpan<byte> Name(ReadOnlySpan<byte> encoded) => encoded[Start..NameEnd];

        public ReadOnlySpan<byte> Value(ReadOnlySpan<byte> encoded) => encoded[NameEnd..End];
    }
}
