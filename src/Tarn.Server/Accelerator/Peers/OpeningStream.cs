using Tarn.Core.Cache;

namespace Tarn.Server.Accelerator.Peers;

/// <summary>A stream that is being opened, and that can be given up before it is open.</summary>
internal sealed class OpeningStream
{
    private readonly CancellationTokenSource _cut;

    private OpeningStream(CancellationTokenSource cut, Task<IFrameStream> opening) => (_cut, Opening) = (cut, opening);

    /// <summary>The stream once it is open, which ends the whole when it is disposed.</summary>
    public Task<IFrameStream> Opening { get; }

    /// <summary>Begins to open a stream.</summary>
    public static OpeningStream Begin(Func<CancellationToken, Task<IFrameStream>> open, CancellationToken cancellationToken)
    {
        var cut = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        return new OpeningStream(cut, OpenAsync(open, cut));
    }

    /// <summary>Gives it up, and closes it if it is open by then.</summary>
    public async Task AbandonAsync()
    {
        try
        {
            await _cut.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It has failed already.
        }

        try
        {
            await (await Opening).DisposeAsync();
        }
        catch (Exception e) when (e is FrameUnavailableException or OperationCanceledException)
        {
            // It gave nothing.
        }
    }

    private static async Task<IFrameStream> OpenAsync(Func<CancellationToken, Task<IFrameStream>> open, CancellationTokenSource cut)
    {
        try
        {
            return new Opened(await open(cut.Token), cut);
        }
        catch
        {
            cut.Dispose();
            throw;
        }
    }

    private sealed class Opened(IFrameStream stream, CancellationTokenSource cut) : IFrameStream
    {
        public ValueTask<ulong> ReadBlockAsync(Memory<byte> block, CancellationToken cancellationToken) => stream.ReadBlockAsync(block, cancellationToken);

        public async ValueTask DisposeAsync()
        {
            await stream.DisposeAsync();
            cut.Dispose();
        }
    }
}
