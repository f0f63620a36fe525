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
            throw (accessKey ?? secretKey)!.Refuse($"needs {missing.Variable} as well: set both or neither");
        }

        string id = accessKey.Single();
        if (id.Length is < 3 or > 128)
        {
            throw accessKey.Refuse("must have 3 to 128 characters");
        }

        // The id stands between slashes and commas in the credential scope of a signature.
        if (!id.All(c => c is > ' ' and < (char)0x7F && c is not ('/' or ',' or '=')))
        {
            throw accessKey.Refuse("must be printable ASCII without spaces, '/', ',' and '='");
        }

        string secret = secretKey.Single();
        return secret.Length >= 8 ? new RootKey(id, secret) : throw secretKey.Refuse("must have at least 8 characters");
    }
}
