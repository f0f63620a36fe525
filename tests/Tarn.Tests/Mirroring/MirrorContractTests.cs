using System.Buffers;
using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.TestKit.Contracts;

namespace Tarn.Tests.Mirroring;

/// <summary>What the mirror is in while the contracts of the stores are held against it.</summary>
internal enum MirrorCondition
{
    Whole,
    WithoutData,
    WithoutMirror,
}

/// <summary>The contract of the metadata, over two sides or the one that is left.</summary>
public abstract class MirroredKeyValueContract : KeyValueStoreContract
{
    private readonly TestMirror _mirror = new();

    private protected abstract MirrorCondition Condition { get; }

    protected override int ModelOperations => 3000;

    protected override async ValueTask<IKeyValueStore> OpenAsync()
    {
        await Conditions.OpenAsync(_mirror, Condition);
        return _mirror.Mirror.Metadata;
    }

    protected override async ValueTask CleanUpAsync()
    {
        if (Condition == MirrorCondition.Whole)
        {
            await _mirror.AssertSidesAreEqualAsync();
        }
    }
}

public sealed class WholeMirrorKeyValueTests : MirroredKeyValueContract
{
    private protected override MirrorCondition Condition => MirrorCondition.Whole;
}

public sealed class KeyValueTestsWithoutData : MirroredKeyValueContract
{
    private protected override MirrorCondition Condition => MirrorCondition.WithoutData;
}

public sealed class KeyValueTestsWithoutMirror : MirroredKeyValueContract
{
    private protected override MirrorCondition Condition => MirrorCondition.WithoutMirror;
}

/// <summary>The contract of blobs, over two sides or the one that is left.</summary>
public abstract class MirroredBlobContract : BlobStoreContract
{
    private readonly TestMirror _mirror = new();

    private protected abstract MirrorCondition Condition { get; }

    protected override async ValueTask<IBlobStore> OpenAsync()
    {
        await Conditions.OpenAsync(_mirror, Condition);
        if (Condition != MirrorCondition.Whole)
        {
            // By a write, as any server has: until then nobody knows what is on the side that does not answer.
            await _mirror.PutAsync("before", "1");
        }

        return _mirror.Mirror.Blobs;
    }

    protected override async ValueTask AddBareAsync(BlobId id, byte[] payload)
    {
        await using IBlobWriter writer = await Store.CreateCopyAsync(id, payload.Length, isBare: true, default);
        await writer.WriteAsync(new ReadOnlySequence<byte>(payload), default);
        await writer.CommitAsync(default);
    }

    protected override async ValueTask CleanUpAsync()
    {
        if (Condition == MirrorCondition.Whole)
        {
            await _mirror.AssertSidesAreEqualAsync();
        }
    }
}

public sealed class WholeMirrorBlobTests : MirroredBlobContract
{
    private protected override MirrorCondition Condition => MirrorCondition.Whole;
}

public sealed class BlobTestsWithoutData : MirroredBlobContract
{
    private protected override MirrorCondition Condition => MirrorCondition.WithoutData;
}

public sealed class BlobTestsWithoutMirror : MirroredBlobContract
{
    private protected override MirrorCondition Condition => MirrorCondition.WithoutMirror;
}

file static class Conditions
{
    public static async Task OpenAsync(TestMirror mirror, MirrorCondition condition)
    {
        if (condition == MirrorCondition.Whole || mirror.Data.Mark is null)
        {
            await mirror.OpenWholeAsync();
        }
        else
        {
            await mirror.OpenAsync();
        }

        if (condition != MirrorCondition.Whole)
        {
            TestSide lost = condition == MirrorCondition.WithoutData ? mirror.Data : mirror.Other;
            lost.Broken = new IOException("gone");
        }
    }
}
