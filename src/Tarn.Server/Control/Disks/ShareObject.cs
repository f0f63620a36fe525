using Tarn.Core.Buckets;
using Tarn.Core.Model;
using Tarn.Core.Sharing;

namespace Tarn.Server.Control.Disks;

/// <summary><c>POST /api/shares</c>: a link to an object, made by the root user of the organization that owns the bucket.</summary>
internal static class ShareObject
{
    public static void AddTo(ControlApi api, DiskServices services) =>
        api.Add("POST", "/api/shares", async request =>
        {
            request.RequireRootOf(request.Principal.OrganizationId);
            ObjectShareBody body = request.Read(ControlJson.Default.ObjectShareBody);
            DiskServices.Life(body.ExpiresIn);
            Bucket? bucket = BucketName.TryParse(body.Bucket, out BucketName name)
                ? await services.Objects.Buckets.FindAsync(name, request.CancellationToken)
                : null;
            if (bucket is null || bucket.OwnerId != request.Principal.OwnerId)
            {
                throw ControlRefusalException.NotFound("there is no such bucket of this organization");
            }

            if (!ObjectKey.TryCreate(body.Key, out ObjectKey key)
                || await services.Objects.Reader.FindAsync(bucket, key, body.VersionId, request.CancellationToken) is not { IsDeleteMarker: false })
            {
                throw ControlRefusalException.NotFound("there is no such object");
            }

            var target = new ShareTarget(bucket.Name.Value, bucket.Id, key.Utf8, body.VersionId);
            return ControlAnswer.Of(
                await services.ShareAsync(request, request.Principal.OrganizationId, target, body.ExpiresIn), ControlJson.Default.NewShareView);
        });
}
