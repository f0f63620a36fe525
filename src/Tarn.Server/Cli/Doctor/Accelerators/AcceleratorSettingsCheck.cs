using Tarn.Server.Cli.Doctor.Checks;

namespace Tarn.Server.Cli.Doctor.Accelerators;

/// <summary>The settings: whether an accelerator starts with them, and those that are rarely meant.</summary>
internal sealed class AcceleratorSettingsCheck : SimpleCheck<ExaminedAccelerator>
{
    public override string Name => "settings";

    protected override IEnumerable<Finding> Look(ExaminedAccelerator examined)
    {
        if (examined.Options is not { } options)
        {
            yield return Finding.Problem(examined.SettingsProblem!, "set it as it says: flags, TARN_ variables or the file that --config names (docs/reference/accelerator-settings.md)");
            yield break;
        }

        yield return Finding.Ok($"an accelerator named {options.Name} starts with them, in zone {options.Zone}, at {options.S3}");
        if (options.Upstream.Scheme == Uri.UriSchemeHttp && !options.Upstream.IsLoopback)
        {
            yield return Finding.Warning($"{options.Upstream.AbsoluteUri.TrimEnd('/')} is without TLS: who can read the network reads the token and all data", "give the server a certificate, and use https");
        }

        if (!options.S3.IsLoopback && options.Tls is null)
        {
            yield return Finding.Warning($"{options.S3} is reached from other machines, without TLS: who can read the network reads all data", "set --tls-cert and --tls-key, or --s3 to a loopback address");
        }
    }
}
