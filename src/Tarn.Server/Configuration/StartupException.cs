namespace Tarn.Server.Configuration;

/// <summary>
/// The program cannot start as it was asked to. The message is one line for the person who started it: it names the
/// flag, variable or file at fault, and is printed without a stack trace.
/// </summary>
internal sealed class StartupException : Exception
{
    public StartupException(string message) : base(message) { }

    public StartupException(string message, Exception inner) : base(message, inner) { }
}
