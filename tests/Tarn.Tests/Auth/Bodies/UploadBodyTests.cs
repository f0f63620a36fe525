using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Errors;
using Tarn.Core.Objects.Writing;
using Tarn.S3.Auth;
using Tarn.S3.Auth.SigV4;
using Tarn.TestKit.Signing;

namespace Tarn.Tests.Auth.Bodies;

/// <summary>Bodies in runs of any lengths, and every way in which they can differ from what was declared.</summary>
public sealed class UploadBodyTests
{
    private const string Crc = "x-amz-checksum-crc32";
    private static readonly byte[] Content = Encoding.ASCII.GetBytes("The quick brown fox jumps over the lazy dog.");
    private static readonly string Seed = new('5', 64);
    private static readonly KeyValuePair<string, string>[] Trailer = [new(Crc, "sOO8/Q==")];

    public static TheoryData<string> Forms => ["plain", "sha256", "signed", "signed-trailer", "unsigned-trailer"];

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Cut_anywhere_it_reads_the_same(string form)
    {
        var (wire, signing) = Build(form);
        for (var cut = 0; cut <= wire.Length; cut++)
        {
            var body = Open(form, signing, Parts(wire[..cut], wire[cut..]), wire.Length);
            Assert.Equal(Content, await BodyReading.AllAsync(body));
            Assert.Equal(Content.Length, body.Length);
            Assert.Equal(form.EndsWith("trailer", StringComparison.Ordinal) ? Trailer : [], body.Trailers);
        }

        var bytes = Open(form, signing, Parts([.. wire.Select(value => new[] { value })]), wire.Length);
        Assert.Equal(Content, await BodyReading.AllAsync(bytes));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Cut_short_it_is_incomplete(string form)
    {
        var (wire, signing) = Build(form);
        for (var length = 0; length < wire.Length; length++)
        {
            var refusal = await RefusedAsync(Open(form, signing, Parts(wire[..length]), wire.Length));
            Assert.Equal(S3Error.IncompleteBody, refusal.Error);
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Bytes_after_the_end_are_refused(string form)
    {
        var (wire, signing) = Build(form);
        await RefusedAsync(Open(form, signing, Parts([.. wire, (byte)'x']), wire.Length));
        await RefusedAsync(Open(form, signing, Parts(wire, "\n\n"u8.ToArray()), wire.Length));
        await RefusedAsync(Open(form, signing, Parts(wire, [(byte)'\r']), wire.Length));
        await RefusedAsync(Open(form, signing, Parts(wire, "\r\nx"u8.ToArray()), wire.Length));
        if (!form.EndsWith("trailer", StringComparison.Ordinal))
        {
            await RefusedAsync(Open(form, signing, Parts(wire, [(byte)'\n']), wire.Length));
        }
    }

    [Theory]
    [InlineData("sha256")]
    [InlineData("signed")]
    [InlineData("signed-trailer")]
    public async Task Any_changed_byte_shows(string form)
    {
        var (wire, signing) = Build(form);
        for (var at = 0; at < wire.Length; at++)
        {
            var changed = (byte[])wire.Clone();
            changed[at] ^= 1;
            await RefusedAsync(Open(form, signing, Parts(changed), wire.Length));
        }
    }

    [Fact]
    public async Task Dropped_and_swapped_chunks_show()
    {
        var (wire, signing) = Build("signed");
        var text = Encoding.ASCII.GetString(wire);
        var size = "10;chunk-signature=".Length + 64 + 2 + 16 + 2;
        var swapped = text[size..(2 * size)] + text[..size] + text[(2 * size)..];
        Assert.Equal(
            S3Error.SignatureDoesNotMatch,
            (await RefusedAsync(Open("signed", signing, Parts(Encoding.ASCII.GetBytes(swapped)), wire.Length))).Error);
        Assert.Equal(
            S3Error.SignatureDoesNotMatch,
            (await RefusedAsync(Open("signed", signing, Parts(wire[size..]), wire.Length))).Error);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task Decoded_length_must_match(int off)
    {
        var (wire, signing) = Build("unsigned-trailer");
        var request = Request("unsigned-trailer", Parts(wire), wire.Length);
        request.Headers["x-amz-decoded-content-length"] = (Content.Length + off).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var refusal = await RefusedAsync(new UploadBodyFactory(TimeProvider.System, minimumChunk: 16).Create(request, new(null, signing)));
        Assert.Equal(S3Error.IncompleteBody, refusal.Error);
        Assert.Equal(["NumberBytesExpected", "NumberBytesProvided"], refusal.Details.Select(detail => detail.Key));
    }

    [Fact]
    public void Lengths_are_required()
    {
        var factory = new UploadBodyFactory(TimeProvider.System, minimumChunk: 16);
        var (_, signing) = Build("signed");
        var request = Request("plain", Parts(), null);
        Assert.Equal(S3Error.MissingContentLength, Assert.Throws<S3Exception>(() => factory.Create(request, new(null, signing))).Error);
        Assert.Equal(S3Error.MissingContentLength, Assert.Throws<S3Exception>(() => factory.Create(request, default)).Error);
        Assert.Null(factory.Create(request, default, allowUnknownLength: true).Length);
        request.Headers["x-amz-decoded-content-length"] = "-1";
        Assert.Equal(S3Error.InvalidArgument, Assert.Throws<S3Exception>(() => factory.Create(request, new(null, signing))).Error);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x-amz-checksum-sha1:abc\r\n")]
    [InlineData("x-amz-checksum-crc32:abc\r\nx-amz-checksum-crc32:abc\r\n")]
    [InlineData("x-amz-checksum-crc32:abc\r\nx-evil:1\r\n")]
    [InlineData("nonsense\r\n")]
    public async Task Trailers_must_be_those_announced(string trailer)
    {
        var (_, signing) = Build("unsigned-trailer");
        var wire = Encoding.ASCII.GetBytes($"2c\r\n{Encoding.ASCII.GetString(Content)}\r\n0\r\n{trailer}\r\n");
        var refusal = await RefusedAsync(Open("unsigned-trailer", signing, Parts(wire), wire.Length));
        Assert.Equal(S3Error.MalformedTrailer, refusal.Error);
    }

    [Theory]
    [InlineData("signed")]
    [InlineData("signed-trailer")]
    [InlineData("unsigned-trailer")]
    public async Task Only_the_last_chunk_may_be_small(string form)
    {
        var (wire, signing) = Build(form);
        var factory = new UploadBodyFactory(TimeProvider.System, minimumChunk: 17);
        var refusal = await RefusedAsync(factory.Create(Request(form, Parts(wire), wire.Length), new(null, signing)));
        Assert.Equal(S3Error.InvalidChunkSize, refusal.Error);
        Assert.Equal([new("Chunk", "2"), new("BadChunkSize", "16")], refusal.Details);
    }

    [Theory]
    [InlineData("zz\r\nabc\r\n0\r\n")]
    [InlineData("2c\r\n0\r\n")]
    [InlineData("\r\n0\r\n")]
    [InlineData("-1\r\n\r\n0\r\n")]
    public async Task Framing_that_is_wrong_is_incomplete(string wire)
    {
        var (_, signing) = Build("unsigned-trailer");
        var refusal = await RefusedAsync(Open("unsigned-trailer", signing, Parts(Encoding.ASCII.GetBytes(wire)), wire.Length));
        Assert.Equal(S3Error.IncompleteBody, refusal.Error);
        Assert.Equal("The request body terminated unexpectedly", refusal.Message);
    }

    [Fact]
    public async Task Endless_header_line_is_refused_early()
    {
        var (_, signing) = Build("unsigned-trailer");
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        await pipe.Writer.WriteAsync(new byte[1100], TestContext.Current.CancellationToken);
        Assert.Equal(S3Error.IncompleteBody, (await RefusedAsync(Open("unsigned-trailer", signing, pipe.Reader, null))).Error);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Silence_times_out(string form)
    {
        var clock = new FakeTimeProvider(AuthFixture.ExampleTime);
        var (wire, signing) = Build(form);
        var pipe = new Pipe();
        var body = new UploadBodyFactory(clock, minimumChunk: 16).Create(Request(form, pipe.Reader, wire.Length), new(null, signing));
        var reading = BodyReading.AllAsync(body);
        clock.Advance(TimeSpan.FromSeconds(59));
        Assert.False(reading.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(S3Error.RequestTimeout, (await Assert.ThrowsAsync<S3Exception>(() => reading)).Error);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task An_abandoned_body_lends_nothing(string form)
    {
        var (wire, signing) = Build(form);
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(wire, TestContext.Current.CancellationToken);
        var body = new UploadBodyFactory(TimeProvider.System, minimumChunk: 16).Create(Request(form, pipe.Reader, wire.Length), new(null, signing));
        await body.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Throws<InvalidOperationException>(() => pipe.Reader.TryRead(out _));
        body.Abandon();
        body.Abandon();
        Assert.False(pipe.Reader.TryRead(out _));
    }

    [Theory]
    [InlineData(1024, false)]
    [InlineData(1000, true)]
    public async Task An_upload_must_keep_a_rate(int rate, bool refused)
    {
        var clock = new FakeTimeProvider(AuthFixture.ExampleTime);
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false, readerScheduler: PipeScheduler.Inline));
        var body = new UploadBodyFactory(clock, minimumChunk: 16).Create(Request("plain", pipe.Reader, 1_000_000), default);
        var reading = BodyReading.AllAsync(body);

        // However much came at first, each later minute counts separately.
        for (var burst = 200_000; clock.GetUtcNow() - AuthFixture.ExampleTime < TimeSpan.FromMinutes(3) && !reading.IsCompleted; burst = 0)
        {
            clock.Advance(TimeSpan.FromSeconds(10));
            await pipe.Writer.WriteAsync(new byte[burst + (10 * rate)], TestContext.Current.CancellationToken);
        }

        Assert.Equal(refused ? TaskStatus.Faulted : TaskStatus.WaitingForActivation, reading.Status);
        if (refused)
        {
            Assert.Equal(S3Error.RequestTimeout, (await Assert.ThrowsAsync<S3Exception>(() => reading)).Error);
            Assert.Equal(TimeSpan.FromMinutes(2), clock.GetUtcNow() - AuthFixture.ExampleTime);
        }
    }

    [Fact]
    public async Task Transport_failures_are_refusals()
    {
        Assert.Equal("IncompleteBody", await FailAsync(new IOException("reset")));
        Assert.Equal("IncompleteBody", await FailAsync(new BadHttpRequestException("end", 400)));
        Assert.Equal("RequestTimeout", await FailAsync(new BadHttpRequestException("slow", 408)));
        Assert.Equal("EntityTooLarge", await FailAsync(new BadHttpRequestException("large", 413)));
        Assert.Equal("IncompleteBody", await FailAsync(new OperationCanceledException()));
    }

    [Fact]
    public async Task Callers_cancellation_is_not_a_refusal()
    {
        using var cancel = new CancellationTokenSource();
        var reading = Open("plain", default, new Pipe().Reader, 5).ReadAsync(cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    [Fact]
    public async Task Garbage_is_refused_and_nothing_else()
    {
        var random = new Random(7);
        foreach (var form in new[] { "signed", "signed-trailer", "unsigned-trailer" })
        {
            var (wire, signing) = Build(form);
            for (var i = 0; i < 1500; i++)
            {
                var bytes = wire.ToList();
                for (var edits = random.Next(1, 6); edits > 0; edits--)
                {
                    var at = random.Next(bytes.Count);
                    if (random.Next(2) == 0)
                    {
                        bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at));
                        bytes.Add((byte)random.Next(256));
                    }
                    else
                    {
                        bytes.Insert(at, "\r\n;:0f\0\xff"u8[random.Next(8)]);
                    }
                }

                try
                {
                    await BodyReading.AllAsync(Open(form, signing, Parts([.. bytes]), wire.Length));
                    Assert.NotEqual("signed", form);
                }
                catch (S3Exception refusal)
                {
                    Assert.InRange(refusal.Error.Status, 400, 499);
                }
            }
        }
    }

    private static async Task<string> FailAsync(Exception failure)
    {
        var pipe = new Pipe();
        await pipe.Writer.CompleteAsync(failure);
        return (await RefusedAsync(Open("plain", default, pipe.Reader, 5))).Error.Code;
    }

    private static Task<S3Exception> RefusedAsync(IUploadBody body) =>
        Assert.ThrowsAsync<S3Exception>(() => BodyReading.AllAsync(body));

    private static IUploadBody Open(string form, BodySigning signing, PipeReader reader, long? wireLength) =>
        new UploadBodyFactory(TimeProvider.System, minimumChunk: 16).Create(Request(form, reader, wireLength), new(null, signing));

    private static HttpRequest Request(string form, PipeReader reader, long? wireLength)
    {
        var request = AuthFixture.Request("PUT", "/b/k", [], reader).Request;
        request.ContentLength = wireLength;
        if (form is not ("plain" or "sha256"))
        {
            request.Headers["x-amz-decoded-content-length"] = "44";
        }

        if (form.EndsWith("trailer", StringComparison.Ordinal))
        {
            request.Headers["x-amz-trailer"] = Crc;
        }

        return request;
    }

    private static (byte[] Wire, BodySigning Signing) Build(string form)
    {
        var signer = AuthFixture.Signer;
        var at = AuthFixture.ExampleTime;
        var seed = new ChunkSigningSeed(
            SigV4Signer.DeriveKey(signer.SecretKey, "20130524", "us-east-1", "s3"),
            SigV4TestSigner.Timestamp(at),
            "20130524/us-east-1/s3/aws4_request",
            Seed);
        return form switch
        {
            "plain" => (Content, default),
            "sha256" => (Content, new(BodySigningKind.Sha256, SigV4TestSigner.Hash(Content))),
            "signed" => (signer.SignedChunks(Seed, at, Content, 16), new(BodySigningKind.SignedChunks, null, seed)),
            "signed-trailer" => (signer.SignedChunks(Seed, at, Content, 16, Trailer), new(BodySigningKind.SignedChunksAndTrailer, null, seed)),
            _ => (SigV4TestSigner.UnsignedChunks(Content, 16, Trailer), new(BodySigningKind.UnsignedChunksAndTrailer)),
        };
    }

    /// <summary>A transport that delivers exactly these runs of bytes, one per read.</summary>
    private static PipeReader Parts(params byte[][] parts) => PipeReader.Create(new PartStream(parts), new StreamPipeReaderOptions(bufferSize: 4096));

    private sealed class PartStream(byte[][] parts) : MemoryStream
    {
        private readonly Queue<byte[]> _parts = new(parts.Where(part => part.Length > 0));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!_parts.TryDequeue(out var part))
            {
                return new(0);
            }

            part.CopyTo(buffer);
            return new(part.Length);
        }
    }
}
