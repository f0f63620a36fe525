using Tarn.Server.Storage;

namespace Tarn.Server.Identity;

/// <summary>Files of the data directory that identities are in, beside the metadata.</summary>
/// <param name="MasterKey">The master key, where none is configured.</param>
/// <param name="RootCredentials">What older builds kept of the root user.</param>
internal sealed record IdentityFiles(string MasterKey, string RootCredentials)
{
    public static IdentityFiles Of(DataDirectory data) => new(data.MasterKey, data.RootCredentials);
}
