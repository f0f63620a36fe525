using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Tarn.Tests.Cli.Doctor;

/// <summary>A proxy in front of a server that does one thing wrong, or nothing.</summary>
internal sealed class FakeProxy : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
    private readonly string _server;

    private FakeProxy(string server, Func<FakeProxy, HttpContext, Task<bool>> first)
    {
        _server = server;
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, static options => options.Protocols = HttpProtocols.Http1);
        });
        _app = builder.Build();
        _app.Run(async context =>
        {
            if (!await first(this, context))
            {
                await PassAsync(context);
            }
        });
    }

    public Uri Url => new(_app.Urls.Single());

    /// <summary>What it sends as Host: the client's, or the server's own.</summary>
    public bool KeepsHost { get; init; } = true;

    /// <summary>What it makes of the target.</summary>
    public Func<string, string> Target { get; init; } = static target => target;

    /// <param name="server">The S3 endpoint.</param>
    /// <param name="keepsHost">Whether the client's Host is passed on.</param>
    /// <param name="target">What becomes of the target.</param>
    /// <param name="first">Answers a request itself; false: it is passed on.</param>
    public static async Task<FakeProxy> StartAsync(string server, Func<FakeProxy, HttpContext, Task<bool>>? first = null, bool keepsHost = true, Func<string, string>? target = null)
    {
        var proxy = new FakeProxy(server, first ?? (static (_, _) => Task.FromResult(false))) { KeepsHost = keepsHost, Target = target ?? (static text => text) };
        await proxy._app.StartAsync();
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
    }

    /// <summary>Passes a request on without its body, which the server refuses unread.</summary>
    private async Task PassAsync(HttpContext context)
    {
        string target = Target(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(_server + target));
        foreach ((string name, var values) in context.Request.Headers)
        {
            if (name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase) || name == "Authorization")
            {
                request.Headers.TryAddWithoutValidation(name, values.ToString());
            }
        }

        if (KeepsHost)
        {
            request.Headers.Host = context.Request.Host.Value;
        }

        using HttpResponseMessage answer = await _http.SendAsync(request, context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach ((string name, IEnumerable<string> values) in answer.Headers.Where(static header => header.Key.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase)))
        {
            context.Response.Headers[name] = values.ToArray();
        }

        await context.Response.Body.WriteAsync(await answer.Content.ReadAsByteArrayAsync(context.RequestAborted), context.RequestAborted);
    }
}
