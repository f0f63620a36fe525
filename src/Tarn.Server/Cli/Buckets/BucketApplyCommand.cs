using System.CommandLine;
using Tarn.Core.Model;
using Tarn.Server.Cli.Buckets.Settings;
using Tarn.Server.Cli.Policies;

namespace Tarn.Server.Cli.Buckets;

/// <summary><c>tarn bucket apply</c>: makes the settings of a bucket what files say.</summary>
internal static class BucketApplyCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> bucket = ControlCli.Argument("BUCKET", "The bucket.");
        var files = new Argument<string[]>("FILE") { Description = "A file as export prints it, or with a part of its members; - reads standard input.", Arity = ArgumentArity.OneOrMore };
        Option<bool> dryRun = new("--dry-run") { Description = "Change nothing; show what would be changed." };
        Option<bool> create = new("--create") { Description = "Create the bucket if there is none." };
        return cli.S3Verb(
            "apply",
            "Make the settings of a bucket what files say. A setting that is in none is left alone, one that is null is removed.",
            [bucket, files, dryRun, create],
            async (parsed, client, output, cancellationToken) =>
            {
                BucketName valid = BucketExportCommand.ParseName(parsed.GetRequiredValue(bucket));
                string name = valid.Value;
                Dictionary<string, SettingValue?> wanted = await ReadAsync(parsed.GetRequiredValue(files), valid, cancellationToken);
                IReadOnlySet<string> needed = BucketPlan.Needs(valid, wanted);
                BucketState? state = await BucketState.ReadAsync(client, name, needed, cancellationToken);
                bool creates = state is null, isDryRun = parsed.GetValue(dryRun);
                if (creates && !parsed.GetValue(create))
                {
                    throw new CliException($"there is no bucket '{name}' (--create creates it)");
                }

                // Files that are not right leave no bucket behind.
                state ??= Assumed(wanted);
                SettingPlan plan = BucketPlan.Create(valid, state.Owner, state.Settings, wanted);
                bool isCreated = false;
                try
                {
                    if (creates && !isDryRun)
                    {
                        await BucketState.CreateAsync(client, name, cancellationToken);
                        isCreated = true;
                        state = await BucketState.ReadAsync(client, name, needed, cancellationToken) ?? throw new CliException($"the bucket '{name}' was deleted meanwhile");
                        plan = BucketPlan.Create(valid, state.Owner, state.Settings, wanted);
                    }

                    var changes = new BucketChanges(name, client.Endpoint, state.Settings, wanted, plan) { Creates = creates, IsDryRun = isDryRun };
                    await RunAsync(client, name, changes, output, cancellationToken);
                }
                catch (CliException e) when (isCreated)
                {
                    throw new CliException($"{e.Message}; the bucket {name} was created and is empty", e);
                }
            });
    }

    /// <summary>What a bucket that does not exist is taken to have: what a new one has depends on the server, so nothing that the files do not say speaks against them.</summary>
    private static BucketState Assumed(Dictionary<string, SettingValue?> wanted)
    {
        Dictionary<string, SettingValue?> settings = SettingKinds.All.ToDictionary(static kind => kind.Name, static _ => (SettingValue?)null);
        SettingValue? acl = wanted.GetValueOrDefault(SettingKinds.Acl);
        if (acl is not null && !wanted.ContainsKey(SettingKinds.Ownership))
        {
            settings[SettingKinds.Ownership] = SettingAcl.TakesAcls;
        }

        return new BucketState(settings, acl is null ? "" : SettingAcl.Owner(acl.Json!));
    }

    private static async Task RunAsync(S3Client client, string bucket, BucketChanges changes, CliOutput output, CancellationToken cancellationToken)
    {
        CliException? failure = null;
        while (!changes.IsDryRun && failure is null && changes.Done < changes.Steps.Count)
        {
            try
            {
                if (await BucketState.ChangeAsync(client, bucket, changes.Steps[changes.Done], cancellationToken) is { } warning)
                {
                    changes.Warnings.Add(warning);
                }

                changes.Done++;
            }
            catch (CliException e)
            {
                changes.IsUnknown = e.IsUnanswered;
                failure = new CliException($"{e.Message}; not applied: {changes.Left}; the same command goes on with them", e);
            }
        }

        output.Show(changes.ToJson(failure?.Message), changes.ToText);
        if (failure is not null)
        {
            throw failure;
        }
    }

    /// <summary>Reads all files before anything is changed.</summary>
    private static async Task<Dictionary<string, SettingValue?>> ReadAsync(string[] files, BucketName bucket, CancellationToken cancellationToken)
    {
        var all = new Dictionary<string, SettingValue?>(StringComparer.Ordinal);
        foreach (string file in files)
        {
            foreach ((string setting, SettingValue? value) in SettingFile.Read(file, await PolicyFile.ReadAsync(file, cancellationToken), bucket))
            {
                if (!all.TryAdd(setting, value))
                {
                    throw new CliException($"{file}: {setting} is in another of the files too");
                }
            }
        }

        return all;
    }
}
