using Tarn.Core.Identity;

namespace Tarn.Server.Configuration;

/// <summary>Checks a configured root key: an access key id of 3 to 128 characters and a secret of at least 8, both or neither.</summary>
internal static class RootKeyRules
{
    /// <exception cref="StartupException">One is missing or breaks a rule. The message never contains the secret.</exception>
    public static RootKey? Bind(SettingValue? accessKey, SettingValue? secretKey)
    {
        if (accessKey is null && secretKey is null)
        {
            return null;
        }

        if (accessKey is null || secretKey is null)
        {
            Setting missing = accessKey is null ? Settings.RootAccessKey : Settings.RootSecretKey;
            throw (accessKey ?? secretKey)!.Refusal($"needs {missing.Variable} as well: set both or neither");
        }

        string id = accessKey.Single();
        if (IdentityRules.AccessKeyId(id) is { } wrongId)
        {
            throw accessKey.Refusal(wrongId);
        }

        string secret = secretKey.Single();
        return IdentityRules.Secret(secret) is { } wrongSecret ? throw secretKey.Refusal(wrongSecret) : new RootKey(id, secret);
    }
}
