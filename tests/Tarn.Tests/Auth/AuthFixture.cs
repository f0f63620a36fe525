using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.S3.Auth;
using Tarn.S3.Auth.SigV2;
using Tarn.S3.Auth.SigV4;
using Tarn.S3.Operations;
using Tarn.TestKit.Signing;

namespace Tarn.Tests.Auth;

/// <summary>A known key, a clock stopped at the date of AWS's examples, and handmade requests.</summary>
internal sealed class AuthFixture : ICredentialSource
{
    public static readonly DateTimeOffset ExampleTime = new(2013, 5, 24, 0, 0, 0, TimeSpan.Zero);
    public static readonly SigV4TestSigner Signer = SigV4TestSigner.AwsExample;

    public AuthFixture()
    {
        Clock = new FakeTimeProvider(ExampleTime);
        Authenticator = new Authenticator(this, Clock, "us-east-1");
        Usage = new SignatureV2Usage(NullLogger.Instance);
    }

    public FakeTimeProvider Clock { get; }

    public Authenticator Authenticator { get; private set; }

    private SignatureV2Usage Usage { get; }

    /// <summary>Accepts Signature Version 2 from now on.</summary>
    public SigV2Authenticator TakeVersion2(SignatureV2Use use = SignatureV2Use.All)
    {
        var version2 = new SigV2Authenticator(this, Clock, new SignatureV2Options(use, TimeSpan.FromDays(7)), Usage, OperationTable.Parameters);
        Authenticator = new Authenticator(this, Clock, "us-east-1", version2: version2);
        return version2;
    }

    public bool Yields { get; init; }

    public Credential? Known { get; set; } =
        new(Signer.AccessKeyId, Signer.SecretKey, new Principal(new string('a', 64), "example", Signer.AccessKeyId), null);

    public async ValueTask<Credential?> FindAsync(string accessKeyId, CancellationToken cancellationToken)
    {
        if (Yields)
        {
            await Task.Yield();
        }

        return Known?.AccessKeyId == accessKeyId ? Known : null;
    }

    public static HttpContext Request(
        string method, string rawTarget, IEnumerable<KeyValuePair<string, string>> headers, PipeReader? body = null)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = method;
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = rawTarget;
        foreach (var (name, value) in headers)
        {
            context.Request.Headers.Append(name, value);
        }

        if (body is not null)
        {
            context.Features.Set<IRequestBodyPipeFeature>(new BodyFeature(body));
        }

        return context;
    }

    /// <summary>A request signed in its headers, which a test may then tamper with.</summary>
    public static Dictionary<string, string> Signed(
        string method, string rawTarget, byte[]? body = null, params (string Name, string Value)[] headers)
    {
        var all = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["host"] = "localhost:9000" };
        foreach (var (name, value) in headers)
        {
            all[name] = value;
        }

        return Signer.SignHeaders(method, rawTarget, all, body, ExampleTime);
    }

    public async Task<AuthenticationResult> AuthenticateAsync(
        string method, string rawTarget, IEnumerable<KeyValuePair<string, string>> headers, string? hostBucket = null) =>
        await Authenticator.AuthenticateAsync(Request(method, rawTarget, headers), hostBucket);

    public async Task<S3Exception> RefusedAsync(
        S3Error error, string method, string rawTarget, IEnumerable<KeyValuePair<string, string>> headers)
    {
        var refusal = await Assert.ThrowsAnyAsync<S3Exception>(() => AuthenticateAsync(method, rawTarget, headers));
        Assert.Equal(error, refusal.Error);
        return refusal;
    }

    private sealed class BodyFeature(PipeReader reader) : IRequestBodyPipeFeature
    {
        public PipeReader Reader => reader;
    }
}
