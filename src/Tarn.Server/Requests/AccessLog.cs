using Tarn.S3.Telemetry;
using Tarn.Server.Configuration;
using Tarn.Server.Logging;

namespace Tarn.Server.Requests;

/// <summary>Writes a line for each request of the S3 listener, each use of a share link and each object in an archive, to the access log.</summary>
/// <param name="log">Where the lines go.</param>
/// <param name="format">Makes the lines.</param>
internal sealed class AccessLog(LineLog log, Func<FinishedRequest, string> format) : IFinishedRequestSink, IDisposable
{
    /// <summary>Its name in messages.</summary>
    private const string Name = "access log";

    /// <summary>Opens the log that the options name.</summary>
    /// <exception cref="StartupException">Its file cannot be opened.</exception>
    public static AccessLog Open(string path, AccessLogFormat format, TimeProvider time, ILogger<LineLog> logger) => new(
        new LineLog(Name, path == "-" ? StandardStreams.WriteOutput : LogFiles.Open(Settings.AccessLog, path, isDurable: false), time, logger),
        format == AccessLogFormat.S3 ? S3LogLine.Of : RequestLine.Of);

    public void Add(FinishedRequest request) => log.Add(format(request));

    public bool ReadsHttp(FinishedRequest request) => true;

    /// <summary>Writes what is left, unless the sink is stuck.</summary>
    public void Dispose() => log.Dispose();
}
