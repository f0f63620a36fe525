namespace Tarn.Server.Logging;

/// <summary>One line per event; what the framework says of each request stays out of it.</summary>
internal static class ServerLogging
{
    /// <param name="logging">What is set up.</param>
    /// <param name="level">The lowest level that is logged.</param>
    /// <param name="provider">Where the lines go; null: nowhere.</param>
    public static void Configure(ILoggingBuilder logging, LogLevel level, ILoggerProvider? provider)
    {
        logging.SetMinimumLevel(level);
        logging.AddFilter("Microsoft", level > LogLevel.Warning ? level : LogLevel.Warning);
        // Off altogether: as long as any level is on, an Activity is made for every request.
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        // A failed start is reported as the one line it deserves, not as a stack trace.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        if (provider is not null)
        {
            logging.AddProvider(provider);
        }
    }
}
