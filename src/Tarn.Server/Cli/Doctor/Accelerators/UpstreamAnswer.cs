using System.Net.Security;
using System.Text.RegularExpressions;
using Tarn.Core.Acceleration;
using Tarn.Server.Accelerator.Upstream;
using Tarn.Server.Configuration;

namespace Tarn.Server.Cli.Doctor.Accelerators;

/// <summary>What the server answers an accelerator.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="IsEnvelopeRefused">Whether the accelerator may not speak there.</param>
/// <param name="Message">What the server says of an error; null if it says nothing.</param>
/// <param name="Body">The beginning of the body.</param>
/// <param name="Date">The server's time, to the second.</param>
internal sealed partial record UpstreamAnswer(int Status, bool IsEnvelopeRefused, string? Message, string Body, DateTimeOffset? Date)
{
    private const int MaxBody = 16 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Asks the server for the renewal of nothing: it says whether the token is accepted, and changes nothing.</summary>
    /// <exception cref="HttpRequestException">There is no answer.</exception>
    /// <exception cref="TimeoutException">It takes too long.</exception>
    public static async Task<UpstreamAnswer> AskAsync(AcceleratorOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        SslClientAuthenticationOptions tls = UpstreamPool.TlsOf(UpstreamAddress.Of(options.Upstream), options.Authorities);
        using var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, SslOptions = tls };
        using var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = MaxBody };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(options.Upstream, AcceleratorPaths.Renew)) { Content = new ByteArrayContent([]) };
        request.Headers.TryAddWithoutValidation(AcceleratorHeaders.Accelerator, options.Envelope.Format());
        request.Headers.TryAddWithoutValidation(AcceleratorHeaders.Call, "node");
        using var patience = new CancellationTokenSource(Patience, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            using HttpResponseMessage answer = await client.SendAsync(request, limit.Token);
            string body = await answer.Content.ReadAsStringAsync(limit.Token);
            bool isRefused = answer.Headers.TryGetValues(AcceleratorHeaders.Envelope, out IEnumerable<string>? said) && said.Contains(AcceleratorHeaders.EnvelopeRefused);
            return new UpstreamAnswer((int)answer.StatusCode, isRefused, MessageIn().Match(body) is { Success: true } match ? match.Groups[1].Value : null, body, answer.Headers.Date);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException();
        }
    }

    [GeneratedRegex("<Message>([^<]{1,300})</Message>")]
    private static partial Regex MessageIn();
}
