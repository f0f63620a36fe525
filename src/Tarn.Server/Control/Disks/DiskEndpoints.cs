namespace Tarn.Server.Control.Disks;

/// <summary>The endpoints of disks and share links. Their paths and members are Archil's where Archil has them.</summary>
internal static class DiskEndpoints
{
    public static void AddTo(ControlApi api, DiskServices services)
    {
        CreateDisk.AddTo(api, services);
        ListDisks.AddTo(api, services);
        GetDisk.AddTo(api, services);
        DeleteDisk.AddTo(api, services);

        AddDiskUser.AddTo(api, services);
        ListDiskUsers.AddTo(api, services);
        RemoveDiskUser.AddTo(api, services);
        GetAllowedIps.AddTo(api, services);
        SetAllowedIps.AddTo(api, services);
        SetGrowingFiles.AddTo(api, services);
        AcceptDisk.AddTo(api, services);

        ShareFile.AddTo(api, services);
        ShareObject.AddTo(api, services);
        ListShares.AddTo(api, services);
        RevokeShare.AddTo(api, services);

        NotBuilt.AddTo(api, services);
    }
}
