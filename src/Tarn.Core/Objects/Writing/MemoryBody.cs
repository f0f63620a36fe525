using System.Buffers;

namespace Tarn.Core.Objects.Writing;

/// <summary>Bytes in memory, ingested as if they were uploaded.</summary>
internal sealed class MemoryBody(ReadOnlyMemory<byte> bytes) : IUploadBody
{
    private bool _read;

    public long? Length => bytes.Length;

    public IReadOnlyDictionary<string, string> Trailers { get; } = new Dictionary<string, string>();

    public ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        ReadOnlySequence<byte> result = _read ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(bytes);
        _read = true;
        return ValueTask.FromResult(result);
    }
}
