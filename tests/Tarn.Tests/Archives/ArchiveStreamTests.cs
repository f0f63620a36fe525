using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Reading;
using Tarn.S3.Archives;
using Tarn.S3.Requests;
using Tarn.S3.Telemetry;
using Tarn.TestKit.Stores;
using Tarn.Tests.Policy;

namespace Tarn.Tests.Archives;

/// <summary>How an archive is sent: what is looked at again within something long, and what is reported of each object.</summary>
public sealed class ArchiveStreamTests : IFinishedRequestSink
{
    private readonly FakeTimeProvider _clock = new();
    private readonly List<FinishedRequest> _reported = [];
    private readonly Place _place = new();
    private readonly DefaultHttpContext _http = new() { Response = { Body = Stream.Null } };
    private int _found;

    [Theory]
    [InlineData(0, 1)]
    [InlineData(ArchiveStream.DecideAfter, 1)]
    [InlineData(ArchiveStream.DecideAfter + 1, 2)]
    [InlineData((ArchiveStream.DecideAfter * 3) + 1, 4)]
    public async Task Rights_are_looked_at_again_after_each_64_MiB_of_an_object(long length, int expected)
    {
        _place.Length = length;
        await WriteAsync();
        Assert.Equal((expected, expected - 1), (_found, _place.Decided));
        FinishedRequest one = Assert.Single(_reported);
        Assert.Equal((200, null, length, "ArchivedObject", "GET", "key"), (one.Status, one.ErrorCode, one.BytesOut, one.Operation, one.Method, one.LoggedKey));
        Assert.Equal(("data", 7UL, "owner", true, true, _place.Principal), (one.Bucket, one.BucketId, one.OwnerId, one.IsLogged, one.WasAllowed, one.Principal));
        Assert.Equal((length, "/api/archives"), (one.Http!.ObjectSize, one.Http.Target));
    }

    /// <summary>A right that ends in the middle, credentials that end, a bucket that is made again: what was sent is reported with what cut it off.</summary>
    [Theory]
    [InlineData("right", 403, "AccessDenied")]
    [InlineData("credentials", 403, "AccessDenied")]
    [InlineData("bucket", 404, "NoSuchBucket")]
    [InlineData("damage", 500, "InternalError")]
    [InlineData("client", 499, "ClientClosedRequest")]
    public async Task What_ends_in_the_middle_ends_the_archive_and_is_reported(string what, int status, string code)
    {
        _place.Length = ArchiveStream.DecideAfter * 2;
        _place.Ends = what;
        await Assert.ThrowsAnyAsync<Exception>(WriteAsync);
        FinishedRequest one = Assert.Single(_reported);
        Assert.Equal((status, code, true), (one.Status, one.ErrorCode, one.WasAllowed));
        Assert.InRange(one.BytesOut, ArchiveStream.DecideAfter, ArchiveStream.DecideAfter + (256 * 1024));
    }

    [Fact]
    public async Task What_is_refused_at_its_turn_is_reported_as_refused()
    {
        _place.Ends = "open";
        await Assert.ThrowsAsync<S3Exception>(WriteAsync);
        FinishedRequest one = Assert.Single(_reported);
        Assert.Equal((403, "AccessDenied", 0L, false), (one.Status, one.ErrorCode, one.BytesOut, one.WasAllowed));
    }

    void IFinishedRequestSink.Add(FinishedRequest request) => _reported.Add(request);

    bool IFinishedRequestSink.ReadsHttp(FinishedRequest request) => true;

    private Task WriteAsync() => new ArchiveStream(new ArchiveReports(new FinishedRequests([this], NullLogger<FinishedRequests>.Instance), new RequestIds(new SeededRandomSource(1)), _clock))
        .WriteAsync(_http, [new ArchiveKey("key", 1)], "", FindAsync, static () => { }, TestContext.Current.CancellationToken);

    private ValueTask<ArchivePlace?> FindAsync(CancellationToken cancellationToken) => ++_found > 1 && _place.Ends == "credentials" ? default
        : _found > 1 && _place.Ends == "bucket" ? throw new S3Exception(S3Error.NoSuchBucket)
        : ValueTask.FromResult<ArchivePlace?>(_place);

    private sealed class Place : ArchivePlace
    {
        public long Length { get; set; }

        public string Ends { get; set; } = "";

        public int Decided { get; private set; }

        public override string Name => "data";

        public override string Identity => "1";

        public override ulong? BucketId => 7;

        public override string OwnerId => "owner";

        public override bool IsLogged => true;

        public override Principal Principal { get; } = People.Principal("acme", "ann");

        public override ValueTask<string?> DenyListingAsync(string prefix, CancellationToken cancellationToken) => default;

        public override ValueTask<(IReadOnlyList<IListedObject> Objects, byte[]? Next)> ListAsync(byte[] prefix, byte[]? after, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override ValueTask<long> LookAsync(ObjectKey key, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override ValueTask<OpenedKey> OpenAsync(ObjectKey key, CancellationToken cancellationToken) =>
            Ends == "open" ? throw new S3Exception(S3Error.AccessDenied) : ValueTask.FromResult(new OpenedKey(new Zeros(this), DateTimeOffset.UnixEpoch));

        public override ValueTask ThrowIfDeniedAsync(ObjectKey key, OpenedKey opened, CancellationToken cancellationToken)
        {
            Decided++;
            return Ends switch
            {
                "right" => throw new S3Exception(S3Error.AccessDenied),
                "damage" => throw new IOException("damaged"),
                "client" => throw new OperationCanceledException(),
                _ => default,
            };
        }
    }

    /// <summary>As many zeros as are wanted, a MiB at a time.</summary>
    private sealed class Zeros(Place place) : IObjectContent
    {
        private static readonly byte[] Block = new byte[1024 * 1024];

        public long Length => place.Length;

        public ValueTask<ContentRun> RunAsync(long offset, long length, CancellationToken cancellationToken) => ValueTask.FromResult(new ContentRun(Block, null, 0, Math.Min(length, Block.Length)));

        public ValueTask DisposeAsync() => default;
    }
}
