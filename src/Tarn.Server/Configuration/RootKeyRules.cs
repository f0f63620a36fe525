using Tarn.Core.Identity;

namespace Tarn.Server.Configuration;

/// <summary>What a root key must look like: access key id of 3 to 128 characters, secret of 8 or more, both or neither.</summary>
internal static class RootKeyRules
{
    /// <exception cref="StartupException">One is missing or breaks a rule. The secret is never repeated.</exception>
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
