namespace Tarn.Server.Cli;

/// <summary>Ends a command that cannot do what it was asked. The message is one line for the user.</summary>
internal sealed class CliException : Exception
{
    public CliException(string message) : base(message) { }

    public CliException(string message, Exception inner) : base(message, inner) { }

    /// <summary>Whether a request was sent, or may have been, and no answer came: it may have been done.</summary>
    public bool IsUnanswered { get; init; }
}
