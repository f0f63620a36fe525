using Tarn.Core.Identity;
using Tarn.TestKit.Hosting;

namespace Tarn.Tests.Server;

/// <summary>Sessions of the console as an access key begins them, without a request.</summary>
internal static class KeySessions
{
    /// <summary>Begins one of the root user, who has the key.</summary>
    public static async Task<NewTemporaryKey> BeginAsync(InProcessServer server, string accessKey)
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        Credential root = (await server.Get<ICredentialSource>().FindAsync(accessKey, cancellationToken))!;
        return await server.Get<IdentityStore>().TemporaryKeys.IssueAsync(
            new TemporaryKeyRequest
            {
                Organization = root.Principal.OrganizationId, Source = TemporaryKeySource.AccessKey, Parent = root.AccessKeyId, ParentKey = root, Life = TimeSpan.FromMinutes(15), WithToken = false, ProofHash = new byte[32],
            },
            cancellationToken);
    }
}
