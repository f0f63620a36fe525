namespace Tarn.Server.Logging;

/// <summary>A sink took only the beginning of what it was given.</summary>
/// <param name="message">Why.</param>
/// <param name="error">The error number of the failed call.</param>
/// <param name="written">How many bytes it took.</param>
internal sealed class IncompleteWriteException(string message, int error, int written) : IOException(message, error)
{
    public int Written => written;
}
