using Tarn.Server.Configuration;

namespace Tarn.Server.Cli.Doctor.Checks;

/// <summary>The settings of the flags, of the environment and of the configuration file.</summary>
internal sealed class SettingsCheck : SimpleCheck
{
    /// <summary>What checks say that need them.</summary>
    public const string AreWrong = "the settings are wrong";

    public override string Name => "settings";

    protected override IEnumerable<Finding> Look(Examined examined)
    {
        if (examined.Options is not { } options)
        {
            return [Finding.Problem(examined.SettingsProblem ?? "they cannot be read", "correct it: a server does not start with these settings")];
        }

        Finding[] unusual = [.. OfServer(examined), .. Unusual(options)];
        return unusual.Length > 0 ? unusual : [Finding.Ok($"S3 on {options.S3}, control on {options.Control}, region {options.Region}{FlagsOf(examined)}")];
    }

    private static string FlagsOf(Examined examined) =>
        examined.ServerFlags.Count == 0 ? "" : $"; with {string.Join(' ', examined.ServerFlags)}, the flags of the server that runs (process {examined.Server})";

    private static IEnumerable<Finding> OfServer(Examined examined) => examined.ServerFlagsProblem is not { } problem ? []
        : [Finding.Warning($"the flags of the server that runs (process {examined.Server}) are not among these settings: {problem}", "give this command the flags with which the server was started")];

    private static IEnumerable<Finding> Unusual(ServerOptions options)
    {
        if (options.UsesDevKey)
        {
            yield return Finding.Warning("--dev gives the root user the key of the documentation, which every user of this machine knows", "set TARN_ROOT_ACCESS_KEY and TARN_ROOT_SECRET_KEY for data that matters");
        }

        if (options.Durability == Durability.Relaxed)
        {
            yield return Finding.Warning("--durability relaxed: a power cut loses what was answered last", "leave it out where clients rely on what was answered");
        }

        if (options.Scrub.BytesPerSecond == 0)
        {
            yield return Finding.Warning("--scrub-rate 0: damage of stored data is found only when it is read", "leave it out, or lower the rate instead");
        }

        if (options.AcceptLogLoss is not null)
        {
            yield return Finding.Warning("--accept-log-loss is set, which is for one start", "remove it once the server has started");
        }

        if (!options.S3.IsLoopback && options.Tls is not { OnS3: true } && !options.Proxies.IsConfigured)
        {
            yield return Finding.Warning(
                $"S3 on {options.S3} is not encrypted: others on the network read what is sent", "set --tls-cert and --tls-key, or listen on loopback behind a proxy that has a certificate (docs/operations/reverse-proxy.md)");
        }

        if (options is { Tls: { } tls, ConsoleUrl: null, Proxies.External: null } && tls.OnS3 != tls.OnControl)
        {
            yield return tls.OnS3
                ? Finding.Warning(
                    "the console is opened without TLS and reaches S3 by TLS at the same name, such as localhost, which the certificate has to have",
                    "set --external-url to a URL with the name that the certificate is for")
                : Finding.Warning(
                    "the console is opened by TLS, and browsers let its pages use S3 by TLS only", "use the certificate on both listeners (--tls-on both), or set --external-url to an https URL of S3");
        }

        if (!options.Control.IsLoopback && options.Tls is not { OnControl: true })
        {
            yield return Finding.Warning($"the control address {options.Control} is reached from other machines and not encrypted: tokens can be read on the way", "listen on loopback, or set --tls-cert and --tls-key");
        }
    }
}
