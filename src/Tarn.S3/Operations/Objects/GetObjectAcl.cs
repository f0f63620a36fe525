using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Reading;
using Tarn.S3.Access;
using Tarn.S3.Reading;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Objects;

/// <summary>GET /bucket/key?acl; with ACLs disabled, the list that gives the owner full control. Source: Amazon S3 API Reference, GetObjectAcl.</summary>
internal sealed class GetObjectAcl(ObjectReader reader, AclXml xml) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        StoredObject found = await ObjectLookup.FindAsync(context, reader);
        VersionParameter.Write(context.Response, context.RequiredBucket, found);
        bool counts = context.FoundAccess.TakesAcls;
        string owner = counts ? found.OwnerId : context.RequiredBucket.OwnerId;
        await xml.WriteAsync(context, owner, ((counts ? found.Metadata.Acl : null) ?? AccessControlList.Private(owner)).Grants);
    }
}
