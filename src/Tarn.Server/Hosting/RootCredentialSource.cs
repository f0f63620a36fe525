using Tarn.Core.Identity;
using Tarn.Server.Configuration;

namespace Tarn.Server.Hosting;

/// <summary>Knows one access key: the root user's.</summary>
internal sealed class RootCredentialSource(RootIdentity root) : ICredentialSource
{
    private readonly Credential _credential = new(
        root.Key.AccessKey,
        root.Key.SecretKey,
        new Principal(root.CanonicalId, RootIdentity.DisplayName, root.Key.AccessKey)
        {
            OrganizationId = RootIdentity.OrganizationId,
            UserId = RootIdentity.OrganizationId,
        },
        Expires: null);

    public ValueTask<Credential?> FindAsync(string accessKeyId, CancellationToken cancellationToken) =>
        ValueTask.FromResult(accessKeyId == _credential.AccessKeyId ? _credential : null);
}
