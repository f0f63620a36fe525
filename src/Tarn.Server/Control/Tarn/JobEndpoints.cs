using Tarn.Core.Identity;
using Tarn.Core.Jobs;
using Tarn.Core.Model;
using Tarn.S3.Access;
using Tarn.S3.Jobs;
using Tarn.Server.Jobs;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>/api/jobs</c>.</summary>
internal sealed class JobEndpoints(JobScheduler scheduler, JobStore jobs, JobRequests requests, IdentityStore identity)
{
    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder group = api.MapGroup("/api/jobs").WithTags("Jobs");
        group.MapPost("", StartAsync).WithName("StartJob").Refuses(404, 409, 429);
        group.MapGet("", ListAsync).WithName("ListJobs").WithPaging().WithQuery("organization", "The organization whose jobs are listed; by default the requester's.");
        group.MapGet("/{id}", ShowAsync).WithName("GetJob").Refuses(404);
        group.MapDelete("/{id}", CancelAsync).WithName("CancelJob").Refuses(404, 409);
    }

    /// <summary>Starts a job over many keys of a bucket.</summary>
    /// <remarks>It works in the background as the requester, whose rights are decided anew for each key, and goes on after a restart of the server. Who may list the keys and might be allowed what it does may start it. That of a session of a role ends with the session.</remarks>
    public async Task<Made<JobView>> StartAsync(ControlRequest request, JsonBody<JobBody> body)
    {
        JobBody wanted = body.Read();
        JobRecord record = await requests.CheckAsync(
            wanted.ToParameters(), request.Principal, RequestOrigin.Of(request.Http, request.Principal), wanted.RequestToken, request.CancellationToken);
        try
        {
            return new(JobView.Of(await scheduler.StartAsync(record, request.CancellationToken)));
        }
        catch (JobTokenException e)
        {
            throw new ControlRefusalException(StatusCodes.Status409Conflict, e.Message);
        }
        catch (TooManyJobsException e)
        {
            throw new ControlRefusalException(StatusCodes.Status429TooManyRequests, e.Message);
        }
    }

    /// <summary>Lists jobs, the newest first: of all of the organization for its root user, and of the requester's own for others.</summary>
    public async Task<Data<JobList>> ListAsync(ControlRequest request)
    {
        string named = request.Query("organization") ?? request.Principal.OrganizationId;
        if (named != request.Principal.OrganizationId)
        {
            request.ThrowIfNotRootOf(named);
        }

        bool seesAll = request.MayAdminister(named);

        Id128? before = null;
        if (request.Cursor() is { } cursor)
        {
            before = Id128.TryParse(cursor, out Id128 id) ? id : throw ControlRefusalException.BadRequest("the cursor is not from a previous answer");
        }

        Organization organization = await identity.Organizations.GetAsync(named, request.CancellationToken);
        int limit = request.Limit();
        var found = new List<JobView>();
        while (true)
        {
            (IReadOnlyList<Job> page, Id128? next) = await jobs.ListAsync(JobOwner.Of(organization), before, limit, request.CancellationToken);
            foreach (Job job in page)
            {
                if (seesAll || job.Record.Requester.IsOwnOf(request.Principal))
                {
                    found.Add(JobView.Of(job));
                    if (found.Count == limit)
                    {
                        return new(new JobList(found, job.Id == page[^1].Id ? next?.ToString() : job.Id.ToString()));
                    }
                }
            }

            if (next is null)
            {
                return new(new JobList(found, null));
            }

            before = next;
        }
    }

    /// <summary>Shows a job, with the keys that failed.</summary>
    /// <param name="id">Its id.</param>
    public async Task<Data<JobView>> ShowAsync(ControlRequest request, string id)
    {
        Job job = await FindAsync(request, id);
        return new(JobView.Of(job, await jobs.ErrorsAsync(job.Id, JobRecord.MaxErrors, request.CancellationToken)));
    }

    /// <summary>Ends a job once the keys that it works on are done.</summary>
    /// <remarks>What it has done stays.</remarks>
    /// <param name="id">Its id.</param>
    public async Task<Data<JobView>> CancelAsync(ControlRequest request, string id)
    {
        Job job = await FindAsync(request, id);
        return new(JobView.Of(await scheduler.CancelAsync(job.Id, request.CancellationToken)
            ?? throw new ControlRefusalException(StatusCodes.Status409Conflict, "the job has ended")));
    }

    private async ValueTask<Job> FindAsync(ControlRequest request, string id)
    {
        Job? job = Id128.TryParse(id, out Id128 parsed) ? await jobs.FindAsync(parsed, request.CancellationToken) : null;
        return job is not null && await SeesAsync(request, job.Record.Requester) ? job : throw ControlRefusalException.NotFound("there is no such job");
    }

    /// <summary>Whether the requester may see a job, and end it: not that of an earlier organization of the same name.</summary>
    private async ValueTask<bool> SeesAsync(ControlRequest request, JobRequester requester) =>
        request.IsServerAdministrator
        || ((request.Principal.IsRoot || requester.IsOwnOf(request.Principal))
            && request.Principal.OrganizationId == requester.Organization
            && await identity.Organizations.FindAsync(requester.Organization, request.CancellationToken) is { } organization
            && JobOwner.Of(organization) == requester.Owner);
}
