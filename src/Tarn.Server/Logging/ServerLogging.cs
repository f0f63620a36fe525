namespace Tarn.Server.Logging;

/// <summary>Configures logging: one line per event, without the framework's own lines for each request.</summary>
internal static class ServerLogging
{
    /// <param name="logging">The logging to configure.</param>
    /// <param name="level">The lowest level that is logged.</param>
    /// <param name="provider">The destination of the lines; null for none.</param>
    public static void Configure(ILoggingBuilder logging, LogLevel level, ILoggerProvider? provider)
    {
        logging.SetMinimumLevel(level);
        logging.AddFilter("Microsoft", level > LogLevel.Warning ? level : LogLevel.Warning);
        // Off entirely: while any level is on, an Activity is created for every request.
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        // A failed start is reported as one line, not as a stack trace.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        if (provider is not null)
        {
            logging.AddProvider(provider);
        }
    }
}
