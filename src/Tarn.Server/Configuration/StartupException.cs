namespace Tarn.Server.Configuration;

/// <summary>
/// Ends a start that cannot succeed as configured. The message is one line for the operator: it names the flag,
/// variable or file at fault, and is printed without a stack trace.
/// </summary>
internal sealed class StartupException : Exception
{
    public StartupException(string message) : base(message) { }

    public StartupException(string message, Exception inner) : base(message, inner) { }
}
