using Tarn.Core;
using Tarn.Core.Acceleration;
using Tarn.Server.Accelerator.Upstream;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Accelerator.Registration;

/// <summary>Registers this accelerator, again at every heartbeat, and clears from the cache what the upstream asks for, each once.</summary>
/// <param name="node">Sends the registration.</param>
/// <param name="envelope">Who this accelerator is.</param>
/// <param name="peer">How others of the zone reach it, and the fingerprint of its certificate; null when it does not share.</param>
/// <param name="state">Receives the answer.</param>
/// <param name="clears">Clears the cache.</param>
/// <param name="statistics">What it has done.</param>
/// <param name="random">Makes the id of this process.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Its log.</param>
internal sealed partial class RegistrationService(
    NodeClient node, AcceleratorEnvelope envelope, (string Address, string Certificate)? peer, ZoneState state, CacheClears clears, Func<AcceleratorStatistics> statistics, IRandomSource random, TimeProvider time, ILogger<RegistrationService> logger)
    : BackgroundService
{
    /// <summary>How long after a failure it is tried again.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly string _instance = InstanceOf(random);
    private string? _failure = "";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Kestrel begins to listen only once this returns.
        await Task.Yield();
        try
        {
            while (true)
            {
                await Task.Delay(await RegisterAsync(stoppingToken), time, stoppingToken);
            }
        }
        finally
        {
            await clears.Running;
        }
    }

    /// <summary>Registers once.</summary>
    /// <returns>When to do so again.</returns>
    internal async Task<TimeSpan> RegisterAsync(CancellationToken cancellationToken)
    {
        try
        {
            byte[] text = await node.PostAsync(AcceleratorPaths.Register, Registration().Encode(), RegistrationAnswer.MaxSize, cancellationToken);
            if (!RegistrationAnswer.TryDecode(text, out RegistrationAnswer? answer))
            {
                throw new UpstreamException("The upstream's answer to the registration is not understood.");
            }

            state.Update(answer);
            if (_failure is not null)
            {
                LogRegistered(logger, envelope.Name, envelope.Zone, state.Peers.Count);
                _failure = null;
            }

            clears.Tell(state.Clears);
            clears.Start(cancellationToken);
            return TimeSpan.FromSeconds(answer.Heartbeat);
        }
        catch (UpstreamException e)
        {
            // Once for each reason, not at every try.
            if (_failure != e.Message)
            {
                _failure = e.Message;
                LogFailed(logger, e.Message);
            }

            return Pause;
        }
    }

    private AcceleratorRegistration Registration() => new()
    {
        Instance = _instance,
        Name = envelope.Name,
        Zone = envelope.Zone,
        Domains = envelope.Domains,
        Peer = peer?.Address,
        Certificate = peer?.Certificate,
        Version = ProgramVersion.Text,
        Statistics = statistics(),
        Generation = state.Generation,
        Cleared = clears.Done,
    };

    private static string InstanceOf(IRandomSource random)
    {
        Span<byte> id = stackalloc byte[16];
        random.Fill(id);
        return Convert.ToHexStringLower(id);
    }

    [LoggerMessage(EventIds.AcceleratorRegistered, LogLevel.Information, "Registered as {Name} in zone {Zone}, with {Peers} others")]
    private static partial void LogRegistered(ILogger logger, string name, string zone, int peers);

    [LoggerMessage(EventIds.RegistrationFailed, LogLevel.Warning, "The accelerator could not register; it is tried again: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
