using Tarn.Server.Storage;

namespace Tarn.Server.Identity;

/// <summary>The files of the data directory that hold identities outside of the metadata.</summary>
/// <param name="MasterKey">The generated master key, used if none is configured.</param>
/// <param name="RootCredentials">The root user's credentials, as older builds stored them.</param>
internal sealed record IdentityFiles(string MasterKey, string RootCredentials)
{
    /// <summary>The files of a data directory.</summary>
    public static IdentityFiles Of(string root) => new(Path.Combine(root, DataDirectory.MasterKeyName), Path.Combine(root, DataDirectory.RootCredentialsName));
}
