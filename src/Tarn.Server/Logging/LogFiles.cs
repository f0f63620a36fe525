using Tarn.Server.Configuration;

namespace Tarn.Server.Logging;

/// <summary>Opens the files of logs.</summary>
internal static class LogFiles
{
    /// <summary>A sink that appends to a file, after a first try.</summary>
    /// <param name="setting">The setting that names it.</param>
    /// <param name="path">Its path.</param>
    /// <param name="isDurable">Whether what is written is synced.</param>
    /// <exception cref="StartupException">The file cannot be opened.</exception>
    public static LogSink Open(Setting setting, string path, bool isDurable)
    {
        var file = new LineFile(path, isDurable);
        try
        {
            file.Check();
        }
        catch (IOException e)
        {
            throw new StartupException($"{setting.Flag}: cannot open {e.Message}", e);
        }

        return file.Write;
    }
}
