using Tarn.Core.Access;
using Tarn.Server.Control.Access;
using Tarn.Server.Hosting;

namespace Tarn.Server.Control;

/// <summary>The endpoints of access control.</summary>
internal static class AccessEndpoints
{
    public static void AddTo(ControlApi api, S3Endpoint s3, TimeProvider time)
    {
        ExplainAccess.AddTo(api, s3.Identity.Store, s3.Identity.Credentials, s3.Explainer, s3.Denials, time);
        FindMissingPrincipals.AddTo(api, new StoredAccounts(s3.Identity.Store));
    }
}
