namespace Tarn.Server.Cli;

/// <summary>A command cannot do what it was asked to. The message is one line for the person who asked.</summary>
internal sealed class CliException : Exception
{
    public CliException(string message) : base(message) { }

    public CliException(string message, Exception inner) : base(message, inner) { }
}
