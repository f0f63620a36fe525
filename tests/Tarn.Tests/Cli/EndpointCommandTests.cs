using System.CommandLine;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tarn.Server;
using Tarn.Server.Control;
using Tarn.Tests.Control;

namespace Tarn.Tests.Cli;

/// <summary>Everything that the control API does is done by a command.</summary>
public sealed class EndpointCommandTests
{
    /// <summary>The command for each endpoint that authenticates, by the endpoint's name.</summary>
    private static readonly Dictionary<string, string> Commands = new(StringComparer.Ordinal)
    {
        ["CreateOrganization"] = "org create", ["ListOrganizations"] = "org list", ["GetOrganization"] = "org show", ["DeleteOrganization"] = "org delete",
        ["PutOrganizationPolicy"] = "org policy put", ["GetOrganizationPolicy"] = "org policy show", ["ListOrganizationPolicies"] = "org policy list", ["DeleteOrganizationPolicy"] = "org policy delete",
        ["CreateUser"] = "user create", ["ListUsers"] = "user list", ["GetUser"] = "user show", ["DeleteUser"] = "user delete",
        ["AddUserToGroup"] = "user add-to-group", ["RemoveUserFromGroup"] = "user remove-from-group",
        ["CreateAccessKey"] = "key create", ["ListAccessKeys"] = "key list", ["GetAccessKey"] = "key show", ["RotateAccessKey"] = "key rotate", ["RevokeAccessKey"] = "key revoke",
        ["CreateToken"] = "token create", ["ListTokens"] = "token list", ["DeleteToken"] = "token delete",
        ["ListAccelerators"] = "accelerator status", ["ClearAccelerators"] = "accelerator clear", ["ListAcceleratorClears"] = "accelerator clears",
        ["CreateAcceleratorToken"] = "accelerator token create", ["ListAcceleratorTokens"] = "accelerator token list", ["RevokeAcceleratorToken"] = "accelerator token revoke",
        ["CreateApplication"] = "app create",
        ["CreateIssuer"] = "issuer create", ["ListIssuers"] = "issuer list", ["SetIssuerConsole"] = "issuer update", ["DeleteIssuerConsole"] = "issuer update", ["DeleteIssuer"] = "issuer delete",
        ["CreateRole"] = "role create", ["ListRoles"] = "role list", ["GetRole"] = "role show", ["DeleteRole"] = "role delete",
        ["ListBuckets"] = "bucket list", ["GetBucket"] = "bucket show", ["ListSamples"] = "bucket samples", ["RecountBuckets"] = "bucket recount",
        ["ListRequests"] = "request list", ["ExplainRequest"] = "request explain", ["GetRates"] = "request rates", ["WatchRequests"] = "trace",
        ["ExplainAccess"] = "policy explain", ["FindMissingPrincipals"] = "policy lint",
        ["StartJob"] = "job start", ["ListJobs"] = "job list", ["GetJob"] = "job show", ["CancelJob"] = "job cancel",
        ["CreateBackup"] = "backup create", ["ListBackups"] = "backup list", ["VerifyBackup"] = "backup verify", ["DeleteBackup"] = "backup delete",
        ["GetBackupJob"] = "backup status", ["CancelBackupJob"] = "backup cancel",
        ["GetScrub"] = "scrub status", ["GetScrubReport"] = "scrub report", ["StartScrub"] = "scrub start", ["PauseScrub"] = "scrub pause", ["ResumeScrub"] = "scrub resume",
        ["ListOrphans"] = "scrub orphans list", ["RestoreOrphan"] = "scrub orphans restore", ["DropOrphan"] = "scrub orphans drop", ["DropOrphans"] = "scrub orphans drop", ["GetOrphanDrop"] = "scrub orphans drop",
        ["ListDamaged"] = "object damaged list", ["DropDamaged"] = "object damaged drop",
        ["GetMirror"] = "mirror status", ["RetryMirror"] = "mirror retry", ["GetStatus"] = "status",
        ["CreateShareLink"] = "share create", ["ListShareLinks"] = "share list", ["RevokeShareLink"] = "share revoke", ["ShareDiskFile"] = "disk share create",
        ["CreateDisk"] = "disk create", ["ListDisks"] = "disk list", ["GetDisk"] = "disk show", ["DeleteDisk"] = "disk delete",
        ["GetAllowedIps"] = "disk show", ["SetAllowedIps"] = "disk allow", ["SetGrowingFiles"] = "disk growing-files", ["SetDiskWriting"] = "disk set", ["AcceptDisk"] = "disk accept",
        ["AddDiskUser"] = "disk user add", ["ListDiskUsers"] = "disk user list", ["RemoveDiskUser"] = "disk user remove",
        ["PutDiskFile"] = "disk put", ["DeleteDiskFile"] = "disk rm", ["CreateDiskDirectory"] = "disk mkdir", ["RenameDiskFile"] = "disk mv",
        ["CreateDiskUpload"] = "disk put", ["AppendToDiskUpload"] = "disk put", ["CompleteDiskUpload"] = "disk put",
        ["ListDiskUploads"] = "disk upload list", ["GetDiskUpload"] = "disk upload show", ["AbortDiskUpload"] = "disk upload abort",
    };

    /// <summary>Those that no command needs, and why.</summary>
    private static readonly Dictionary<string, string> Others = new(StringComparer.Ordinal)
    {
        ["ExecOnDisk"] = "Archil's, not implemented", ["GrepDisk"] = "Archil's, not implemented", ["Exec"] = "Archil's, not implemented",
        ["CwCreateAccessKey"] = "CoreWeave's form of key create", ["CwListAccessKeys"] = "CoreWeave's form of key list", ["CwGetAccessKey"] = "CoreWeave's form of key show",
        ["CwRevokeAccessKey"] = "CoreWeave's form of key revoke", ["CwRevokePrincipal"] = "CoreWeave's form of key revoke, for all of a user",
        ["CwEnsureAccessPolicy"] = "CoreWeave's form of org policy put", ["CwListAccessPolicies"] = "CoreWeave's form of org policy list", ["CwDeleteAccessPolicy"] = "CoreWeave's form of org policy delete",
        ["CwApiTokenCredentials"] = "for programs with a token",
        ["PrepareArchive"] = "for browsers: programs read objects one by one", ["FetchArchive"] = "for browsers",
        ["GetBucketMetrics"] = "for Prometheus",
        ["GetSession"] = "for the console's page, by its cookie", ["Presign"] = "for the console's page, which has no secret: programs sign themselves",
    };

    [Fact]
    public async Task Every_endpoint_has_a_command_or_a_reason()
    {
        await using ControlServer server = await ControlServer.StartAsync();
        string[] named =
        [
            .. server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
                .Where(static endpoint => endpoint.Metadata.GetMetadata<Authenticated>() is not null && endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is null)
                .Select(static endpoint => endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? endpoint.RoutePattern.RawText!),
        ];
        Assert.Equal(named.Order(StringComparer.Ordinal), Commands.Keys.Concat(Others.Keys).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_command_named_exists_and_talks_to_a_server()
    {
        Command tarn = TarnCommand.Create(new Dictionary<string, string>(), TimeProvider.System);
        Assert.All(Commands.Values, path =>
        {
            Command command = path.Split(' ').Aggregate(tarn, static (noun, name) => noun.Subcommands.Single(child => child.Name == name));
            Assert.Contains(Tarn(tarn, path).SelectMany(static each => each.Options), static option => option.Name == "--endpoint");
            Assert.NotNull(command.Action);
        });
    }

    private static IEnumerable<Command> Tarn(Command tarn, string path)
    {
        Command command = tarn;
        foreach (string name in path.Split(' '))
        {
            command = command.Subcommands.Single(child => child.Name == name);
            yield return command;
        }
    }
}
