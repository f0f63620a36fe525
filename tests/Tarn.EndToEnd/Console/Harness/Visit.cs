using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Tarn.EndToEnd.Console.Harness;

/// <summary>One visitor with a browser context of their own. What goes wrong in any of its pages is kept, and fails the test at the end.</summary>
public sealed partial class Visit : IAsyncDisposable
{
    private const string WatchPolicy = "addEventListener('securitypolicyviolation', e => tarnReport(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber} ${e.sample}`))";
    private readonly ConcurrentQueue<string> _problems = new();
    private readonly ConcurrentQueue<string> _refusals = new();

    private Visit(IBrowserContext context)
    {
        Context = context;
        Parts = new HeldParts(context);
    }

    public IBrowserContext Context { get; }

    /// <summary>The parts of its uploads.</summary>
    public HeldParts Parts { get; }

    /// <summary>The page that was opened last.</summary>
    public IPage Page { get; private set; } = null!;

    /// <summary>Whether the visitor means to leave pages that would rather not be left.</summary>
    public bool Leaves { get; set; }

    public static async Task<Visit> BeginAsync(IBrowserContext context)
    {
        var visit = new Visit(context);
        await context.ExposeFunctionAsync<string, bool>("tarnReport", report =>
        {
            visit._problems.Enqueue("content security policy: " + report);
            return true;
        });
        await context.AddInitScriptAsync(WatchPolicy);
        context.WebError += (_, error) => visit._problems.Enqueue("error of the page: " + error.Error);
        context.Console += (_, message) =>
        {
            // The browser itself writes a line for each refusal, which tests of refusals expect; a failure of the server is none.
            if (message.Type == "error" && !Refusal().IsMatch(message.Text))
            {
                visit._problems.Enqueue("console: " + message.Text);
            }
        };
        context.Response += (_, answer) =>
        {
            if (answer.Status >= 400)
            {
                visit._refusals.Enqueue($"{answer.Status} {answer.Request.Method} {answer.Url}");
            }
        };
        context.RequestFailed += (_, request) => visit._refusals.Enqueue($"{request.Failure} {request.Method} {request.Url}");
        context.Dialog += async (_, dialog) =>
        {
            if (dialog.Type == "beforeunload" && visit.Leaves)
            {
                await dialog.AcceptAsync();
                return;
            }

            visit._problems.Enqueue($"dialog: {dialog.Type} {dialog.Message}");
            await dialog.DismissAsync();
        };
        await visit.OpenAsync();
        return visit;
    }

    /// <summary>Opens a further page, a tab of the same visitor.</summary>
    public async Task<IPage> OpenAsync() => Page = await Context.NewPageAsync();

    /// <summary>What was refused or could not be asked, to be shown where a test fails.</summary>
    public IReadOnlyCollection<string> Refusals => _refusals;

    /// <summary>What went wrong until now.</summary>
    public IReadOnlyCollection<string> Problems => _problems;

    public async ValueTask DisposeAsync() => await Context.CloseAsync();

    [GeneratedRegex(@"^Failed to load resource: the server responded with a status of 4\d\d ")]
    private static partial Regex Refusal();
}
