using Tarn.Core.Identity;
using Tarn.S3.Telemetry;

namespace Tarn.Server.Requests;

/// <summary>Notes the permanent access keys of S3 requests that were authenticated, whether or not they were allowed. Temporary ones are gone soon.</summary>
internal sealed class AccessKeySightings(AccessKeyUses uses) : IFinishedRequestSink
{
    public bool ReadsHttp(FinishedRequest request) => false;

    public void Add(FinishedRequest request)
    {
        if (request.Principal is { HasPermanentKey: true } principal)
        {
            uses.Note(principal.AccessKeyId, request.Started, request.Remote);
        }
    }
}
