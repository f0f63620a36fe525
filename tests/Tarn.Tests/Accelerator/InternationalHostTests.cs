using Tarn.TestKit.Http;
using Tarn.Tests.Acceleration;

namespace Tarn.Tests.Accelerator;

/// <summary>
/// Hosts of internationalized names, as clients send and sign them (xn--…, RFC 5890), on the listener for S3 and through an accelerator: the platform shows them decoded, which
/// is neither what was signed nor what the domain's setting says.
/// </summary>
public sealed class InternationalHostTests
{
    private const string Domain = "s3.xn--mnchen-3ya.example";

    [Theory]
    [InlineData("bucket.s3.xn--mnchen-3ya.example", "/key", 200, null)]
    [InlineData("bucket.S3.XN--MNCHEN-3YA.example:8080", "/key", 200, null)]
    [InlineData("s3.xn--mnchen-3ya.example", "/bucket/key", 200, null)]
    [InlineData("xn--mnchen-3ya.example", "/bucket/key", 200, null)]
    [InlineData("xn--mnchen-3ya.s3.xn--mnchen-3ya.example", "/key", 400, "InvalidBucketName")]
    public async Task A_host_is_what_was_sent(string host, string target, int status, string? code)
    {
        await using AcceleratedServer server = await AcceleratedServer.StartAsync(static options => options with { Domains = [Domain] });
        await server.PutAsync("/bucket/key", new byte[100]);
        RawResponse[] answers =
        [
            await new RawClient(server.Direct).SendAsync("GET", target, host: host, signer: server.Signer()),
            await server.SendAsync(AcceleratedServer.Forward, "GET", target, host: host, envelope: server.Envelope(domains: Domain)),
        ];
        foreach (RawResponse answer in answers)
        {
            _ = code is null ? answer.Expect(status) : answer.ExpectError(status, code);
        }
    }
}
