using Tarn.Core.Objects.Integrity;
using Tarn.Core.Scrubbing;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>/api/scrub</c>.</summary>
internal sealed class ScrubEndpoints(ScrubWorker worker, DamageList damage)
{
    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder scrub = api.MapGroup("/api/scrub").WithTags("Scrub");
        scrub.MapGet("", GetAsync).WithName("GetScrub").ForServerAdministrator();
        scrub.MapGet("/report", ReportAsync).WithName("GetScrubReport").ForServerAdministrator();
        scrub.MapPost("/start", StartAsync).WithName("StartScrub").ForServerAdministrator().Refuses(409, 507);
        scrub.MapPost("/pause", PauseAsync).WithName("PauseScrub").ForServerAdministrator().Refuses(507);
        scrub.MapPost("/resume", ResumeAsync).WithName("ResumeScrub").ForServerAdministrator().Refuses(507);
    }

    /// <summary>Shows the state of scrubbing: the pass under way, the last one, and when the next begins.</summary>
    public async Task<Data<ScrubView>> GetAsync(ControlRequest request)
    {
        await worker.LoadAsync(request.CancellationToken);
        return new(ScrubView.Of(worker.Status));
    }

    /// <summary>Shows what scrubbing found: counts, what could not be read, and damaged objects.</summary>
    public async Task<Data<ScrubReport>> ReportAsync(ControlRequest request)
    {
        await worker.LoadAsync(request.CancellationToken);
        ScrubStatus status = worker.Status;
        DamagedList page = await DamagedList.PageAsync(damage, after: null, ControlRequest.MaxPage, request.CancellationToken);
        return new(new ScrubReport(ScrubView.Of(status), (status.Current ?? status.Last)?.Failures ?? [], page.Damaged, page.NextCursor is not null));
    }

    /// <summary>Begins a pass at once, or goes on with a paused one.</summary>
    public async Task<Data<ScrubView>> StartAsync(ControlRequest request)
    {
        if (worker.Status.Activity == ScrubActivity.Off)
        {
            throw new ControlRefusalException(StatusCodes.Status409Conflict, "scrubbing is turned off: start the server with --scrub-rate above 0");
        }

        await worker.StartAsync(request.CancellationToken);
        return new(ScrubView.Of(worker.Status));
    }

    /// <summary>Interrupts the pass under way, and begins no other until it is started or resumed, also after a restart of the server.</summary>
    public async Task<Data<ScrubView>> PauseAsync(ControlRequest request)
    {
        await worker.PauseAsync(request.CancellationToken);
        return new(ScrubView.Of(worker.Status));
    }

    /// <summary>Ends a pause: an interrupted pass goes on where it was.</summary>
    public async Task<Data<ScrubView>> ResumeAsync(ControlRequest request)
    {
        await worker.ResumeAsync(request.CancellationToken);
        return new(ScrubView.Of(worker.Status));
    }
}
