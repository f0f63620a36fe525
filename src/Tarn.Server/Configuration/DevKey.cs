namespace Tarn.Server.Configuration;

/// <summary>
/// The root key that the documentation names, for servers that only programs of the same machine reach. It is never stored: a store that is served without <c>--dev</c> does not know it.
/// </summary>
internal static class DevKey
{
    public static readonly RootKey Key = new("tarndev", "tarndevsecret");

    /// <summary>The root user's key: the configured one; or with <c>--dev</c> this one; or null, and the data directory holds one.</summary>
    /// <exception cref="StartupException">The configured key breaks a rule or is this one without <c>--dev</c>; or others could use this one.</exception>
    public static (RootKey? Key, bool IsDev) Bind(SettingValues values, ListenAddress s3, ListenAddress control, ListenAddress? accelerators)
    {
        SettingValue? secret = values.FindSecret(Settings.RootSecretKey);
        RootKey? configured = RootKeyRules.Bind(values.FindSecret(Settings.RootAccessKey), secret);
        SettingValue dev = values.Get(Settings.Dev);

        // The commands read the same variables, so that a shell may have them set for a server with this key.
        bool isDev = dev.Switch() && (configured is null || configured == Key);
        if (isDev)
        {
            ThrowIfReachable(dev, values.Get(Settings.S3), s3);
            ThrowIfReachable(dev, values.Get(Settings.Control), control);
            if (accelerators is not null)
            {
                ThrowIfReachable(dev, values.Get(Settings.Accelerators), accelerators);
            }

            foreach (Setting setting in (ReadOnlySpan<Setting>)[Settings.ExternalUrl, Settings.TrustedProxy, Settings.ShareUrl])
            {
                if (values.Find(setting) is { } proxied)
                {
                    throw FromElsewhere(dev, proxied);
                }
            }

            // A server of this machine that serves the console while it is changed.
            if (values.Find(Settings.ConsoleUrl) is { } console && !(Uri.TryCreate(console.Single(), UriKind.Absolute, out Uri? page) && LoopbackNames.Has(page.Host)))
            {
                throw FromElsewhere(dev, console);
            }

            if (values.Find(Settings.Mirror) is { } mirrored)
            {
                throw dev.Refusal($"{mirrored.Label} keeps data that must not be lost, and everyone knows the key of the documentation: {Remedy}");
            }

            // Browsers tell a server of localhost by which site a page is, but not one of another name, which a page from elsewhere could use.
            if (values.Find(Settings.Domain) is { } domains && domains.Texts.Any(static text => !LoopbackNames.IsLocalhost(text.TrimEnd('.'))))
            {
                throw dev.Refusal($"{domains.Label} may only be localhost or a name below it, since pages from elsewhere can use other names and everyone knows the key of the documentation: leave it out, or {Remedy}");
            }

            return (Key, true);
        }

        // Where it is refused, also with another id: a store would be as open with it.
        return configured?.SecretKey == Key.SecretKey
            ? throw secret!.Refusal($"this is the secret key of the documentation, which everyone knows: choose another, or use {Settings.Dev.Flag}")
            : (configured, false);
    }

    private static StartupException FromElsewhere(SettingValue dev, SettingValue proxied) =>
        dev.Refusal($"a proxy ({proxied.Label}) brings requests from elsewhere, where everyone knows the key of the documentation: {Remedy}");

    private static string Remedy => $"set {Settings.RootAccessKey.Variable} and {Settings.RootSecretKey.Variable}";

    private static void ThrowIfReachable(SettingValue dev, SettingValue listener, ListenAddress address)
    {
        if (!address.IsLoopback)
        {
            throw dev.Refusal(
                $"{listener.Label} {listener.Single()} is reached from other machines, where everyone knows the key of the documentation: listen on 127.0.0.1, [::1] or localhost, or {Remedy}");
        }
    }
}
