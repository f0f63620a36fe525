using System.Globalization;
using System.Text;
using Tarn.Load.Http;
using Tarn.Load.Options;
using Tarn.Load.Signing;

namespace Tarn.Load.Workloads;

/// <summary>Builds, signs and sends S3 requests on one connection, path style. Used by one thread.</summary>
internal sealed class S3Client : IDisposable
{
    private static readonly byte[] EmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"u8.ToArray();
    private readonly HttpConnection _connection;
    private readonly SigV4Signer _signer;
    private readonly TimeProvider _time;
    private readonly ByteBuffer _head = new(2048);
    private readonly ByteBuffer _path = new(512);
    private readonly byte[] _host;
    private readonly byte[] _bucketPath;
    private readonly byte[] _keyPrefix;
    private readonly byte[] _rawHead;

    public S3Client(LoadOptions options, TimeProvider time)
    {
        _time = time;
        _connection = new HttpConnection(options.Address, options.Timeout);
        _signer = new SigV4Signer(options.AccessKey, options.SecretKey, options.Region);
        _host = Encoding.ASCII.GetBytes(options.Host);
        _bucketPath = Encoding.ASCII.GetBytes("/" + options.Bucket);
        var prefix = new ByteBuffer(64);
        prefix.AppendUriEncoded(options.Prefix, keepSlash: true);
        _keyPrefix = prefix.Written.ToArray();
        _rawHead = Encoding.ASCII.GetBytes($"GET {options.Target} HTTP/1.1\r\nHost: {options.Host}\r\n\r\n");
    }

    public long Reconnects => _connection.Reconnects;

    /// <summary>A request about the object numbered <paramref name="key"/>; its key is PREFIX/0d/000000ddd, spread over ten prefixes.</summary>
    /// <param name="method">GET, PUT, …</param>
    /// <param name="key">The object's number.</param>
    /// <param name="body">What to send.</param>
    /// <param name="payloadHash">The value of x-amz-content-sha256; none without a body.</param>
    /// <param name="sink">Takes the response.</param>
    /// <param name="query">Encoded and sorted, without '?'.</param>
    /// <param name="headers">Whole lines that are not signed.</param>
    public Exchange Object(string method, long key, ReadOnlySpan<byte> body = default, ReadOnlySpan<byte> payloadHash = default, IBodySink? sink = null,
        ReadOnlySpan<byte> query = default, ReadOnlySpan<byte> headers = default)
    {
        Span<byte> name = stackalloc byte[13];
        (key % 10).TryFormat(name, out _, "00", CultureInfo.InvariantCulture);
        name[2] = (byte)'/';
        key.TryFormat(name[3..], out int digits, "000000000", CultureInfo.InvariantCulture);
        _path.Clear();
        _path.Append(_bucketPath);
        _path.Append("/"u8);
        _path.Append(_keyPrefix);
        _path.Append(name[..(3 + digits)]);
        return Send(method, query, body, payloadHash, sink, headers);
    }

    /// <summary>A request about the bucket itself.</summary>
    /// <param name="method">GET, PUT, …</param>
    /// <param name="query">Encoded and sorted, without '?'.</param>
    /// <param name="sink">Takes the response.</param>
    public Exchange Bucket(string method, ReadOnlySpan<byte> query, IBodySink? sink = null)
    {
        _path.Clear();
        _path.Append(_bucketPath);
        return Send(method, query, default, default, sink);
    }

    /// <summary>The plain GET of raw-get.</summary>
    public Exchange Raw() => _connection.Send(_rawHead, default, isHead: false, sink: null);

    public void Dispose() => _connection.Dispose();

    private Exchange Send(string method, ReadOnlySpan<byte> query, ReadOnlySpan<byte> body, ReadOnlySpan<byte> payloadHash, IBodySink? sink,
        ReadOnlySpan<byte> headers = default)
    {
        Span<byte> methodBytes = stackalloc byte[8];
        methodBytes = methodBytes[..Encoding.ASCII.GetBytes(method, methodBytes)];
        _head.Clear();
        _head.Append(methodBytes);
        _head.Append(" "u8);
        _head.Append(_path.Written);
        if (!query.IsEmpty)
        {
            _head.Append("?"u8);
            _head.Append(query);
        }

        _head.Append(" HTTP/1.1\r\nHost: "u8);
        _head.Append(_host);
        _head.Append("\r\n"u8);
        _signer.AppendHeaders(_head, methodBytes, _host, _path.Written, query, payloadHash.IsEmpty ? EmptyHash : payloadHash, _time.GetUtcNow());
        if (method == "PUT")
        {
            _head.Append("Content-Length: "u8);
            _head.Append(body.Length);
            _head.Append("\r\n"u8);
        }

        _head.Append(headers);
        _head.Append("\r\n"u8);
        return _connection.Send(_head.Written, body, method == "HEAD", sink);
    }
}
