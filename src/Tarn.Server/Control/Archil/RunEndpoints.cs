namespace Tarn.Server.Control.Archil;

/// <summary>The parts of Archil's API that run something on disks: refused with an explanation, once the disk is known to exist.</summary>
internal sealed class RunEndpoints(AdministeredDisks administered)
{
    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder run = api.MapGroup("/api").WithTags(Tags.NotImplemented).Refuses(501);
        run.MapPost("/disks/{id}/exec", ExecOnDiskAsync).WithName("ExecOnDisk").Refuses(404);
        run.MapPost("/disks/{id}/grep", GrepAsync).WithName("GrepDisk").Refuses(404);
        run.MapPost("/exec", Exec).WithName("Exec");
    }

    /// <summary>Not implemented: this server runs no commands on disks.</summary>
    /// <param name="id">The disk's id.</param>
    public async Task<IResult> ExecOnDiskAsync(ControlRequest request, string id)
    {
        await administered.GetAsync(request, id);
        throw NoExec();
    }

    /// <summary>Not implemented: this server runs no commands on disks.</summary>
    public static IResult Exec(ControlRequest request) => throw NoExec();

    /// <summary>Not implemented: read the files over S3 and search them there.</summary>
    /// <param name="id">The disk's id.</param>
    public async Task<IResult> GrepAsync(ControlRequest request, string id)
    {
        await administered.GetAsync(request, id);
        throw ControlRefusalException.NotImplemented("grep is not implemented; read the files over S3 and search them there");
    }

    private static ControlRefusalException NoExec() =>
        ControlRefusalException.NotImplemented("exec is not implemented: this server runs no commands on disks");
}
