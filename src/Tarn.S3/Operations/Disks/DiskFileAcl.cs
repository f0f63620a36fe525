using Tarn.Core.Model;
using Tarn.S3.Access;
using Tarn.S3.Requests;

namespace Tarn.S3.Operations.Disks;

/// <summary>GET ?acl of a file: only the owner has access.</summary>
internal sealed class DiskFileAcl(DiskObject files, AclXml xml) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        await files.LookAsync(context, context.FoundDisk!);
        string owner = context.AnyBucket.OwnerId;
        await xml.WriteAsync(context, owner, AccessControlList.Private(owner).Grants);
    }
}
