using System.CommandLine;

namespace Tarn.Server.Cli;

/// <summary>Waits for work of the server and shows how far it is. The work goes on when the command is interrupted.</summary>
internal static class Waiting
{
    /// <summary>Between two questions.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Asks until the work is over.</summary>
    /// <param name="parsed">The command line: with <c>--json</c>, and where standard error is no terminal, nothing is shown.</param>
    /// <param name="first">The state that is known.</param>
    /// <param name="isOver">Whether nothing is to be waited for any more.</param>
    /// <param name="ask">Asks for the state.</param>
    /// <param name="show">The line for it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the wait, not the work.</param>
    /// <returns>The last state.</returns>
    public static async Task<T> UntilAsync<T>(
        ParseResult parsed, T first, Func<T, bool> isOver, Func<Task<T>> ask, Func<T, string> show, TimeProvider time, CancellationToken cancellationToken)
    {
        using var line = TerminalLine.Of(parsed);
        using var timer = new PeriodicTimer(Pause, time);
        T state = first;
        line.Show(() => show(state));
        while (!isOver(state) && await timer.WaitForNextTickAsync(cancellationToken))
        {
            state = await ask();
            line.Show(() => show(state));
        }

        return state;
    }
}
