using Microsoft.Extensions.Time.Testing;
using Tarn.Backends.Files;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Model;
using Tarn.TestKit.Servers;
using Tarn.TestKit.Stores;

namespace Tarn.Tests.Blobs;

/// <summary>Blobs of builds before layout 1, as files: what is missing of them is never made up for by what lies beside them.</summary>
public sealed class SealedFileTests : IDamageSink, IAsyncDisposable
{
    private const int Length = 100_000;

    private readonly TemporaryDirectory _directory = new();
    private readonly FileBlobStore _store;
    private readonly BlobId _id = BlobId.Create(new SeededRandomSource(3));
    private readonly string _path;

    public SealedFileTests()
    {
        _store = new FileBlobStore(_directory.FullPath, fsync: false);
        string name = _id.ToString();
        _path = _directory.PathOf(name[..2], name[2..4], name);
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        File.WriteAllBytes(_path, new byte[Length]);
    }

    public static TheoryData<VerifyReads> Modes => [.. Enum.GetValues<VerifyReads>()];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _directory.Dispose();
    }

    ValueTask<Exception> IDamageSink.ReportAsync(DamagedDataException found) => ValueTask.FromResult<Exception>(found);

    ValueTask IDamageSink.VerifiedAsync(Id128 data, long start, long end) => default;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_payload_that_was_cut_is_damage_however_long_its_tail_is(VerifyReads mode)
    {
        var sums = new BlockChecksummer(Length);
        sums.Append(new byte[Length]);
        Assert.True(await _store.SealAsync(_id, BlobTail.Compose(_id, sums, []), Token));
        var blobs = new CheckedBlobs(_store, mode, new FakeTimeProvider());
        Assert.Null(await blobs.FindDamageAsync(_id, Length, stored: 0, Token));
        await using (CheckedBlob? sound = await blobs.OpenAsync(_id, Length, stored: 0, this, always: false, Token))
        {
            Assert.Equal(Length, await sound!.ReadAsync(0, new byte[Length], Token));
        }

        using (FileStream file = File.OpenWrite(_path))
        {
            file.SetLength(Length - 5);
        }

        DamagedDataException found = await Assert.ThrowsAsync<DamagedDataException>(
            async () => await blobs.OpenAsync(_id, Length, stored: 0, this, always: false, Token));
        Assert.Equal(DamageKind.Length, found.Kind);
        Assert.Equal(DamageKind.Length, (await blobs.FindDamageAsync(_id, Length, stored: 0, Token))?.Kind);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_bare_blob_in_place_of_one_with_checksums_is_damage(VerifyReads mode)
    {
        var blobs = new CheckedBlobs(_store, mode, new FakeTimeProvider());
        Assert.Null(await blobs.FindDamageAsync(_id, Length, stored: 0, Token));
        const long stored = Length + 200;
        DamagedDataException found = await Assert.ThrowsAsync<DamagedDataException>(
            async () => await blobs.OpenAsync(_id, Length, stored, this, always: false, Token));
        Assert.Equal(DamageKind.Length, found.Kind);
        Assert.Equal(DamageKind.Length, (await blobs.FindDamageAsync(_id, Length, stored, Token))?.Kind);
    }
}
