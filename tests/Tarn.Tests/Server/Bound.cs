using Tarn.Server.Configuration;

namespace Tarn.Tests.Server;

/// <summary>Binds options as <c>tarn serve</c> does, from flags and variables given as pairs.</summary>
internal static class Bound
{
    public static ServerOptions From(Dictionary<string, string[]>? flags = null, Dictionary<string, string>? variables = null) =>
        ServerOptionsBinder.Bind(SettingValues.Collect(
            setting => flags?.GetValueOrDefault(setting.Flag), variables ?? []));

    public static string Refusal(Dictionary<string, string[]>? flags = null, Dictionary<string, string>? variables = null) =>
        Assert.Throws<StartupException>(() => From(flags, variables)).Message;
}
