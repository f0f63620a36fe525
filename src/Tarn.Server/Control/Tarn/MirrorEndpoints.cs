using Tarn.Core.Mirroring;
using Tarn.Server.Storage;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>/api/mirror</c>.</summary>
internal sealed class MirrorEndpoints(Engines engines)
{
    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder mirror = api.MapGroup("/api/mirror").WithTags("Mirror");
        mirror.MapGet("", Get).WithName("GetMirror").ForServerAdministrator().Refuses(404);
        mirror.MapPost("/retry", Retry).WithName("RetryMirror").ForServerAdministrator().Refuses(404);
    }

    /// <summary>Shows the state of both sides of the mirror.</summary>
    public Data<MirrorView> Get() => new(MirrorView.Of(Mirror()));

    /// <summary>Tries a side that is lost again now, instead of after a while.</summary>
    /// <remarks>Does not wait for it. Nothing happens if no side is lost.</remarks>
    public Done Retry()
    {
        Mirror().Retry();
        return Done.Instance;
    }

    private Mirror Mirror() => engines.Mirror ?? throw ControlRefusalException.NotFound("this server has no mirror (--mirror)");
}
