using System.Net;
using System.Text;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Cli;

/// <summary>A server that answers what a test says, or breaks the connection, and keeps the requests it got.</summary>
internal sealed class ScriptedServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Func<HttpListenerRequest, (int Status, string Body, string? Location)?> _answer;
    private readonly Task _serving;

    /// <param name="answer">The answer to a request; null: none, and the connection is closed.</param>
    public ScriptedServer(Func<HttpListenerRequest, (int Status, string Body, string? Location)?> answer)
    {
        _answer = answer;
        Url = $"http://127.0.0.1:{FreePort.Next()}";
        _listener.Prefixes.Add(Url + "/");
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Url { get; }

    /// <summary>Adds headers to the answer to a request.</summary>
    public Action<HttpListenerRequest, WebHeaderCollection> Headers { get; init; } = static (_, _) => { };

    /// <summary>What was asked: <c>PUT /photos?policy</c>.</summary>
    public List<string> Requests { get; } = [];

    public void Dispose()
    {
        _listener.Close();
        _serving.GetAwaiter().GetResult();
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            Requests.Add($"{context.Request.HttpMethod} {context.Request.RawUrl}");
            if (_answer(context.Request) is not var (status, body, location))
            {
                // Less than was announced: the client learns nothing.
                context.Response.ContentLength64 = 2;
                context.Response.OutputStream.WriteByte(0);
                context.Response.OutputStream.Flush();
                context.Response.Abort();
                continue;
            }

            context.Response.StatusCode = status;
            context.Response.RedirectLocation = location;
            Headers(context.Request, context.Response.Headers);
            context.Response.Close(Encoding.UTF8.GetBytes(body), willBlock: true);
        }
    }
}
