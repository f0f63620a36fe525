using System.CommandLine;
using System.Text.Json;
using Tarn.Core.Disks.Catalog;
using Tarn.Server.Cli.Shares;

namespace Tarn.Server.Cli.Disks;

/// <summary><c>tarn disk</c>.</summary>
internal static class DiskCommand
{
    public static Command Create(ControlCli cli)
    {
        var user = new Command("user", "Who may read a disk over S3.")
        {
            DiskUserAddCommand.Create(cli),
            DiskUserListCommand.Create(cli),
            DiskUserRemoveCommand.Create(cli),
        };
        Command share = DiskShareCreateCommand.Create(cli, "share");
        share.Subcommands.Add(DiskShareCreateCommand.Create(cli, "create"));
        share.Subcommands.Add(DiskShareListCommand.Create(cli));
        share.Subcommands.Add(ShareRevokeCommand.Create(cli));
        return cli.Group(
            "disk",
            "Directory trees shown as buckets that S3 can read, and their files.",
            DiskCreateCommand.Create(cli),
            DiskAttachCommand.Create(cli),
            DiskListCommand.Create(cli),
            DiskShowCommand.Create(cli),
            DiskAllowCommand.Create(cli),
            DiskGrowingFilesCommand.Create(cli),
            DiskSetCommand.Create(cli),
            DiskPutCommand.Create(cli),
            DiskUploadCommands.Create(cli),
            DiskMakeDirectoryCommand.Create(cli),
            DiskMoveCommand.Create(cli),
            DiskRemoveCommand.Create(cli),
            DiskAcceptCommand.Create(cli),
            DiskDeleteCommand.Create(cli),
            user,
            share);
    }

    public static Argument<string> Disk() => ControlCli.Argument("DISK", "The disk's id, or its name.");

    public static Option<string[]> Allowed() =>
        new("--allow-ip") { Description = "An address or network (CIDR) that may read the disk; repeatable. Any address by default.", HelpName = "CIDR" };

    /// <summary>Finds a disk by its id or its name.</summary>
    /// <param name="organization">The organization in which to look up a name; null for the requester's.</param>
    /// <exception cref="CliException">There is no such disk.</exception>
    public static async Task<JsonElement> FindAsync(
        ControlClient client, string idOrName, string? organization, CancellationToken cancellationToken)
    {
        if (DiskId.HasShape(idOrName))
        {
            return await client.SendAsync(HttpMethod.Get, ControlClient.Path("api", "disks", idOrName), cancellationToken);
        }

        JsonElement found = await client.SendAsync(
            HttpMethod.Get, ControlClient.Query("/api/disks", ("name", idOrName), ("organization", organization)), cancellationToken);
        return found.GetArrayLength() == 1 ? found[0] : throw new CliException($"there is no disk '{idOrName}'");
    }

    /// <summary>The id of the disk with this id or name.</summary>
    /// <exception cref="CliException">There is no such disk.</exception>
    public static async Task<string> IdAsync(ControlClient client, string idOrName, string? organization, CancellationToken cancellationToken) =>
        DiskId.HasShape(idOrName) ? idOrName : (await FindAsync(client, idOrName, organization, cancellationToken)).GetProperty("id").GetString()!;
}
