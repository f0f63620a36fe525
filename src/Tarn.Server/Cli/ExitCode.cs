namespace Tarn.Server.Cli;

/// <summary>The exit codes of all commands. docs/reference/cli.md has them as a table.</summary>
internal static class ExitCode
{
    /// <summary>What was asked is done; what was asked about is right.</summary>
    public const int Done = 0;

    /// <summary>It failed or was refused; or what was looked at is not right: <c>status</c>, <c>doctor</c>, <c>fsck</c>, a backup, a job.</summary>
    public const int Failed = 1;

    /// <summary>The command line cannot be parsed, and nothing was done; of <c>fsck</c> also: it could not run, or not to its end, so nothing is known.</summary>
    public const int NotRun = 2;

    /// <summary>Ended by SIGINT, which Ctrl-C sends. What a server does goes on.</summary>
    public const int Interrupted = 128 + 2;

    /// <summary>Ended by SIGTERM; <c>serve</c> drains and ends with 0.</summary>
    public const int Terminated = 128 + 15;
}
