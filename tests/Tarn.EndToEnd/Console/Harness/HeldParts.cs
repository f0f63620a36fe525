using Microsoft.Playwright;

namespace Tarn.EndToEnd.Console.Harness;

/// <summary>
/// Lets the first part of an upload through and holds the others in the page, before they are sent, so that the upload is under way for as long as a test wants and no line need be slow. (What the test program itself holds on its way
/// is brought to it, all 8 MiB.)
/// </summary>
public sealed class HeldParts(IBrowserContext context)
{
    /// <summary>Each part asks whether it may be sent, and is not if it was given up while it waited.</summary>
    private const string Hold =
        """
        (() => {
          const { open, send, abort } = XMLHttpRequest.prototype;
          const held = new WeakSet(), ended = new WeakSet(), parts = new WeakSet();
          XMLHttpRequest.prototype.open = function (method, url, ...rest) {
            if (method === 'PUT' && String(url).includes('partNumber=')) parts.add(this);
            return open.call(this, method, url, ...rest);
          };
          XMLHttpRequest.prototype.send = function (body) {
            if (!parts.has(this)) return send.call(this, body);
            held.add(this);
            tarnMaySend().then(() => {
              held.delete(this);
              if (!ended.has(this)) send.call(this, body);
            });
          };
          XMLHttpRequest.prototype.abort = function () {
            ended.add(this);
            if (held.has(this)) this.dispatchEvent(new ProgressEvent('abort'));
            else abort.call(this);
          };
        })();
        """;

    private readonly TaskCompletionSource<bool> _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _asked;

    /// <summary>Begins to hold parts, on the page that is open and on those that follow.</summary>
    public async Task HoldAsync(IPage page)
    {
        await context.ExposeFunctionAsync("tarnMaySend", () => Interlocked.Increment(ref _asked) == 1 ? Task.FromResult(true) : _released.Task);
        await context.AddInitScriptAsync(Hold);
        await page.EvaluateAsync(Hold);
    }

    /// <summary>Lets those that are held go on, and all that follow.</summary>
    public void Release() => _released.TrySetResult(true);
}
