using Tarn.Core.Backups;
using Tarn.Server.Backups;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>/api/backups</c>.</summary>
internal sealed class BackupEndpoints(BackupJobs jobs, BackupRunner runner, BackupPlaces places)
{
    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder backups = api.MapGroup("/api/backups").WithTags("Backups");
        backups.MapPost("", Create).WithName("CreateBackup").ForServerAdministrator().Refuses(409);
        backups.MapGet("", ListAsync).WithName("ListBackups").ForServerAdministrator().Refuses(400).WithQuery("target", "The directory of the backups.");
        backups.MapPost("/verify", Verify).WithName("VerifyBackup").ForServerAdministrator().Refuses(409);
        backups.MapGet("/job", Job).WithName("GetBackupJob").ForServerAdministrator().Refuses(404);
        backups.MapDelete("/job", Cancel).WithName("CancelBackupJob").ForServerAdministrator().Refuses(404);
        backups.MapDelete("/{name}", Delete).WithName("DeleteBackup").ForServerAdministrator().Refuses(400, 409).WithQuery("target", "The directory of the backups.");
    }

    /// <summary>Begins a backup of the server while it runs.</summary>
    /// <remarks>It goes on by itself; ask for the job to see how far it is.</remarks>
    public Made<BackupJobView> Create(JsonBody<BackupBody> body)
    {
        BackupBody wanted = body.Read();
        return Begin(new BackupRequest(BackupWork.Create, wanted.Target, null)
        {
            MetadataOnly = wanted.MetadataOnly,
            WithoutDisks = wanted.WithoutDisks,
            IncludeMasterKey = wanted.IncludeMasterKey,
            SameDevice = wanted.SameDevice,
        });
    }

    /// <summary>Lists the backups in a directory.</summary>
    public async Task<Data<BackupList>> ListAsync(ControlRequest request)
    {
        try
        {
            await using IBackupTarget target = await places.OpenToReadAsync(Target(request), keeps: false, request.CancellationToken);
            IReadOnlyList<BackupReading.Listed> listed = await BackupReading.ListAsync(target, request.CancellationToken);
            return new(new BackupList([.. listed.Select(BackupView.Of)]));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BackupRefusedException(e.Message);
        }
    }

    /// <summary>Begins a verification of a backup: every byte is read.</summary>
    public Made<BackupJobView> Verify(JsonBody<BackupVerifyBody> body)
    {
        BackupVerifyBody wanted = body.Read();
        ThrowIfNoName(wanted.Name);
        return Begin(new BackupRequest(BackupWork.Verify, wanted.Target, wanted.Name));
    }

    /// <summary>Shows the job that is under way, or was the last one since the server was started.</summary>
    public Data<BackupJobView> Job(ControlRequest request) => new(BackupJobView.Of(LastJob()));

    /// <summary>Ends the job that is under way.</summary>
    /// <remarks>What a backup has copied stays, and is not copied again by the next one.</remarks>
    public Done Cancel(ControlRequest request)
    {
        LastJob().Cancel(reason: null);
        return Done.Instance;
    }

    /// <summary>Begins the removal of a backup, and of what no other backup in the directory needs.</summary>
    /// <param name="name">Its name.</param>
    public Data<BackupJobView> Delete(ControlRequest request, string name)
    {
        ThrowIfNoName(name);
        return new(BackupJobView.Of(Run(new BackupRequest(BackupWork.Delete, Target(request), name))));
    }

    private Made<BackupJobView> Begin(BackupRequest request) => new(BackupJobView.Of(Run(request)));

    private BackupJob Run(BackupRequest request)
    {
        runner.ThrowIfImpossible(request);
        return jobs.Begin(request);
    }

    private BackupJob LastJob() => jobs.Last ?? throw ControlRefusalException.NotFound("no work on backups was begun since the server was started");

    private static string Target(ControlRequest request) => request.Query("target") ?? throw ControlRefusalException.BadRequest("the parameter target is missing: the directory of the backups");

    private static void ThrowIfNoName(string? name)
    {
        if (name is not null && !BackupNames.IsValid(name))
        {
            throw ControlRefusalException.BadRequest($"'{name}' is not the name of a backup, like 20260102T030405006Z-0a1b2c3d");
        }
    }
}
