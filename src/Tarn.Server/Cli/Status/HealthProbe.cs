using System.Net.Security;
using System.Text;

namespace Tarn.Server.Cli.Status;

/// <summary>Asks a server whether it is ready, without credentials.</summary>
internal static class HealthProbe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <param name="IsReady">Whether it accepts requests.</param>
    /// <param name="Text">What it said, or why it was not reached.</param>
    public readonly record struct Answer(bool IsReady, string Text);

    /// <summary>Sends what is not secret. On loopback it takes any certificate: that is for the name by which others reach the server, and nothing leaves the machine.</summary>
    public static SocketsHttpHandler Handler(Uri endpoint)
    {
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
        if (endpoint.IsLoopback)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, errors) => !errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable);
        }

        return handler;
    }

    public static async Task<Answer> AskAsync(Uri endpoint, CancellationToken cancellationToken)
    {
        using SocketsHttpHandler handler = Handler(endpoint);
        using var http = new HttpClient(handler) { Timeout = Patience };
        try
        {
            using HttpResponseMessage answer = await http.GetAsync(new Uri(endpoint, "/health/ready"), cancellationToken);
            // As bytes: what answers may name a charset that is not known here.
            string text = Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync(cancellationToken)).Trim();
            return answer.IsSuccessStatusCode && text == "ready" ? new Answer(true, text)
                : answer.StatusCode == System.Net.HttpStatusCode.ServiceUnavailable ? new Answer(false, text)
                : new Answer(false, $"{endpoint.Authority} is not Tarn's control address: it answered {(int)answer.StatusCode} to /health/ready");
        }
        catch (HttpRequestException e)
        {
            return new Answer(false, $"{endpoint.Authority} cannot be reached: {e.Message}");
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Answer(false, $"{endpoint.Authority} did not answer within {Patience.TotalSeconds:N0} seconds");
        }
    }
}
