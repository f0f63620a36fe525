namespace Tarn.Server.Configuration;

/// <summary>Reads the values that settings of several commands have.</summary>
internal static class SettingReaders
{
    /// <exception cref="StartupException">It is no address.</exception>
    public static ListenAddress Address(SettingValue value) =>
        ListenAddress.TryParse(value.Single(), out ListenAddress? address)
            ? address
            : throw value.Refusal($"'{value.Single()}' is not ADDR:PORT, [IPv6]:PORT, localhost:PORT or :PORT");

    /// <exception cref="StartupException">It is no duration.</exception>
    public static TimeSpan LongDuration(SettingValue value) =>
        Duration.TryParse(value.Single(), out long seconds) && seconds <= 10L * 366 * 86_400
            ? TimeSpan.FromSeconds(seconds)
            : throw value.Refusal($"'{value.Single()}' is not a duration such as 90s, 15m, 12h or 7d, of at most ten years");

    /// <summary>Names of domains, in lower case.</summary>
    /// <exception cref="StartupException">One of them is none.</exception>
    public static List<string> Domains(SettingValue? value)
    {
        var domains = new List<string>();
        foreach (string text in value?.Texts ?? [])
        {
            string domain = text.TrimEnd('.').ToLowerInvariant();
            if (domain.Length is 0 or > 253
                || !domain.Split('.').All(label => label.Length is > 0 and <= 63
                    && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')))
            {
                throw value!.Refusal($"'{text}' is not a domain name");
            }

            domains.Add(domain);
        }

        return domains;
    }

    /// <exception cref="StartupException">It is no level.</exception>
    public static LogLevel Level(SettingValue value) => value.Choice(
        ("trace", LogLevel.Trace),
        ("debug", LogLevel.Debug),
        ("information", LogLevel.Information),
        ("warning", LogLevel.Warning),
        ("error", LogLevel.Error),
        ("critical", LogLevel.Critical),
        ("none", LogLevel.None));
}
