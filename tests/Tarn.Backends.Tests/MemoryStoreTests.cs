using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.TestKit.Contracts;

namespace Tarn.Backends.Tests;

/// <summary>The contracts over the stores in memory.</summary>
public sealed class MemoryKeyValueStoreTests : KeyValueStoreContract
{
    protected override ValueTask<IKeyValueStore> OpenAsync() => new(new MemoryKeyValueStore());
}

public sealed class MemoryBlobStoreTests : BlobStoreContract
{
    protected override ValueTask<IBlobStore> OpenAsync() => new(new MemoryBlobStore(TimeProvider.System));

    protected override ValueTask AddBareAsync(BlobId id, byte[] payload)
    {
        ((MemoryBlobStore)Store).AddBare(id, payload);
        return default;
    }
}
