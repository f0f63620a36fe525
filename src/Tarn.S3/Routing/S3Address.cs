using System.Buffers;
using System.Text.Unicode;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Trees;
using Tarn.Core.Errors;
using Tarn.Core.Model;

namespace Tarn.S3.Routing;

/// <summary>
/// The target of a request: the service, a bucket, or an object. Parsed from the raw request target, because
/// keys may hold <c>//</c>, <c>..</c>, <c>%2F</c> and control characters, which a normalized path loses.
/// </summary>
internal readonly struct S3Address
{
    /// <summary>The bucket's name as sent, not checked against the naming rules; null when the target is the service.</summary>
    public string? Bucket { get; private init; }

    /// <summary>The object's key; meaningful only when <see cref="Target"/> is <see cref="S3Target.Object"/>.</summary>
    public ObjectKey Key { get; private init; }

    /// <summary>The query as sent, without its question mark.</summary>
    public string RawQuery { get; private init; }

    /// <summary>The path as sent, still encoded: the Resource of an error document.</summary>
    public string RawPath { get; private init; }

    /// <summary>True when the bucket came from the host name.</summary>
    public bool IsVirtualHost { get; private init; }

    public S3Target Target { get; private init; }

    /// <summary>The address of an object in this bucket.</summary>
    public S3Address WithKey(ObjectKey key) => this with { Key = key, Target = S3Target.Object };

    /// <summary>Parses the address. Null on success, otherwise the refusal (InvalidURI, KeyTooLongError).</summary>
    /// <param name="rawTarget">
    /// The request target as sent: origin form, or absolute form, whose authority is ignored: Kestrel requires that the Host
    /// header is the same, and the Host header is what was signed.
    /// </param>
    /// <param name="host">The Host header or <c>:authority</c>, with or without a port.</param>
    public static S3Error? Parse(string rawTarget, string? host, S3Domains domains, out S3Address address)
    {
        ReadOnlySpan<char> target = rawTarget;
        if (!target.StartsWith('/') && !DropAuthority(ref target))
        {
            address = new S3Address { RawPath = rawTarget, RawQuery = "" };
            return S3Error.InvalidUri;
        }

        int question = target.IndexOf('?');
        ReadOnlySpan<char> path = question < 0 ? target : target[..question];
        string rawQuery = question < 0 ? "" : target[(question + 1)..].ToString();
        string rawPath = path.Length == rawTarget.Length ? rawTarget : path.ToString();
        address = new S3Address { RawPath = rawPath, RawQuery = rawQuery };

        ReadOnlySpan<char> virtualBucket = domains.BucketOf(host);
        ReadOnlySpan<char> rest = path.IsEmpty ? path : path[1..];
        string? bucket;
        if (virtualBucket.IsEmpty)
        {
            if (rest.IsEmpty)
            {
                return null;
            }

            int slash = rest.IndexOf('/');
            ReadOnlySpan<char> segment = slash < 0 ? rest : rest[..slash];
            rest = slash < 0 ? default : rest[(slash + 1)..];
            bucket = PercentDecoder.DecodeToString(segment, plusIsSpace: false);
            if (string.IsNullOrEmpty(bucket))
            {
                return S3Error.InvalidUri;
            }
        }
        else
        {
            bucket = virtualBucket.ToString();
        }

        address = address with { Bucket = bucket, IsVirtualHost = !virtualBucket.IsEmpty, Target = S3Target.Bucket };
        if (rest.IsEmpty)
        {
            return null;
        }

        S3Error? refusal = DecodeKey(rest, out ObjectKey key, ofDisk: DiskId.HasShape(bucket));
        if (refusal is null)
        {
            address = address with { Key = key, Target = S3Target.Object };
        }

        return refusal;
    }

    /// <summary>Decodes a percent-encoded key once. Null on success, otherwise InvalidURI or KeyTooLongError.</summary>
    /// <param name="ofDisk">Whether the key is a path on a disk, which may hold any bytes and be longer than an object's key.</param>
    /// <param name="plusIsSpace">Whether a bare plus sign stands for a space.</param>
    public static S3Error? DecodeKey(ReadOnlySpan<char> encoded, out ObjectKey key, bool ofDisk = false, bool plusIsSpace = false)
    {
        key = default;
        int most = PercentDecoder.MaxBytes(encoded.Length);
        byte[]? rented = null;
        Span<byte> bytes = most <= 1024 ? stackalloc byte[1024] : (rented = ArrayPool<byte>.Shared.Rent(most));
        try
        {
            int length = PercentDecoder.Decode(encoded, bytes, plusIsSpace);
            if (length < 0 || (!ofDisk && !Utf8.IsValid(bytes[..length])) || bytes[..length].Contains((byte)0))
            {
                return S3Error.InvalidUri;
            }

            if (length > (ofDisk ? DiskPath.MaxLength : ObjectKey.MaxLength))
            {
                return S3Error.KeyTooLong;
            }

            key = ObjectKey.FromUtf8(bytes[..length].ToArray());
            return null;
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    /// <summary>Reduces <c>http://host/path</c> to its path; false when there is no host. Source: RFC 9112, section 3.2.2.</summary>
    private static bool DropAuthority(ref ReadOnlySpan<char> target)
    {
        int start = target.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? 7
            : target.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? 8 : -1;
        if (start < 0)
        {
            return false;
        }

        target = target[start..];
        int end = target.IndexOfAny('/', '?');
        bool hasHost = end != 0 && !target.IsEmpty;
        target = end < 0 ? default : target[end..];
        return hasHost;
    }
}
