using System.Globalization;
using Tarn.Server.Configuration;

namespace Tarn.Server.Cli.Status;

/// <summary>The control address of the server that the settings of this environment start, for commands beside it, such as a container's health check.</summary>
internal static class LocalServer
{
    /// <exception cref="StartupException">The settings are wrong.</exception>
    public static Uri Endpoint(SettingValues values)
    {
        string text = values.Get(Settings.Control).Single();
        if (!ListenAddress.TryParse(text, out ListenAddress? address))
        {
            throw values.Get(Settings.Control).Refusal($"'{text}' is not ADDR:PORT");
        }

        bool isTls = TlsOptionsBinder.Bind(values, address) is { OnControl: true };
        return new Uri(string.Create(CultureInfo.InvariantCulture, $"{(isTls ? "https" : "http")}://{address.LocalHost}:{address.Port}/"));
    }
}
