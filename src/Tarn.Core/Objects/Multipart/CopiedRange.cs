using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Objects.Writing;

namespace Tarn.Core.Objects.Multipart;

/// <summary>
/// A range of an object that is to become a part: its digests, and how the part comes to hold the bytes. It is read once for each version
/// of the source, however many attempts the commit takes.
/// </summary>
internal sealed class CopiedRange(
    ObjectReader reader, Ingest ingest, DataOwnership ownership, BlobFooter about, ChecksumAlgorithm algorithm, Func<long, (long Offset, long Length)> range)
    : IAsyncDisposable
{
    private StoredObject? _source;
    private StagedData? _staged;
    private long _offset;

    /// <summary>Bytes.</summary>
    public long Length { get; private set; }

    public byte[] Md5 { get; private set; } = [];

    public byte[] Checksum { get; private set; } = [];

    /// <summary>Reads the range unless it was already read from this version; false when the bytes are gone.</summary>
    public async ValueTask<bool> ReadAsync(StoredObject source, CancellationToken cancellationToken)
    {
        if (_source?.IsSameVersionAs(source) == true)
        {
            return true;
        }

        // Data staged from another version is not used.
        await DisposeAsync();
        (_source, _staged) = (null, null);
        (_offset, Length) = range(source.Size);
        bool read = source.Record.Data is ObjectData.Inline or ObjectData.Empty
            ? await StageAsync(source, cancellationToken)
            : await HashAsync(source, cancellationToken);
        _source = read ? source : null;
        return read;
    }

    /// <summary>Makes the part a holder of the bytes; the batch must also guard the source.</summary>
    public async ValueTask<IReadOnlyList<Extent>> AttachAsync(KeyValueBatch batch, CancellationToken cancellationToken) => _staged is not null
        ? await _staged.AttachExtentsAsync(batch, cancellationToken)
        : ownership.Share(batch, await reader.ExtentsAsync(_source!, _offset, Length, cancellationToken));

    /// <summary>Keeps the staged data; called once the commit succeeded.</summary>
    public void Keep() => _staged?.Keep();

    public ValueTask DisposeAsync() => _staged?.DisposeAsync() ?? default;

    /// <summary>Writes a range of an inline object as a blob of its own, because parts are always runs of blobs.</summary>
    private async ValueTask<bool> StageAsync(StoredObject source, CancellationToken cancellationToken)
    {
        await using IObjectContent? content = await reader.OpenAsync(source, always: true, cancellationToken);
        if (content is null)
        {
            return false;
        }

        ReadOnlyMemory<byte> bytes = Length == 0 ? default : (await content.RunAsync(_offset, Length, cancellationToken)).Memory;
        _staged = await ingest.TakeAsync(new MemoryBody(bytes), new IngestRequest { Algorithm = algorithm }, about, allowInline: false, cancellationToken);
        (Md5, Checksum) = (_staged.Md5, _staged.Checksum);
        return true;
    }

    private async ValueTask<bool> HashAsync(StoredObject source, CancellationToken cancellationToken)
    {
        using StreamHasher md5 = StreamHasher.CreateMd5();
        using StreamHasher checksum = StreamHasher.Create(algorithm);
        if (!await reader.HashAsync(source, _offset, Length, [md5, checksum], cancellationToken))
        {
            return false;
        }

        (Md5, Checksum) = (md5.Finish(), checksum.Finish());
        return true;
    }
}
