namespace Tarn.Server.Configuration;

/// <summary>Binds the TLS settings: PEM or PKCS #12, and which listeners use it.</summary>
internal static class TlsOptionsBinder
{
    /// <exception cref="StartupException">Half of a pair is missing, or both forms are given.</exception>
    public static TlsOptions? Bind(SettingValues values, ListenAddress control)
    {
        (bool s3, bool onControl) = values.Get(Settings.TlsOn).Choice(
            ("auto", (true, !control.IsLoopback)),
            ("s3", (true, false)),
            ("control", (false, true)),
            ("both", (true, true)));
        return BindFiles(values, s3, onControl);
    }

    /// <summary>Binds the settings that name the certificate.</summary>
    /// <exception cref="StartupException">Half of a pair is missing, or both forms are given.</exception>
    public static TlsOptions? BindFiles(SettingValues values, bool onS3, bool onControl)
    {
        SettingValue? certificate = values.Find(Settings.TlsCert);
        SettingValue? key = values.Find(Settings.TlsKey);
        SettingValue? pfx = values.Find(Settings.TlsPfx);
        if (pfx is not null && (certificate ?? key) is { } pem)
        {
            throw pem.Refusal($"cannot be combined with {pfx.Label}");
        }

        if (certificate is null != key is null)
        {
            throw (certificate ?? key)!.Refusal($"needs {(certificate is null ? Settings.TlsCert : Settings.TlsKey).Flag} as well");
        }

        string? password = values.FindSecret(Settings.TlsPassword)?.Single();
        return pfx is not null ? new TlsOptions(Path.GetFullPath(pfx.Single()), null, password, onS3, onControl)
            : certificate is not null ? new TlsOptions(
                Path.GetFullPath(certificate.Single()), Path.GetFullPath(key!.Single()), password, onS3, onControl)
            : null;
    }
}
