using System.Security.Cryptography;

namespace Tarn.Load.Http;

/// <summary>Takes a response's body piece by piece.</summary>
internal interface IBodySink
{
    /// <summary>A body begins; forget the last one.</summary>
    void Begin();

    void Write(ReadOnlySpan<byte> bytes);
}

/// <summary>Keeps the body in memory, up to 64 MiB.</summary>
internal sealed class CollectingSink : IBodySink
{
    private const int Limit = 64 * 1024 * 1024;
    private readonly ByteBuffer _body = new(64 * 1024);

    public ReadOnlySpan<byte> Written => _body.Written;

    public void Begin() => _body.Clear();

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (_body.Length + bytes.Length > Limit)
        {
            throw new HttpFormatException("a document of over 64 MiB");
        }

        _body.Append(bytes);
    }
}

/// <summary>Hashes the body with SHA-256.</summary>
internal sealed class HashingSink : IBodySink, IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public void Begin() => _hash.GetHashAndReset();

    public void Write(ReadOnlySpan<byte> bytes) => _hash.AppendData(bytes);

    /// <summary>The hash of what was written since <see cref="Begin"/>.</summary>
    public byte[] Finish() => _hash.GetHashAndReset();

    public void Dispose() => _hash.Dispose();
}
