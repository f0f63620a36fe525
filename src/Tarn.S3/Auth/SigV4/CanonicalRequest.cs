using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Tarn.S3.Auth.SigV4;

/// <summary>
/// Writes the canonical request of Signature Version 4.
/// Source: "Signature Calculations for the Authorization Header: Transferring Payload in a Single Chunk".
/// </summary>
internal static class CanonicalRequest
{
    /// <summary>Appends method, URI, query, headers, signed header list and payload hash.</summary>
    /// <param name="output">Receives the canonical request.</param>
    /// <param name="method">HTTP method as sent.</param>
    /// <param name="target">Request target as sent.</param>
    /// <param name="headers">Headers as sent.</param>
    /// <param name="signedHeaders">The client's list, names separated by ';'.</param>
    /// <param name="names">The same list, split.</param>
    /// <param name="payloadHash">x-amz-content-sha256 or UNSIGNED-PAYLOAD.</param>
    /// <param name="presigned">Whether the query holds the signature, which is then left out.</param>
    /// <param name="path">The form in which the path is written.</param>
    /// <param name="host">Replaces the Host header's value; null: the header as sent.</param>
    public static void Append(
        ref PooledBytes output,
        string method,
        RawTarget target,
        IHeaderDictionary headers,
        scoped ReadOnlySpan<char> signedHeaders,
        string[] names,
        scoped ReadOnlySpan<char> payloadHash,
        bool presigned,
        PathForm path = PathForm.Escaped,
        string? host = null)
    {
        output.AppendUtf8(method);
        output.Append((byte)'\n');
        UriEncoding.AppendPath(ref output, target.Path.Span, path);
        output.Append((byte)'\n');
        CanonicalQuery.Append(ref output, target.Query, presigned);
        output.Append((byte)'\n');
        foreach (var name in names)
        {
            output.AppendUtf8(name);
            output.Append((byte)':');
            AppendValues(ref output, host is not null && name.Equals("host", StringComparison.OrdinalIgnoreCase) ? host : headers[name]);
            output.Append((byte)'\n');
        }

        output.Append((byte)'\n');
        output.AppendUtf8(signedHeaders);
        output.Append((byte)'\n');
        output.AppendUtf8(payloadHash);
    }

    private static void AppendValues(ref PooledBytes output, StringValues values)
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (i > 0)
            {
                output.Append((byte)',');
            }

            // Only HTTP white space: other kinds, such as a no-break space, belong to the value.
            AppendTrimmed(ref output, values[i].AsSpan().Trim(" \t"));
        }
    }

    /// <summary>Runs of spaces inside a value count as one.</summary>
    private static void AppendTrimmed(ref PooledBytes output, scoped ReadOnlySpan<char> value)
    {
        for (var twice = value.IndexOf("  "); twice >= 0; twice = value.IndexOf("  "))
        {
            output.AppendHeader(value[..(twice + 1)]);
            value = value[(twice + 1)..].TrimStart(' ');
        }

        output.AppendHeader(value);
    }
}
