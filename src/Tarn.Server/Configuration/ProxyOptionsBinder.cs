using Tarn.Core.Disks.Catalog;

namespace Tarn.Server.Configuration;

/// <summary>Binds the settings about proxies.</summary>
internal static class ProxyOptionsBinder
{
    /// <exception cref="StartupException">A value is wrong, or one is missing.</exception>
    public static ProxyOptions Bind(SettingValues values)
    {
        AddressList? trusted = Trusted(values.Find(Settings.TrustedProxy));
        SettingValue protocol = values.Get(Settings.ProxyProtocol);
        bool isProxied = protocol.Switch();
        return isProxied && trusted is null
            ? throw protocol.Refusal($"needs {Settings.TrustedProxy.Flag} as well")
            : new ProxyOptions(trusted, values.Find(Settings.ExternalUrl) is { } url ? External(url) : null, isProxied);
    }

    private static AddressList? Trusted(SettingValue? value)
    {
        if (value is null)
        {
            return null;
        }

        // An empty list allows every address.
        return !AddressList.TryParse(value.Texts, out AddressList list, out string? bad)
            ? throw value.Refusal($"'{bad}' is neither an address nor a network in CIDR notation")
            : list.IsAny ? null : list;
    }

    private static ExternalUrl External(SettingValue value) =>
        ExternalUrl.TryParse(value.Single(), out ExternalUrl? url)
            ? url
            : throw value.Refusal($"'{value.Single()}' is not like https://s3.example.com or https://example.com:8443/s3");
}
