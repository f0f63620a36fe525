using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Tarn.Core.Identity;
using Tarn.S3.Auth;

namespace Tarn.Benchmarks;

/// <summary>What a Signature Version 4 check costs a request: one by header, one presigned. AWS's published examples.</summary>
[MemoryDiagnoser]
public class SigV4Benchmarks
{
    private const string Presigned = "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";

    private readonly Authenticator _authenticator = new(new OneKey(), new ExampleTime(), "us-east-1");
    private readonly HttpContext _header = Request("/test.txt");
    private readonly HttpContext _presigned = Request(Presigned);

    private readonly byte[] _canonical = new byte[320];

    [GlobalSetup]
    public void Sign()
    {
        var headers = _header.Request.Headers;
        headers.Range = "bytes=0-9";
        headers["x-amz-content-sha256"] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        headers["x-amz-date"] = "20130524T000000Z";
        headers.Authorization = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";
    }

    [Benchmark(Baseline = true)]
    public async ValueTask<bool> Header() => (await _authenticator.AuthenticateAsync(_header)).Principal is not null;

    [Benchmark]
    public async ValueTask<bool> PresignedUrl() => (await _authenticator.AuthenticateAsync(_presigned)).Principal is not null;

    /// <summary>The cost of one-shot hashing of the same amount alone, to compare runs on a noisy machine.</summary>
    [Benchmark]
    public bool OneShotHashesAlone()
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(_canonical, hash);
        return HMACSHA256.HashData(hash, _canonical.AsSpan(0, 140), hash) == 32;
    }

    private static DefaultHttpContext Request(string target)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "GET";
        context.Request.Headers.Host = "examplebucket.s3.amazonaws.com";
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = target;
        return context;
    }

    private sealed class OneKey : ICredentialSource
    {
        private readonly Credential _credential = new(
            "AKIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            new Principal(new string('a', 64), "example", "AKIAIOSFODNN7EXAMPLE"),
            null);

        public ValueTask<Credential?> FindAsync(string accessKeyId, CancellationToken cancellationToken) => new(_credential);
    }

    private sealed class ExampleTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2013, 5, 24, 0, 0, 0, TimeSpan.Zero);
    }
}
