namespace Tarn.Server.Control.Disks;

/// <summary>What Archil's API has beyond disks and their users: refused in words, after it was asked whether there is such a disk.</summary>
internal static class NotBuilt
{
    public static void AddTo(ControlApi api, DiskServices services)
    {
        api.Add("POST", "/api/disks/{id}/exec", async request =>
        {
            await services.FindAsync(request);
            throw Exec();
        });
        api.Add("POST", "/api/exec", _ => throw Exec());
        api.Add("POST", "/api/disks/{id}/grep", async request =>
        {
            await services.FindAsync(request);
            throw ControlRefusalException.NotBuilt("grep is not built; read the files over S3 and search them there");
        });
    }

    private static ControlRefusalException Exec() =>
        ControlRefusalException.NotBuilt("exec is not built: this server runs no commands on disks");
}
